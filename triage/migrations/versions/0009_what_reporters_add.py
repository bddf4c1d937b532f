"""What reporters add to a message, that an answer was not what they meant, and when claims were answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ANSWERED = sa.text("answered_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "submission_note",
        sa.Column("submission_id", _ID, nullable=False),
        sa.Column("seen", sa.String(12), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name="fk_submission_note_submission_id_submission"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_submission_note"),
    )
    op.add_column("submission", sa.Column("objected_at", UtcDateTime(), nullable=True))
    op.add_column("claim_group", sa.Column("answered_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_claim_group_answered",
        "claim_group",
        ["answered_at"],
        sqlite_where=_ANSWERED,
        postgresql_where=_ANSWERED,
    )


def downgrade() -> None:
    op.drop_index("ix_claim_group_answered", "claim_group")
    op.drop_column("claim_group", "answered_at")
    op.drop_column("submission", "objected_at")
    op.drop_table("submission_note")
