"""What goes out and comes in between offices: corrected drafts for the public, other offices' fact-checks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class Notice(Base):
    """That a published fact-check was corrected or retracted, why, and by whom; shown to its readers.

    `version`: the one that the notice came with; of a retraction, the last one that held.
    """

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_notice_created_at", "created_at"),)


class Material(Base):
    """A text for passing on as a person left it; never changed: who corrects it adds another.

    `kind`: which text in which language. `version`: of the fact-check that it was written for.
    """

    __tablename__ = "material"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_material_fact_check_id_kind", "fact_check_id", "kind"),)


class Peer(Base):
    """Another office whose published fact-checks are read regularly, and how far they are trusted.

    `trust`: `answers` may answer by themselves like our own, `suggests` only with a person's word, `none` are
    not used. `read_at`: when it was last read to its end. `due_at`: when it is read next. `failed`: why the
    last reading failed, '' if it did not; `failures`: how many did in a row.
    """

    __tablename__ = "peer"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    url_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    trust: Mapped[str] = mapped_column(String(10))
    added_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    failed: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)


class AuditedAnswer(Base):
    """An answer that the program gave by itself, drawn at random for a person to judge.

    `share`: of how many such answers one was drawn then, 0 to 1. `outcome`: '' while it waits, then `right`,
    `wrong` or `unclear`.
    """

    __tablename__ = "audited_answer"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    drawn_at: Mapped[datetime]
    share: Mapped[float]
    outcome: Mapped[str] = mapped_column(String(8), default="")
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    judged_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("answer_id"),
        Index("ix_audited_answer_outcome_drawn_at", "outcome", "drawn_at"),
    )


class AuditCursor(Base):
    """Up to which answer the drawing has come: one row, number 1."""

    __tablename__ = "audit_cursor"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    answer_id: Mapped[int] = mapped_column(BigInteger)


class AlertSubscription(Base):
    """Whom to write to when something rises. `address`: sealed (`triage.sealing`). Hours are of the region's
    clock, from 0 to 23; where both are the same, no time is quiet.
    """

    __tablename__ = "alert_subscription"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    quiet_from: Mapped[int]
    quiet_to: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]


class AlertSent(Base):
    """That somebody was written to about a surge: nobody is twice.

    `sent_at`: None from when the letter is begun until the mail server has taken it. All that was begun for
    somebody is one letter, and stays one however often it is tried.
    """

    __tablename__ = "alert_sent"
    surge_id: Mapped[int] = mapped_column(ForeignKey("surge.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    sent_at: Mapped[datetime | None]
