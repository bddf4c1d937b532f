"""Tallies: how many messages came when, from where and about what, counted beforehand by workers.

No page counts messages: the tallies are a few rows for each hour and day, kept up by the event log. A count
first notes which days the events since the last one touch, then counts these days anew, one after the other,
from the messages themselves. Each day is written with a short transaction that also strikes it off the note,
so a count that is killed goes on where it was, one that is repeated changes nothing, and of two that count
the same day one gives up. Whatever is noted meanwhile notes all that is still to be counted again: which days
a claim's messages lie in is read from the tallies, and those of a day under way are not there yet.

Retention empties messages of who sent them from where. Before any message of a day can be emptied the day's
tallies are final: what happens later (a message of months ago is answered at last) changes them no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.tables import (
    ClaimGroup,
    Event,
    FactCheck,
    Submission,
    TallyCursor,
    TallyDay,
    TallyDue,
    TallyHour,
)
from triage.trends import counting, slices
from triage.trends.calendar import DAY, Span, day_of, span_of

# Events that one step reads: about as much as a busy minute leaves.
STEP = 5_000
# What happens often to a group and changes nothing of how its messages are counted: neither which they are,
# nor what was said of them, nor how harmful it is.
_CHANGES_NOTHING = frozenset({"lease", "release", "expire", "reject", "unreject", "return", "surge"})
_CURSOR = 1
_ASKED_TOGETHER = 500


class _News(NamedTuple):
    """What is new in the event log: up to which event, and the days that must be counted again."""

    seq: int
    days: Sequence[date]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which days were compared with their messages, and of which of them the tallies say something else."""

    days: Sequence[date]
    wrong: Sequence[date]


def count(store: Store, config: Config) -> None:
    """Bring the tallies up to the newest event. Safe to run twice, on any number of workers."""
    while _note(store, config):
        pass
    with store.read() as session:
        due = session.scalars(select(TallyDue.day).order_by(TallyDue.day)).all()
    for day in due:
        _count(store, config, day)


def count_anew(store: Store, config: Config, days: Collection[date]) -> None:
    """Count days again whose tallies are wrong, though no event says so."""
    with store.write() as session:
        seq = counted_to(session)
        session.execute(delete(TallyDue).where(TallyDue.day.in_(days)))
        session.add_all(TallyDue(day=day, seq=seq) for day in days)
    count(store, config)


def compare(session: Session, config: Config, days: Sequence[date]) -> Comparison:
    """Compare the tallies of days with their messages, but where they are final or not yet counted."""
    waiting = _waiting(session, config)
    whole = [day for day in days if day not in waiting and _is_open(session, config, day)]
    wrong = [
        day
        for day in whole
        if counting.of_day(session, config.wilayah, day) != slices.stored(session, config.wilayah, day)
    ]
    return Comparison(whole, wrong)


def last_days(config: Config, number: int) -> list[date]:
    """Return the last days of the region's calendar, the present one first."""
    today = day_of(config.wilayah, now())
    return [today - back * DAY for back in range(number)]


def counted_to(session: Session) -> int:
    """Return the newest event that was looked at, 0 before the first count."""
    found = session.get(TallyCursor, _CURSOR)
    return found.seq if found else 0


def uncounted_since(session: Session) -> datetime | None:
    """Return when the oldest event came that was not looked at yet, None if there is none."""
    return session.scalar(
        select(Event.at).where(Event.seq > counted_to(session)).order_by(Event.seq).limit(1)
    )


def _note(store: Store, config: Config) -> bool:
    """Note what the next events call for; False if there are none, or another does it just now."""
    with store.read() as session:
        cursor = counted_to(session)
        news = _news(session, config, cursor)
    if news.seq == cursor:
        return False
    with store.write() as session:
        if counted_to(session) != cursor:
            return False
        session.execute(delete(TallyDue).where(TallyDue.day.in_(news.days)))
        session.execute(update(TallyDue).values(seq=news.seq))
        session.add_all(TallyDue(day=day, seq=news.seq) for day in news.days)
        session.merge(TallyCursor(id=_CURSOR, seq=news.seq, counted_at=now()))
    return True


