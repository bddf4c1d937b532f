"""What a verifier has on the desk: drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base


class SavedDraft(Base):
    """What one person has written on one group and not yet decided, field by field as typed."""

    __tablename__ = "saved_draft"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), primary_key=True)
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
