"""Tallies: how many messages came when, from where and about what, counted beforehand by workers.

No page counts messages: the tallies are a few rows for each hour and day, kept up by the event log. A count
reads the events since the last one, finds the days that they touch, counts these days anew from the messages
themselves, and writes them together with how far it has read. So a count that is killed has done nothing,
one that is repeated changes nothing, and of two at the same time one gives up.

Retention empties messages of who sent them from where. Before any message of a day can be emptied the day's
tallies are final: what happens later (a message of months ago is answered at last) changes them no more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, Table, delete, insert, select
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
    TallyArea,
    TallyCursor,
    TallyDay,
    TallyDelay,
    TallyHour,
)
from triage.trends import counting
from triage.trends.calendar import DAY, day_of, span_of
from triage.trends.counting import Counted, Rows

# Events that one step reads: about as much as a busy minute leaves.
STEP = 5_000
# What changes how a group's messages are counted: which they are, what was said of them, how harmful it is.
_OF_GROUPS = frozenset(
    {"decide", "confirm", "approve", "publish", "answer", "undo", "unapprove", "withdraw", "merge", "link",
     "absorb", "split", "give_out"}
)  # fmt: skip
_CURSOR = 1
_ASKED_TOGETHER = 500


class _News(NamedTuple):
    """What is new in the event log: up to which event, and the days that must be counted again."""

    seq: int
    days: Sequence[date]


def count(store: Store, config: Config) -> None:
    """Bring the tallies up to the newest event. Safe to run twice, on any number of workers."""
    while _step(store, config):
        pass


def differences(session: Session, config: Config, days: int = 7) -> list[date]:
    """Return the days among the last ones, today included, whose tallies are not what their messages say.

    Only what happened up to the newest event counted is compared, so call it right after `count`.
    """
    today = day_of(config.wilayah, now())
    last = [today - number * DAY for number in range(days)]
    return [day for day in last if _is_open(session, config, day) and not _agree(session, config, day)]


def _step(store: Store, config: Config) -> bool:
    """Count what the next events changed; False if there is nothing new, or another does it just now."""
    with store.read() as session:
        cursor = counted_to(session)
        news = _news(session, config, cursor)
        if news.seq == cursor:
            return False
        counted = [counting.of_day(session, config.wilayah, day) for day in news.days]
    with store.write() as session:
        if counted_to(session) != cursor:
            return False
        for one in counted:
            _replace(session, config.wilayah, one)
        session.merge(TallyCursor(id=_CURSOR, seq=news.seq, counted_at=now()))
    return True


def counted_to(session: Session) -> int:
    """Return the newest event that is counted, 0 before the first count."""
    found = session.get(TallyCursor, _CURSOR)
    return found.seq if found else 0


def _news(session: Session, config: Config, cursor: int) -> _News:
    rows = session.execute(
        select(Event.seq, Event.subject, Event.subject_id, Event.name, Event.data)
        .where(Event.seq > cursor)
        .order_by(Event.seq)
        .limit(STEP)
    ).all()
    messages = {row.subject_id for row in rows if row.subject == "submission"}
    groups = {row.subject_id for row in rows if row.subject == "group" and row.name in _OF_GROUPS}
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
    if span_of(config.wilayah, day).start > now() - config.retention + timedelta(days=1):
        return True
    return session.scalar(select(TallyDay.day).where(TallyDay.day == day).limit(1)) is None


def _replace(session: Session, region: str, counted: Counted) -> None:
    span = span_of(region, counted.day)
    session.execute(delete(TallyHour).where(TallyHour.begins >= span.start, TallyHour.begins < span.end))
    _insert(session, TallyHour, counted.hours)
    session.execute(delete(TallyDelay).where(TallyDelay.day == counted.day))
    _insert(session, TallyDelay, counted.delays)
    villages = counting.by_kind(session, region, counted.day)
    for table, rows in ((TallyDay, villages), (TallyArea, counting.by_district(villages))):
        session.execute(delete(table).where(table.day == counted.day))
        _insert(session, table, rows)


def _insert(session: Session, table: type[TallyHour | TallyDelay | TallyDay | TallyArea], rows: Rows) -> None:
    if rows:
        session.execute(insert(cast("Table", table.__table__)), rows)


def _agree(session: Session, config: Config, day: date) -> bool:
    counted, span = counting.of_day(session, config.wilayah, day), span_of(config.wilayah, day)
    villages = counting.by_kind(session, config.wilayah, day)
    hours = select(TallyHour).where(TallyHour.begins >= span.start, TallyHour.begins < span.end)
    return all(
        _as_set(rows) == _as_set(_stored(session, query))
        for rows, query in (
            (counted.hours, hours),
            (counted.delays, select(TallyDelay).where(TallyDelay.day == day)),
            (villages, select(TallyDay).where(TallyDay.day == day)),
            (counting.by_district(villages), select(TallyArea).where(TallyArea.day == day)),
        )
    )


def _stored(session: Session, query: Select[Any]) -> Rows:
    columns = query.selected_columns
    return [dict(row) for row in session.execute(query.with_only_columns(*columns)).mappings()]


def _as_set(rows: Rows) -> set[tuple[tuple[str, Any], ...]]:
    return {tuple(sorted(row.items())) for row in rows}