def _count(store: Store, config: Config, day: date) -> None:
    with store.read() as session:
        due = _due(session, day)
        if due is None:
            return
        # It may have waited for long.
        is_open = _is_open(session, config, day)
        before = slices.stored(session, config.wilayah, day)
        after = counting.of_day(session, config.wilayah, day) if is_open else before
    with store.write() as session:
        if _due(session, day) != due:
            # Another has counted it, or it changed since: then it is still noted.
            return
        slices.change(session, before, after)
        session.execute(delete(TallyDue).where(TallyDue.day == day))
        session.execute(update(TallyCursor).values(counted_at=now()))


def _due(session: Session, day: date) -> int | None:
    return session.scalar(select(TallyDue.seq).where(TallyDue.day == day))


def _waiting(session: Session, config: Config) -> set[date]:
    """Return the days that are not counted as they stand now."""
    found, cursor = set(session.scalars(select(TallyDue.day))), counted_to(session)
    for news in _all_news(session, config, cursor):
        found.update(news.days)
    return found


def _all_news(session: Session, config: Config, cursor: int) -> Iterator[_News]:
    while (news := _news(session, config, cursor)).seq != cursor:
        yield news
        cursor = news.seq


def _news(session: Session, config: Config, cursor: int) -> _News:
    rows = session.execute(
        select(Event.seq, Event.subject, Event.subject_id, Event.name, Event.data)
        .where(Event.seq > cursor)
        .order_by(Event.seq)
        .limit(STEP)
    ).all()
    messages = {row.subject_id for row in rows if row.subject == "submission"}
    groups = {row.subject_id for row in rows if row.subject == "group" and row.name not in _CHANGES_NOTHING}
    for row in rows:
        if row.subject == "fact_check" and row.name == "import":
            groups |= _answered_by_changed(session, row.data)
    moments = [
        *_asked(session, select(Submission.created_at), Submission.id, messages),
        # Messages that came since the last count have events of their own.
        *_asked(session, select(TallyHour.begins).distinct(), TallyHour.group_id, groups),
    ]
    days = {day_of(config.wilayah, moment) for moment in moments}
    return _News(
        rows[-1].seq if rows else cursor, sorted(day for day in days if _is_open(session, config, day))
    )


def _answered_by_changed(session: Session, data: dict[str, Any]) -> set[int]:
    """Return the groups whose fact-check an import or a publication wrote."""
    last = int(data["seq"])
    changed = FactCheck.seq.between(last - int(data["added"]) - int(data["updated"]) + 1, last)
    found = select(ClaimGroup.id).join(FactCheck, FactCheck.id == ClaimGroup.fact_check_id).where(changed)
    return set(session.scalars(found))


def _asked(
    session: Session, query: Select[datetime], column: InstrumentedAttribute[int], numbers: Collection[int]
) -> list[datetime]:
    found: list[datetime] = []
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _ASKED_TOGETHER):
        found += session.scalars(query.where(column.in_(ordered[start : start + _ASKED_TOGETHER])))
    return found


def _is_open(session: Session, config: Config, day: date) -> bool:
    """Tell whether a day may be counted anew: its messages are whole, or it was never counted."""
    span = span_of(config.wilayah, day)
    if span.start > now() - config.retention + DAY and not _emptied(session, span):
        return True
    return session.scalar(select(TallyDay.day).where(TallyDay.day == day).limit(1)) is None


def _emptied(session: Session, span: Span) -> bool:
    """Tell whether time has emptied messages of a day, as it has where they are kept longer only since."""
    if span.start > now() - DAY:
        # None is kept for less than a day.
        return False
    expired = (Event.subject == "submission", Event.subject_id == Submission.id, Event.name == "expire")
    of_day = (Submission.created_at >= span.start, Submission.created_at < span.end)
    found = select(Submission.id).where(*of_day, Submission.state == "erased", exists().where(*expired))
    return session.scalar(found.limit(1)) is not None
