"""What reporters sent, and how it is grouped, matched, decided and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId

_ANSWERED = text("answered_at IS NOT NULL")
_CLOSED, _COUNTED = text("state = 'answered'"), text("reporter_hash IS NOT NULL")


class Submission(Base):
    """One message from one reporter. Its content never changes, except that erasure or time empties it.

    `home_group_id`: the group that it came to, where that went up in another since. `objected_at`: when its
    reporter said that the answer was about something else.
    """

    __tablename__ = "submission"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    idempotency_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    payload_hash: Mapped[str] = mapped_column(String(64))
    reporter_hash: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(20))
    village: Mapped[str | None] = mapped_column(String(13))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("claim_group.id"), index=True)
    home_group_id: Mapped[int | None] = mapped_column(BigInteger)
    erased_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    __table_args__ = (
        # With the state before the time, or SQLite would rather read all that are answered.
        Index("ix_submission_closed", "state", "created_at", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
        Index(
            "ix_submission_reporter_hash",
            "reporter_hash",
            sqlite_where=_COUNTED,
            postgresql_where=_COUNTED,
        ),
        Index("ix_submission_state_group_id", "state", "group_id"),
        Index("ix_submission_created_at", "created_at"),
        # How many people are behind a village's numbers.
        Index("ix_submission_village", "village", "created_at"),
    )


class SubmissionNote(Base):
    """What a reporter added to a message; empty where they left it out. Erasure removes the row."""

    __tablename__ = "submission_note"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    seen: Mapped[str] = mapped_column(String(12))
    remark: Mapped[str] = mapped_column(Text)


class ClaimGroup(Base):
    """Submissions that say the same thing; decisions are made here. Counters are kept by `sighting`.

    `apart`: a person split it from another, so that nothing but a person merges it again.
    `answered_at`: when its senders were first told what people decided.
    """

    __tablename__ = "claim_group"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    band: Mapped[str] = mapped_column(String(8))
    representative_id: Mapped[int] = mapped_column(BigId)
    fact_check_id: Mapped[int | None] = mapped_column(ForeignKey("fact_check.id"), index=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("claim_group.id"), index=True)
    apart: Mapped[bool] = mapped_column(default=False)
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
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_claim_group_answered", "answered_at", sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
        Index("ix_claim_group_queue", "state", urgency.desc(), "id"),
        Index("ix_claim_group_newest", "state", "last_seen", "id"),
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
    """A wording already seen, and the group that it belongs to; the unique digest stops double groups.

    `form`: the normal form that it was read in, as `models.text.normal_form` names it. `home_group_id`: as
    of a submission.
    """

    __tablename__ = "fingerprint"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(8))
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), index=True)
    home_group_id: Mapped[int | None] = mapped_column(BigInteger)


class FingerprintBand(Base):
    """Locality-sensitive keys of a fingerprint: near-duplicates share at least one."""

    __tablename__ = "fingerprint_band"
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fingerprint_id: Mapped[int] = mapped_column(ForeignKey("fingerprint.id"), primary_key=True)


class SuggestedMatch(Base):
    """Group x fact-check: suggested until a person confirms or rejects it.

    `likely`: one person's word is enough to answer with it; a fainter one needs a second person. `features`:
    what it was weighed by, in the columns of `feature_set`, to learn from what people say of it.
    """

    __tablename__ = "suggested_match"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"))
    fact_check_id: Mapped[int] = mapped_column(ForeignKey("fact_check.id"), index=True)
    rank: Mapped[int]
    probability: Mapped[float]
    likely: Mapped[bool]
    reasons: Mapped[list[dict[str, Any]]]
    features: Mapped[list[float]] = mapped_column(default=list)
    feature_set: Mapped[str] = mapped_column(String(8), default="")
    model_version: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="suggested")
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    judged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("group_id", "fact_check_id"),
        Index("ix_suggested_match_judged_by_judged_at", "judged_by", "judged_at"),
    )


class Decision(Base):
    """What a verifier decided on a group: `confirm` an archive entry, a `new` fact-check to approve, or to
    `correct` what was published on it, for a `reason` that its readers are told.
    """

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("claim_group.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    fact_check_id: Mapped[int | None] = mapped_column(ForeignKey("fact_check.id"))
    verdict: Mapped[str] = mapped_column(String(24))
    claim: Mapped[str] = mapped_column(Text)
    headline: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    what_to_do: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, Any]]]
    harm: Mapped[str] = mapped_column(String(12))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index("ix_decision_author_id_created_at", "author_id", "created_at"),
        Index("ix_decision_reviewer_id_reviewed_at", "reviewer_id", "reviewed_at"),
    )


class Answer(Base):
    """What one sender was told, once per fact-check version; no fact-check: asked for what is missing.

    `withdrawn_at`: since when it no longer holds, because it was no answer to what the sender had sent.
    """

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    fact_check_id: Mapped[int | None] = mapped_column(ForeignKey("fact_check.id"))
    version: Mapped[int]
    via: Mapped[str] = mapped_column(String(10))
    missing: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("submission_id", "fact_check_id", "version"),)
