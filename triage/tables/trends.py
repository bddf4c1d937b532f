"""What is counted beforehand, so that no page counts messages: tallies, surges, and the shapes of regions.

Tallies hold numbers alone. They stay when the messages that they counted are emptied.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId

# SQLite then keeps the rows of a time beside each other: they are read by it.
IN_ORDER = {"sqlite_with_rowid": False}
_GOING_ON = text("ended_at IS NULL")


class TallyHour(Base):
    """Messages of one claim group from one village by one channel within the hour from `begins` (UTC).

    `group_id` 0: of none (too thin to be matched, or not yet read). `village` '': unknown. `at_once`:
    answered by the program, without a person. `unanswered`: not answered until now.
    """

    __tablename__ = "tally_hour"
    begins: Mapped[datetime] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    messages: Mapped[int]
    at_once: Mapped[int]
    unanswered: Mapped[int]
    __table_args__ = (Index("ix_tally_hour_group", "group_id", "begins"), IN_ORDER)


class TallyDay(Base):
    """The same by day of the region's calendar, with what was said of the claims: harm class and verdict.

    `verdict` '': none yet, or one that is none of ours.
    """

    __tablename__ = "tally_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    harm: Mapped[str] = mapped_column(String(12), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(24), primary_key=True)
    messages: Mapped[int]
    at_once: Mapped[int]
    unanswered: Mapped[int]
    __table_args__ = (Index("ix_tally_day_village", "village", "day"), IN_ORDER)


class TallyArea(Base):
    """As `TallyDay`, for a whole kecamatan (its code, '' where the village is unknown): few rows."""

    __tablename__ = "tally_area"
    day: Mapped[date] = mapped_column(primary_key=True)
    district: Mapped[str] = mapped_column(String(8), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    harm: Mapped[str] = mapped_column(String(12), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(24), primary_key=True)
    messages: Mapped[int]
    at_once: Mapped[int]
    unanswered: Mapped[int]
    __table_args__ = IN_ORDER


class TallyDelay(Base):
    """How many messages of a day got their first answer after so many seconds.

    Exact below two minutes, then rounded up to whole minutes, and from a day on to whole hours.
    """

    __tablename__ = "tally_delay"
    day: Mapped[date] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    messages: Mapped[int]
    __table_args__ = IN_ORDER


class TallyDue(Base):
    """A day whose tallies are to be counted again, for events up to number `seq`."""

    __tablename__ = "tally_due"
    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class TallyCursor(Base):
    """Up to which event it is noted what is to be counted, and when that was last done: one row, number 1."""

    __tablename__ = "tally_cursor"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime]


class Surge(Base):
    """A claim that came more often than is usual for the hour and the weekday.

    `observed` senders since `since`, where `expected` were; `score`: minus the decimal logarithm of how
    likely that is without a cause.
    """

    __tablename__ = "surge"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"))
    found_at: Mapped[datetime]
    since: Mapped[datetime]
    observed: Mapped[int]
    expected: Mapped[float]
    score: Mapped[float]
    villages: Mapped[int]
    last_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_surge_going_on", "group_id", unique=True, sqlite_where=_GOING_ON, postgresql_where=_GOING_ON
        ),
        Index("ix_surge_found_at", "found_at"),
    )


class RegionShape(Base):
    """The outline of a region (Kemendagri code) as an SVG path within the view box of all, and its middle."""

    __tablename__ = "region_shape"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    x: Mapped[float]
    y: Mapped[float]
