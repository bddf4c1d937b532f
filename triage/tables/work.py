"""What the store owes and what it remembers: outbox and event log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId

# Partial indexes: that a column is NULL does not let PostgreSQL read what follows it in order.
_OWED, _PARKED = text("parked_at IS NULL"), text("parked_at IS NOT NULL")
# What was ever accepted is counted by an index that holds nothing else.
_RECEIVED = text("name = 'receive'")


class Outbox(Base):
    """Work that the store owes: written with what caused it, deleted with what it achieved."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task: Mapped[str] = mapped_column(String(24))
    ref: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    parked_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbox_due", "task", "due_at", "id", sqlite_where=_OWED, postgresql_where=_OWED),
        Index("ix_outbox_parked", "id", sqlite_where=_PARKED, postgresql_where=_PARKED),
        Index("ix_outbox_task_ref", "task", "ref"),
    )


class KnownSecret(Base):
    """A secret that the store was used with, by a keyed check value that tells nothing of it; newest last."""

    __tablename__ = "known_secret"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity: Mapped[str] = mapped_column(String(16), unique=True)
    noted_at: Mapped[datetime]


class Event(Base):
    """The tamper-evident log: each row carries the hash of the one before. Never updated, never deleted."""

    __tablename__ = "event"
    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        Index("ix_event_subject", "subject", "subject_id"),
        Index("ix_event_received", "name", sqlite_where=_RECEIVED, postgresql_where=_RECEIVED),
    )
