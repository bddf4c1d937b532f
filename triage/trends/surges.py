"""Surges: claims that just now come more often than is usual, new ones above all.

People are counted, not messages: who sends one thing fifty times is one sender, and so are all of a village
whose browsers are not known. What is usual is learned from the tallies of the past weeks (`surprise`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from triage import events
from triage.alerts import owing
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.regions import local_time
from triage.tables import Submission, Surge, TallyHour
from triage.trends import surprise
from triage.trends.by_time import MESSAGE_GROUP
from triage.trends.calendar import HOUR, hour_of
from triage.trends.surprise import LEAST_SENDERS, STILL_UNUSUAL, WINDOWS, Usual

# What is usual changes slowly, and is read over many rows.
LEARN_EVERY = timedelta(minutes=15)
LEARN_FROM = timedelta(weeks=8)
# What a claim brings regularly, leaving out what may be the rise itself.
_OWN_FROM, _OWN_UNTIL = timedelta(weeks=4), timedelta(hours=6)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Rise:
    """How a claim comes just now: `observed` senders since `since` from `villages`, where about `expected`
    are usual; `chance`: how likely that is without a cause. `regular`: it comes all the time.
    """

    group_id: int
    since: datetime
    observed: int
    expected: float
    villages: int
    chance: float
    regular: bool

    @property
    def score(self) -> float:
        """See `Surge.score`."""
        return surprise.score(self.chance)


class _Came(NamedTuple):
    at: datetime
    sender: str
    village: str | None


class _Own(NamedTuple):
    """What a claim brought before: messages an hour, and whether it was about in many hours."""

    an_hour: float = 0.0
    regular: bool = False


class SurgeWatch:
    """Looks for surges in one installation, and remembers what is usual there."""

    def __init__(self) -> None:
        self._usual: Usual | None = None
        self._learned_at: datetime | None = None

    def watch(self, store: Store, config: Config) -> None:
        """Open surges that begin, bring those up to date that go on, end those that are over.

        Safe to run on any number of workers: of each claim at most one surge goes on.
        """
        moment = now()
        with store.read() as session:
            usual = self._learned(session, config, moment)
            rises = look(session, config, usual, moment)
            going_on = set(session.scalars(select(Surge.group_id).where(Surge.ended_at.is_(None))))
        begun = [
            rise
            for rise in rises.values()
            if rise.group_id not in going_on and rise.chance <= usual.line(regular=rise.regular)
        ]
        if begun or going_on:
            with store.write() as session:
                _go_on(session, rises, moment)
                for rise in begun:
                    _open(session, rise, moment)
                if begun:
                    owing.owe(session, config)

    def _learned(self, session: Session, config: Config, moment: datetime) -> Usual:
        # A clock that was set back must not keep what is usual for ever.
        old = self._learned_at is None or not timedelta() <= moment - self._learned_at < LEARN_EVERY
        if self._usual is None or old:
            self._usual, self._learned_at = learn(session, config, moment), moment
        return self._usual


def learn(session: Session, config: Config, moment: datetime) -> Usual:
    """Learn what is usual from the whole hours of the last weeks; claims that surged are left out."""
    end = hour_of(moment)
    first = session.scalar(select(func.min(TallyHour.begins)))
    start = max(end - LEARN_FROM, first) if first else end
    past = (TallyHour.begins >= start, TallyHour.begins < end)
    by_hour = dict(
        session.execute(
            select(TallyHour.begins, func.sum(TallyHour.messages)).where(*past).group_by(TallyHour.begins)
        ).all()
    )
    hours = int((end - start) / HOUR)
    totals = [
        (int(_hour_of_week(config, start + number * HOUR)), int(by_hour.get(start + number * HOUR, 0)))
        for number in range(hours)
    ]
    surged = select(Surge.group_id)
    claim_hours = (*past, TallyHour.group_id > 0, TallyHour.group_id.not_in(surged))
    hours_about = func.count(TallyHour.begins.distinct()).label("hours")
    # What comes all the time is known by its own rate: its numbers say nothing of other claims.
    regular = (
        select(TallyHour.group_id, hours_about)
        .where(*claim_hours)
        .group_by(TallyHour.group_id)
        .having(hours_about > surprise.REGULAR_HOURS)
        .subquery()
    )
    cells = (
        select(func.sum(TallyHour.messages).label("messages"))
        .where(*claim_hours, TallyHour.group_id.not_in(select(regular.c.group_id)))
        .group_by(TallyHour.begins, TallyHour.group_id)
        .subquery()
    )
    claims: dict[int, int] = dict(
        session.execute(select(cells.c.messages, func.count()).group_by(cells.c.messages)).all()
    )
    hours_regular = int(session.scalar(select(func.sum(regular.c.hours))) or 0)
    return surprise.usual(totals, claims, hours_regular, (end - start) / _WEEK)


def look(session: Session, config: Config, usual: Usual, moment: datetime) -> dict[int, Rise]:
    """Return, of each claim that several people sent just now, the more surprising of its windows."""
    came = _came(session, moment - max(WINDOWS))
    own, until = _own(session, came, moment), _hour_of_week(config, moment)
    spans = [(moment - window, usual.busy(window, until)) for window in WINDOWS]
    return {
        number: min(
            (_rise(usual, number, messages, own.get(number, _Own()), *span) for span in spans),
            key=lambda rise: rise.chance,
        )
        for number, messages in came.items()
    }


def _rise(
    usual: Usual, number: int, messages: Sequence[_Came], own: _Own, since: datetime, busy: float
) -> Rise:
    within = [message for message in messages if message.at > since]
    senders = len({message.sender for message in within})
    expected = usual.expected(busy, own.an_hour)
    return Rise(
        group_id=number,
        since=since,
        observed=senders,
        expected=1 + expected,
        villages=len({message.village for message in within} - {None}),
        chance=usual.chance(senders, expected) if senders >= LEAST_SENDERS else 1.0,
        regular=own.regular,
    )


def _came(session: Session, since: datetime) -> dict[int, list[_Came]]:
    """Return what came since then, by claim, of those that several people sent."""
    rows = session.execute(
        select(MESSAGE_GROUP, Submission.created_at, Submission.reporter_hash, Submission.village).where(
            Submission.created_at > since, MESSAGE_GROUP > 0
        )
    )
    found: defaultdict[int, list[_Came]] = defaultdict(list)
    for number, at, reporter, village in rows:
        found[number].append(_Came(at, reporter or village or "", village))
    return {
        number: messages
        for number, messages in found.items()
        if len({message.sender for message in messages}) >= LEAST_SENDERS
    }


def _own(session: Session, groups: Collection[int], moment: datetime) -> dict[int, _Own]:
    start, end = moment - _OWN_FROM, moment - _OWN_UNTIL
    rows = session.execute(
        select(TallyHour.group_id, func.sum(TallyHour.messages), func.count(TallyHour.begins.distinct()))
        .where(TallyHour.group_id.in_(groups), TallyHour.begins >= start, TallyHour.begins < end)
        .group_by(TallyHour.group_id)
    )
    return {
        number: _Own(int(messages) / ((end - start) / HOUR), hours > surprise.REGULAR_HOURS)
        for number, messages, hours in rows
    }


def _hour_of_week(config: Config, moment: datetime) -> float:
    """Return how many hours of the region's week have gone by."""
    local = moment.astimezone(local_time(config.wilayah).zone)
    return local.weekday() * 24 + local.hour + local.minute / 60


