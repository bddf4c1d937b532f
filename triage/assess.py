"""Assessment: a new message is recognised, grouped and routed to an answer or to the queue.

fingerprint -> (known: join) -> match -> band -> answered at once, or waiting for a verifier. The encoder runs
outside any transaction; what it found is written with the deletion of the outbox row, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import fingerprint, priority
from models.fingerprint import Fingerprint
from models.near_copies import nearness, share_a_key
from models.text import urls, words
from models.types import Harm, MatchResult
from triage import answers, events, grouping, metrics, outbox, urgency
from triage.answers import Missing
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.db import Store
from triage.events import SYSTEM
from triage.intake import whole
from triage.outbox import Job
from triage.review.reopening import left_to_people
from triage.states import ANSWERABLE, move
from triage.suggesting import answering, doubt, suggest
from triage.tables import ClaimGroup, Submission

_log = structlog.get_logger(__name__)
# Fewer words than this say too little to be checked, unless a link comes with them.
MIN_WORDS = 3
# So many repeats are recorded in one write transaction, which itself costs as much as a few of them; what is
# new counts as so many. Meanwhile intake waits: about ten milliseconds.
TURN, NEW = 8, 4


How = Literal["thin", "known", "match", "new"]


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


class _Recorded(NamedTuple):
    """A submission whose assessment is written. Its group is held until the end of the transaction: what
    nobody holds would be read anew for each message that says the same.
    """

    submission: Submission
    how: How
    group: ClaimGroup | None


@dataclass(frozen=True, slots=True)
class _Turn:
    """One write transaction and what it has read once for all messages that it records.

    `newest`: the newest wording that was known when the messages were matched. `homes`: see `grouping.homes`.
    `groups`: these, held so that they are read once.
    """

    session: Session
    newest: int
    homes: dict[str, int]
    groups: Sequence[ClaimGroup]
    facts: dict[int, CurrentFactCheck] = field(default_factory=dict)

    def fact_check(self, number: int) -> CurrentFactCheck:
        """Return a fact-check as it stands."""
        if number not in self.facts:
            self.facts[number] = entries.current(self.session, number)
        return self.facts[number]


def assess(store: Store, matching: Matching, jobs: Sequence[Job]) -> None:
    """Assess the submissions that the jobs name; safe to run twice, on any number of workers."""
    prepared = _prepare(store, jobs)
    newest, results = _match_unknown(store, matching, prepared)
    for some in _turns(prepared, results):
        _record_some(store, some, newest, results)


def _turns(prepared: Sequence[_Prepared], results: Mapping[str, _Found]) -> Iterator[list[_Prepared]]:
    """Split submissions into what one transaction records."""
    turn: list[_Prepared] = []
    taken = 0
    for item in prepared:
        counts = NEW if item.print_.digest in results else 1
        if turn and taken + counts > TURN:
            yield turn
            turn, taken = [], 0
        turn.append(item)
        taken += counts
    if turn:
        yield turn


def _record_some(
    store: Store, prepared: Sequence[_Prepared], newest: int, results: Mapping[str, _Found]
) -> None:
    """Record what was found of a few submissions, in one transaction."""
    recorded: list[_Recorded] = []
    with metrics.stage("record"), store.write() as session, events.together(session):
        owed = outbox.settle_all(session, [item.job for item in prepared])
        submissions = {row.id: row for row in session.scalars(_these(item.job.ref for item in prepared))}
        homes = grouping.homes(session, (item.print_ for item in prepared))
        groups = session.scalars(select(ClaimGroup).where(ClaimGroup.id.in_(set(homes.values())))).all()
        turn = _Turn(session, newest, homes, groups)
        for item in prepared:
            submission = submissions[item.job.ref]
            if item.job.id in owed and submission.state == "received":
                found = results.get(item.print_.digest)
                recorded.append(_Recorded(submission, *_record(turn, submission, item, found)))
    for submission, how, _ in recorded:
        metrics.ASSESSED.labels(how).inc()
        _log.info("assessed", item=submission.id, how=how, group=submission.group_id, state=submission.state)


def missing_from(text: str, url: str | None) -> Missing:
    """Say what a message lacks to be checkable: any `text` at all, or `context` around a word or two."""
    found = sum(word.isalpha() for word in words(text))
    if url or found >= MIN_WORDS or urls(text):
        return ""
    return "context" if found else "text"


def _prepare(store: Store, jobs: Sequence[Job]) -> list[_Prepared]:
    by_ref = {job.ref: job for job in jobs}
    with store.read() as session:
        found = session.scalars(_these(by_ref).order_by(Submission.id)).all()
    return [
        _Prepared(
            job=by_ref[submission.id],
            text=whole(submission.text, submission.url),
            missing=missing_from(submission.text, submission.url),
            print_=fingerprint.fingerprint(submission.text, submission.url),
        )
        for submission in found
    ]


def _these(numbers: Iterable[int]) -> Select[Submission]:
    return select(Submission).where(Submission.id.in_(numbers))


def _match_unknown(
    store: Store, matching: Matching, prepared: Sequence[_Prepared]
) -> tuple[int, dict[str, _Found]]:
    """Match each wording that was never seen before, near-copies of it in this batch left out; by digest.

    Returns the newest wording that was known then, too.
    """
    unknown: list[_Prepared] = []
    with store.read() as session:
        newest = grouping.newest_wording(session)
        homes = grouping.homes(session, (item.print_ for item in prepared))
        for item in prepared:
            if (
                not item.missing
                and item.print_.digest not in homes
                and not grouping.find_known(session, item.print_, homes)
                and not any(_near(earlier.print_, item.print_) for earlier in unknown)
            ):
                unknown.append(item)
    with metrics.stage("match"):
        results = matching.match([item.text for item in unknown]) if unknown else []
    return newest, {
        item.print_.digest: _Found(result, priority.likely_harm(item.text))
        for item, result in zip(unknown, results, strict=True)
    }


def _near(earlier: Fingerprint, later: Fingerprint) -> bool:
    # By the same rule as `grouping.find_known`, which finds the earlier one once it is recorded.
    return share_a_key(earlier, later) and nearness(earlier, later) > 0


def _record(
    turn: _Turn, submission: Submission, item: _Prepared, found: _Found | None
) -> tuple[How, ClaimGroup | None]:
    session = turn.session
    if item.missing:
        move(session, submission, "assess", SYSTEM, {"missing": item.missing})
        answers.ask_back(session, submission, item.missing)
        return "thin", None
    group, how = _group_for(turn, submission, item, found)
    # Nothing here asks for what is not yet written: a group is written once, for all that joined it.
    with session.no_autoflush:
        grouping.join(session, group, submission)
        grouping.remember(session, group.id, item.print_, turn.homes)
        turn.homes.setdefault(item.print_.digest, group.id)
        move(session, submission, "assess", SYSTEM, {"group": group.id, "how": how})
        _answer_or_queue(turn, group, submission, via="band" if how == "match" else "known")
    return how, group


def _answer_or_queue(turn: _Turn, group: ClaimGroup, submission: Submission, via: str) -> None:
    fact_check = turn.fact_check(group.fact_check_id) if group.fact_check_id is not None else None
    if fact_check is not None and group.state in ANSWERABLE:
        fact_check = None if left_to_people(turn.session, group, fact_check) else fact_check
    if fact_check is not None and group.state in (*ANSWERABLE, "assessed"):
        answers.answer_first(turn.session, submission, fact_check, via=via)
        if group.state == "assessed":
            move(turn.session, group, "answer", SYSTEM, {"fact_check": fact_check.id})
    else:
        urgency.update(group, now())
        if group.state == "assessed":
            move(turn.session, group, "queue", SYSTEM, {"band": group.band})


def _group_for(
    turn: _Turn, submission: Submission, item: _Prepared, found: _Found | None
) -> tuple[ClaimGroup, Literal["known", "match", "new"]]:
    session = turn.session
    with session.no_autoflush:
        # What has a match result was not known when it was matched: only what came since can be it.
        known = grouping.find_known(session, item.print_, turn.homes, since=turn.newest if found else 0)
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
