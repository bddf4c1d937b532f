"""What a run left behind: is everything there that was accepted, and nothing there twice?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.faults.messages import Message
from tests.faults.reporters import Ledger
from triage import accounting, events, receipts
from triage.accounting import Accounts
from triage.config import Config
from triage.db import Store
from triage.tables import Answer, ClaimGroup, Event, Outbox, Sighting, Submission
from triage.tampering import Broken

# Receipts whose status is asked for over HTTP; the store is asked for all of them.
ASKED = 200
STATUSES = {"received", "in_review", "answered", "closed"}


@dataclass(slots=True)
class Verdict:
    """What was found. `lost` and `twice` name each case; `broken_at`: the event that does not fit."""

    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    broken_at: Broken | None = None
    accounts: Accounts | None = None
    # Stored although its sender never heard so: they sent without a key, and were not answered.
    unheard: int = 0

    @property
    def good(self) -> bool:
        """True if nothing is lost, nothing is there twice, and everything adds up."""
        sums = self.accounts is not None and self.accounts.adds_up
        return not self.lost and not self.twice and self.broken_at is None and sums


def judge(store: Store, config: Config, url: str, messages: Iterable[Message], ledger: Ledger) -> Verdict:
    """Hold the store, and what the service says, against what the reporters know."""
    found = Verdict(accepted=len(ledger.receipts))
    hashes = {number: _hash(config, receipt) for number, receipt in ledger.receipts.items()}
    with store.read() as session:
        stored = {row.receipt_hash: row for row in session.scalars(select(Submission))}
        found.lost += _missing(hashes, stored, ledger)
        found.twice += [f"message {number} has two receipts" for number in sorted(ledger.twice)]
        found.twice += _copies(config, messages, hashes, stored, ledger, found)
        found.twice += told_twice(session)
        found.lost += forgotten(session)
        found.broken_at = events.first_break(session)
        found.accounts = accounting.balance(session)
    found.lost += _without_status(url, ledger)
    return found


def _hash(config: Config, receipt: str) -> str:
    return receipts.keyed_hash(config.secret, "receipt", receipt)


def _missing(hashes: dict[int, str], stored: dict[str, Submission], ledger: Ledger) -> list[str]:
    lost = [
        f"message {number} was accepted and is not there"
        for number, each in hashes.items()
        if each not in stored
    ]
    for number in ledger.erased:
        row = stored.get(hashes[number])
        if row is not None and (row.state != "erased" or row.text):
            lost.append(f"message {number} was erased and is still there")
    return lost


def _copies(
    config: Config,
    messages: Iterable[Message],
    hashes: dict[int, str],
    stored: dict[str, Submission],
    ledger: Ledger,
    found: Verdict,
) -> list[str]:
    """Find what is stored and belongs to no message that was sent, or only to one that is there already."""
    keyed = {_hash(config, receipts.receipt_for(config.secret, each.key)) for each in messages if each.key}
    strangers = len(stored.keys() - set(hashes.values()) - keyed)
    found.unheard = strangers
    more = strangers - len(ledger.unsure) - len(ledger.refused)
    return [f"{more} messages are stored that nobody sent"] if more > 0 else []


def told_twice(session: Session) -> list[str]:
    """Find steps that were taken twice, by the event log, by the answers and by the counters of groups."""
    found = []
    rows = session.execute(
        select(Event.subject_id, Event.name, func.count())
        .where(Event.subject == "submission")
        .group_by(Event.subject_id, Event.name)
    )
    times: dict[int, Counter[str]] = {}
    for number, name, often in rows:
        times.setdefault(number, Counter())[name] = often
    for number, each in times.items():
        if each["receive"] > 1 or each["answer"] - each["reopen"] > 1 or each["assess"] > 1 + each["unpark"]:
            found.append(f"submission {number}: {dict(each)}")
    told = select(Answer.submission_id).where(Answer.withdrawn_at.is_(None)).group_by(Answer.submission_id)
    often = session.scalars(told.having(func.count() > 1))
    found += [f"submission {number} has two answers" for number in often]
    return found + _miscounted(session)


def _miscounted(session: Session) -> list[str]:
    """Find groups whose counters tell of more or fewer messages than they have."""
    in_groups = select(Submission.group_id, func.count()).where(Submission.group_id.is_not(None))
    own = dict(session.execute(in_groups.group_by(Submission.group_id)).all())
    counted = select(Sighting.group_id, func.sum(Sighting.times)).group_by(Sighting.group_id)
    seen = dict(session.execute(counted).all())
    groups = select(ClaimGroup.id, ClaimGroup.submissions).where(ClaimGroup.merged_into.is_(None))
    return [
        f"group {number} counts {says}, was seen {seen.get(number, 0)} times and has {own.get(number, 0)}"
        for number, says in session.execute(groups)
        if not says == own.get(number, 0) == seen.get(number, 0)
    ]


def forgotten(session: Session) -> list[str]:
    """Find answers that an event tells of and that are not there, the reverse, and who was passed over."""
    answered = set(session.scalars(select(Submission.id).where(Submission.state == "answered")))
    told = set(session.scalars(select(Answer.submission_id).where(Answer.withdrawn_at.is_(None))))
    erased = set(session.scalars(select(Submission.id).where(Submission.state == "erased")))
    silent, early = sorted(answered - told), sorted(told - answered - erased)
    lost = [f"submission {number} counts as answered, without an answer" for number in silent]
    lost += [f"submission {number} has an answer and waits" for number in early]
    waiting = select(Submission.id).join(ClaimGroup, ClaimGroup.id == Submission.group_id)
    passed_over = waiting.where(Submission.state == "assessed", ClaimGroup.state == "answered")
    return lost + [
        f"submission {number} waits, its group is answered" for number in session.scalars(passed_over)
    ]


def _without_status(url: str, ledger: Ledger) -> list[str]:
    known = sorted(ledger.receipts.items())
    lost = []
    with requests.Session() as session:
        for number, receipt in Random(len(known)).sample(known, min(ASKED, len(known))):
            reply = session.get(f"{url}/api/v1/submissions/{receipt}", timeout=30)
            if reply.status_code != 200 or reply.json()["status"] not in STATUSES:
                lost.append(f"message {number}: its receipt answers {reply.status_code}")
    return lost


def owed(store: Store) -> tuple[int, int]:
    """Count the work that waits for a worker, and what is parked."""
    with store.read() as session:
        counted = select(func.count(Outbox.id), func.count(Outbox.parked_at))
        everything, parked = session.execute(counted).one()
    return everything - parked, parked