def _open(session: Session, rise: Rise, moment: datetime) -> None:
    if session.scalar(select(Surge.id).where(Surge.group_id == rise.group_id, Surge.ended_at.is_(None))):
        # Another worker was quicker.
        return
    surge = Surge(
        group_id=rise.group_id, found_at=moment, since=rise.since, observed=rise.observed,
        expected=rise.expected, score=rise.score, villages=rise.villages, last_at=moment,
    )  # fmt: skip
    session.add(surge)
    session.flush()
    opened(session, surge)


def opened(session: Session, surge: Surge) -> None:
    """Note in the log that a surge begins, inside the transaction that writes it."""
    data = {
        "senders": surge.observed,
        "expected": round(surge.expected, 2),
        "villages": surge.villages,
    }
    events.of_group(session, events.SYSTEM, surge.group_id, "surge", data)


def _go_on(session: Session, rises: dict[int, Rise], moment: datetime) -> None:
    for surge in session.scalars(select(Surge).where(Surge.ended_at.is_(None))):
        rise = rises.get(surge.group_id)
        if rise is None or rise.chance > STILL_UNUSUAL:
            surge.ended_at = moment
            continue
        surge.last_at = moment
        if rise.score > surge.score:
            surge.observed, surge.expected, surge.score = rise.observed, rise.expected, rise.score
        surge.villages = max(surge.villages, rise.villages)
