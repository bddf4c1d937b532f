"""The entities of the store, as the design names them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from triage.columns import UtcDateTime

# SQLite gives rowids only to INTEGER primary keys.
_Id = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Declarative base; names every constraint so that migrations can address it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


class Submission(Base):
    """One message from one reporter. Its content never changes, except that erasure empties it."""

    __tablename__ = "submission"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    idempotency_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    payload_hash: Mapped[str] = mapped_column(String(64))
    reporter_hash: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(20))
    village: Mapped[str | None] = mapped_column(String(13))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("claim_group.id"), index=True)
    erased_at: Mapped[datetime | None]


class ClaimGroup(Base):
    """Submissions that say the same thing; decisions are made here. Counters are kept by `sighting`."""

    __tablename__ = "claim_group"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    band: Mapped[str] = mapped_column(String(8))
    representative_id: Mapped[int] = mapped_column(_Id)
    fact_check_id: Mapped[int | None] = mapped_column(ForeignKey("fact_check.id"), index=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("claim_group.id"))
    harm: Mapped[str] = mapped_column(String(12))
    urgency: Mapped[float] = mapped_column(default=0.0)
    urgency_reasons: Mapped[list[dict[str, Any]]]
    doubt: Mapped[float] = mapped_column(default=1.0)
    submissions: Mapped[int] = mapped_column(default=0)
    reporters: Mapped[int] = mapped_column(default=0)
    villages: Mapped[int] = mapped_column(default=0)
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    lease_account: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lease_until: Mapped[datetime | None]
    model_version: Mapped[str] = mapped_column(String(120))
    __table_args__ = (
        Index("ix_claim_group_queue", "state", "urgency"),
        Index("ix_claim_group_lease_account_state", "lease_account", "state"),
    )


class Sighting(Base):
    """Who sent a claim from where: reporters only as keyed hashes, '' where unknown."""

    __tablename__ = "sighting"
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), primary_key=True)
    reporter_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    times: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]


class Fingerprint(Base):
    """A wording already seen, and the group that it belongs to; the unique digest stops double groups."""

    __tablename__ = "fingerprint"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(Text)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), index=True)


class FingerprintBand(Base):
    """Locality-sensitive keys of a fingerprint: near-duplicates share at least one."""

    __tablename__ = "fingerprint_band"
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fingerprint_id: Mapped[int] = mapped_column(ForeignKey("fingerprint.id"), primary_key=True)


class FactCheck(Base):
    """An archive entry, imported or our own. `seq` grows with every change: indexes refresh by it."""

    __tablename__ = "fact_check"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    origin: Mapped[str] = mapped_column(String(10))
    searchable: Mapped[bool] = mapped_column(default=True)
    seq: Mapped[int] = mapped_column(BigInteger, index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class FactCheckVersion(Base):
    """One state of a fact-check's content; corrections add a version, none is overwritten."""

    __tablename__ = "fact_check_version"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
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
    """One wording by which a fact-check is found: its heading, the claim as it circulates, variants."""

    __tablename__ = "claim_text"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class ClaimVector(Base):
    """The encoding of a wording by one encoder: float16, little-endian, L2-normalised.

    `id` only grows, also after deletions: indexes in memory load what came after the last one they saw.
    """

    __tablename__ = "claim_vector"
    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    claim_text_id: Mapped[int] = mapped_column(ForeignKey("claim_text.id", ondelete="CASCADE"))
    encoder: Mapped[str] = mapped_column(String(80))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UniqueConstraint("claim_text_id", "encoder"), {"sqlite_autoincrement": True})


class SuggestedMatch(Base):
    """Group x fact-check: suggested until a person confirms or rejects it."""

    __tablename__ = "suggested_match"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"))
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"), index=True)
    rank: Mapped[int]
    probability: Mapped[float]
    reasons: Mapped[list[dict[str, Any]]]
    model_version: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="suggested")
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    judged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("group_id", "fact_check_id"),)


class Decision(Base):
    """What a verifier decided on a group: `confirm` an archive entry, or a `new` fact-check to approve."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10), index=True)
    fact_check_id: Mapped[int | None] = mapped_column(ForeignKey("fact_check.id"))
    verdict: Mapped[str] = mapped_column(String(24))
    claim: Mapped[str] = mapped_column(Text)
    headline: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    what_to_do: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, Any]]]
    harm: Mapped[str] = mapped_column(String(12))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")


class Answer(Base):
    """What one sender was told, once per fact-check version; no fact-check: asked for what is missing."""

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    fact_check_id: Mapped[int | None] = mapped_column(ForeignKey("fact_check.id"))
    version: Mapped[int]
    via: Mapped[str] = mapped_column(String(10))
    missing: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("submission_id", "fact_check_id", "version"),)


class Outbox(Base):
    """Work that the store owes: written with what caused it, deleted with what it achieved."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    task: Mapped[str] = mapped_column(String(24))
    ref: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    parked_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbox_due", "parked_at", "due_at"),
        Index("ix_outbox_task_ref", "task", "ref"),
    )


class Event(Base):
    """The tamper-evident log: each row carries the hash of the one before. Never updated, never deleted."""

    __tablename__ = "event"
    seq: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=False)
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
    __table_args__ = (Index("ix_event_subject", "subject", "subject_id"),)


class Account(Base):
    """A person who signs in: verifier, approver, analyst or administrator."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(12))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    wilayah: Mapped[str] = mapped_column(String(13))
    created_at: Mapped[datetime]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class AuthSession(Base):
    """A sign-in, kept on the server; the browser holds a random token of which only the hash is stored."""

    __tablename__ = "auth_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires_at: Mapped[datetime]


class ArchiveImport(Base):
    """One source being imported: where it stands, so that it can go on after a stop."""

    __tablename__ = "archive_import"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
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
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class ImportProblem(Base):
    """A row that an import refused, with the reason in words."""

    __tablename__ = "import_problem"
    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("archive_import.id"), index=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
