"""Assessment: a new message is recognised, grouped and routed to an answer or to the queue.

fingerprint -> (known: join) -> match -> band -> answered at once, or waiting for a verifier. The encoder runs
outside any transaction; what it found is written with the deletion of the outbox row, or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import fingerprint, priority
from models.fingerprint import Fingerprint
from models.near_copies import nearness, share_a_key
from models.text import urls, words
from models.types import Harm, MatchResult
from triage import answers, grouping, outbox, urgency
from triage.answers import Missing
from triage.archive import entries
from triage.columns import now
from triage.db import Store
from triage.events import SYSTEM
from triage.intake import whole
from triage.outbox import Job
from triage.states import ANSWERABLE, move
from triage.suggesting import answering, doubt, suggest
from triage.tables import ClaimGroup, Submission

# Fewer words than this say too little to be checked, unless a link comes with them.
MIN_WORDS = 3
# Submissions per write transaction: intake waits no longer than for a few of them.
CHUNK = 4
# Seconds between two of them: who waits for SQLite looks again every 25 ms, and finds it taken each time when
# one transaction follows another.
GIVE_WAY = 0.03


class Matching(Protocol):
    """What assessment needs of matching."""

    def match(self, texts: Sequence[str]) -> list[MatchResult]:
        """Match texts against the archive as it stands; `target_id` is the fact-check's number."""
        ...


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A claimed submission with what could be computed before the transaction."""

    job: Job
    text: str
    missing: Missing
    print_: Fingerprint


@dataclass(frozen=True, slots=True)
class _Found:
    """What the models say of a message that was never seen before; worked out before the transaction."""

    match: MatchResult
    harm: Harm


def assess(store: Store, matching: Matching, jobs: Sequence[Job]) -> None:
    """Assess the submissions that the jobs name; safe to run twice, on any number of workers."""
    prepared = _prepare(store, jobs)
    results = _match_unknown(store, matching, prepared)
    for start in range(0, len(prepared), CHUNK):
        if start:
            time.sleep(GIVE_WAY)
        with store.write() as session:
            for item in prepared[start : start + CHUNK]:
                submission = session.get_one(Submission, item.job.ref)
                if outbox.settle(session, item.job) and submission.state == "received":
                    _record(session, submission, item, results.get(item.print_.digest))


def missing_from(text: str, url: str | None) -> Missing:
    """Say what a message lacks to be checkable: any `text` at all, or `context` around a word or two."""
    found = sum(word.isalpha() for word in words(text))
    if url or found >= MIN_WORDS or urls(text):
        return ""
    return "context" if found else "text"


def _prepare(store: Store, jobs: Sequence[Job]) -> list[_Prepared]:
    by_ref = {job.ref: job for job in jobs}
    with store.read() as session:
        found = session.scalars(
            select(Submission).where(Submission.id.in_(by_ref)).order_by(Submission.id)
        ).all()
    return [
        _Prepared(
            job=by_ref[submission.id],
            text=whole(submission.text, submission.url),
            missing=missing_from(submission.text, submission.url),
            print_=fingerprint.fingerprint(submission.text, submission.url),
        )
        for submission in found
    ]


def _match_unknown(store: Store, matching: Matching, prepared: Sequence[_Prepared]) -> dict[str, _Found]:
    """Match each wording that was never seen before, near-copies of it in this batch left out; by digest."""
    unknown: list[_Prepared] = []
    with store.read() as session:
        for item in prepared:
            if (
                not item.missing
                and not grouping.find_known(session, item.print_)
                and not any(_near(earlier.print_, item.print_) for earlier in unknown)
            ):
                unknown.append(item)
    if not unknown:
        return {}
    results = matching.match([item.text for item in unknown])
    return {
        item.print_.digest: _Found(result, priority.likely_harm(item.text))
        for item, result in zip(unknown, results, strict=True)
    }


def _near(earlier: Fingerprint, later: Fingerprint) -> bool:
    # By the same rule as `grouping.find_known`, which finds the earlier one once it is recorded.
    return share_a_key(earlier, later) and nearness(earlier, later) > 0


def _record(session: Session, submission: Submission, item: _Prepared, found: _Found | None) -> None:
    if item.missing:
        move(session, submission, "assess", SYSTEM, {"missing": item.missing})
        answers.ask_back(session, submission, item.missing)
        return
    group, how = _group_for(session, submission, item, found)
    grouping.join(session, group, submission)
    grouping.remember(session, group.id, item.print_)
    move(session, submission, "assess", SYSTEM, {"group": group.id, "how": how})
    if group.fact_check_id is not None and group.state in (*ANSWERABLE, "assessed"):
        fact_check = entries.current(session, group.fact_check_id)
        answers.answer(session, submission, fact_check, via="band" if how == "match" else "known")
        if group.state == "assessed":
            move(session, group, "answer", SYSTEM, {"fact_check": fact_check.id})
    else:
        urgency.update(group, now())
        if group.state == "assessed":
            move(session, group, "queue", SYSTEM, {"band": group.band})


def _group_for(
    session: Session, submission: Submission, item: _Prepared, found: _Found | None
) -> tuple[ClaimGroup, Literal["known", "match", "new"]]:
    known = grouping.find_known(session, item.print_)
    if known:
        return grouping.united(session, known), "known"
    if found is None:
        # What was known before the transaction still is, and of near-copies in one batch the earlier one is
        # recorded first, unless another worker took it and has not yet: the next try finds it.
        raise LookupError(f"no match result for submission {submission.id}")
    certain = answering(session, found.match)
    if certain is not None:
        answered = grouping.find_answered(session, certain)
        if answered is not None:
            return answered, "match"
    group = _new_group(session, submission, found, certain)
    return group, "match" if certain is not None else "new"


def _new_group(session: Session, submission: Submission, found: _Found, certain: int | None) -> ClaimGroup:
    result = found.match
    group = grouping.begin(
        session,
        submission,
        band="review" if result.band == "answer" and certain is None else result.band,
        harm=found.harm,
        doubt=doubt(result),
        model_version=result.model_version,
        fact_check_id=certain,
    )
    suggest(session, group, result)
    return group
