"""Surges: claims that just now come more often than is usual, new ones above all.

People are counted, not messages: who sends one thing fifty times is one sender, and so are all of a village
whose browsers are not known. What is usual is learned from the tallies of the past weeks (`surprise`).
"""

from __future__ import annotations

from collections.abc import Sequence
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
    are usual; `chance`: how likely that is without a cause.
    """

    group_id: int
    since: datetime
    observed: int
    expected: float
    villages: int
    chance: float

    @property
    def score(self) -> float:
        """See `Surge.score`."""
        return surprise.score(self.chance)


class _Seen(NamedTuple):
    senders: int
    villages: int


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
            rise for rise in rises.values() if rise.chance <= usual.line and rise.group_id not in going_on
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


def going_on(session: Session) -> Sequence[Surge]:
    """Return the surges that go on, the most surprising first."""
    return session.scalars(
        select(Surge).where(Surge.ended_at.is_(None)).order_by(Surge.score.desc(), Surge.id)
    ).all()


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
        (_hour_of_week(config, start + number * HOUR), int(by_hour.get(start + number * HOUR, 0)))
        for number in range(hours)
    ]
    surged = select(Surge.group_id)
    claim_hours = (*past, TallyHour.group_id > 0, TallyHour.group_id.not_in(surged))
    hours_about = func.count(TallyHour.begins.distinct())
    # What comes all the time is known by its own rate: its numbers say nothing of other claims.
    regular = (
        select(TallyHour.group_id)
        .where(*claim_hours)
        .group_by(TallyHour.group_id)
        .having(hours_about > surprise.REGULAR_HOURS)
    )
    cells = (
        select(func.sum(TallyHour.messages).label("messages"))
        .where(*claim_hours, TallyHour.group_id.not_in(regular))
        .group_by(TallyHour.begins, TallyHour.group_id)
        .subquery()
    )
    claims: dict[int, int] = dict(
        session.execute(select(cells.c.messages, func.count()).group_by(cells.c.messages)).all()
    )
    return surprise.usual(totals, claims, (end - start) / _WEEK)


def look(session: Session, config: Config, usual: Usual, moment: datetime) -> dict[int, Rise]:
    """Return, of each claim that several people sent just now, the more surprising of its windows."""
    found: dict[int, Rise] = {}
    seen = {window: _seen(session, moment - window) for window in WINDOWS}
    own = _own(session, {number for groups in seen.values() for number in groups}, moment)
    for window, groups in seen.items():
        for number, (senders, villages) in groups.items():
            expected = usual.expected(window, _hour_of_week(config, moment), own.get(number, 0.0))
            rise = Rise(
                number, moment - window, senders, 1 + expected, villages, usual.chance(senders, expected)
            )
            if number not in found or rise.chance < found[number].chance:
                found[number] = rise
    return found


def _seen(session: Session, since: datetime) -> dict[int, _Seen]:
    sender = func.coalesce(Submission.reporter_hash, Submission.village, "")
    senders = func.count(sender.distinct())
    rows = session.execute(
        select(Submission.group_id, senders, func.count(Submission.village.distinct()))
        .where(Submission.created_at > since, Submission.group_id.is_not(None))
        .group_by(Submission.group_id)
        .having(senders >= LEAST_SENDERS)
    )
    return {number: _Seen(people, places) for number, people, places in rows if number is not None}


def _own(session: Session, groups: set[int], moment: datetime) -> dict[int, float]:
    """Return how many messages an hour these claims brought before, on the average of the last weeks."""
    start, end = moment - _OWN_FROM, moment - _OWN_UNTIL
    rows = session.execute(
        select(TallyHour.group_id, func.sum(TallyHour.messages))
        .where(TallyHour.group_id.in_(groups), TallyHour.begins >= start, TallyHour.begins < end)
        .group_by(TallyHour.group_id)
    )
    return {number: int(messages) / ((end - start) / HOUR) for number, messages in rows}


def _hour_of_week(config: Config, moment: datetime) -> int:
    local = moment.astimezone(local_time(config.wilayah).zone)
    return local.weekday() * 24 + local.hour


def _open(session: Session, rise: Rise, moment: datetime) -> None:
    if session.scalar(select(Surge.id).where(Surge.group_id == rise.group_id, Surge.ended_at.is_(None))):
        # Another worker was quicker.
        return
    session.add(
        Surge(
            group_id=rise.group_id, found_at=moment, since=rise.since, observed=rise.observed,
            expected=rise.expected, score=rise.score, villages=rise.villages, last_at=moment,
        )
    )  # fmt: skip
    session.flush()
    data = {"senders": rise.observed, "expected": round(rise.expected, 2), "villages": rise.villages}
    events.of_group(session, events.SYSTEM, rise.group_id, "surge", data)


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
