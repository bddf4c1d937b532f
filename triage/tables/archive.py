"""The archive: fact-checks, their versions and wordings, and imports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class FactCheck(Base):
    """An archive entry, imported or our own. `seq` grows with every change: indexes refresh by it.

    `peer_id`: the office that it is read from regularly, None of what was imported otherwise or is our own.
    `retracted_at`: since when we no longer stand by it.
    """

    __tablename__ = "fact_check"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    origin: Mapped[str] = mapped_column(String(10))
    searchable: Mapped[bool] = mapped_column(default=True)
    seq: Mapped[int] = mapped_column(BigInteger, index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    peer_id: Mapped[int | None] = mapped_column(ForeignKey("peer.id"), index=True)
    retracted_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_fact_check_library", "origin", "searchable", "updated_at"),
        Index("ix_fact_check_published", "origin", "created_at"),
    )


class FactCheckVersion(Base):
    """One state of a fact-check's content; corrections add a version, none is overwritten."""

    __tablename__ = "fact_check_version"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    claim: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    what_to_do: Mapped[str] = mapped_column(Text)
    ask: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(24))
    harm: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(8))
    publisher: Mapped[str] = mapped_column(String(120))
    checked_on: Mapped[date | None]
    url: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, Any]]]
    content_hash: Mapped[str] = mapped_column(String(64))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("fact_check_id", "number"),)


class ClaimText(Base):
    """One text by which a fact-check is found: its heading, the claim as it circulates, learned wordings.

    `told`: its explanation, which quotes the claim and denies it: found by, but no way of making the claim.
    `submission_id`: the message that a learned one came from; nobody but matching sees those. `unproven`: one
    person alone called it the same, so that nothing is answered by it.
    """

    __tablename__ = "claim_text"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    told: Mapped[bool] = mapped_column(default=False)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)
    unproven: Mapped[bool] = mapped_column(default=False)


class ClaimVector(Base):
    """The encoding of a wording by one encoder: float16, little-endian, L2-normalised.

    `id` only grows, also after deletions: indexes in memory load what came after the last one they saw.
    """

    __tablename__ = "claim_vector"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    claim_text_id: Mapped[int] = mapped_column(ForeignKey("claim_text.id", ondelete="CASCADE"))
    encoder: Mapped[str] = mapped_column(String(80))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("claim_text_id", "encoder"), {"sqlite_autoincrement": True})


class ArchiveImport(Base):
    """One source being imported: where it stands, so that it can go on after a stop.

    `touched_at` is when it last got on; of one that has finished or failed, when that was.
    """

    __tablename__ = "archive_import"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    source_hash: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    etag: Mapped[str] = mapped_column(Text, default="")
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime | None] = mapped_column("finished_at")
    error: Mapped[str] = mapped_column(Text, default="")


class ImportProblem(Base):
    """A row that an import refused, with the reason in words."""

    __tablename__ = "import_problem"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("archive_import.id"), index=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
