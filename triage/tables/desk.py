"""What a verifier has on the desk: drafts, and whom to ask in the region."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class SavedDraft(Base):
    """What one person has written on one group and not yet decided, field by field as typed."""

    __tablename__ = "saved_draft"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), primary_key=True)
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class LocalSource(Base):
    """An office or a person in the region that can be asked whether something is so.

    `contact`: how to reach it, sealed (`triage.sealing`).
    """

    __tablename__ = "local_source"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_local_source_kind_name", "kind", "name", unique=True),)


class Inquiry(Base):
    """That a source was asked, when, and what it said. Never changed: who asks again adds another."""

    __tablename__ = "inquiry"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("local_source.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("claim_group.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    said: Mapped[str] = mapped_column(Text)
