"""Secrets that a store was used with, what closed long ago, and a guard that lets keyed hashes change"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CLOSED, _COUNTED = sa.text("state = 'answered'"), sa.text("reporter_hash IS NOT NULL")
_AS_SENT = (
    "receipt_hash, idempotency_hash, payload_hash, reporter_hash, text, url, channel, village, created_at"
)


def upgrade() -> None:
    op.create_table(
        "known_secret",
        sa.Column("id", _ID, nullable=False),
        sa.Column("identity", sa.String(16), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_known_secret"),
        sa.UniqueConstraint("identity", name="uq_known_secret_identity"),
    )
    op.create_index(
        "ix_submission_closed",
        "submission",
        ["state", "created_at"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )
    op.create_index(
        "ix_submission_reporter_hash",
        "submission",
        ["reporter_hash"],
        sqlite_where=_COUNTED,
        postgresql_where=_COUNTED,
    )
    table = "" if op.get_bind().dialect.name == "sqlite" else " ON submission"
    op.execute(f"DROP TRIGGER IF EXISTS submission_as_sent{table}")


def downgrade() -> None:
    refused = f"BEFORE UPDATE OF {_AS_SENT} ON submission"
    if op.get_bind().dialect.name == "sqlite":
        body = "BEGIN SELECT RAISE(ABORT, 'submissions stay as they were sent'); END"
        op.execute(f"CREATE TRIGGER submission_as_sent {refused} WHEN NEW.state <> 'erased' {body}")
    else:
        op.execute(
            f"CREATE TRIGGER submission_as_sent {refused} FOR EACH ROW WHEN (NEW.state <> 'erased') "
            "EXECUTE FUNCTION submission_is_as_sent()"
        )
    op.drop_index("ix_submission_reporter_hash", "submission")
    op.drop_index("ix_submission_closed", "submission")
    op.drop_table("known_secret")
