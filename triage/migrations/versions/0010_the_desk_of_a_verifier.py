"""What a verifier works with: merged groups that can be split, drafts, and who did what when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("submission", sa.Column("home_group_id", sa.BigInteger()))
    op.add_column("fingerprint", sa.Column("home_group_id", sa.BigInteger()))
    op.add_column("claim_group", sa.Column("apart", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_claim_group_merged_into", "claim_group", ["merged_into"])
    op.create_index("ix_suggested_match_judged_by_judged_at", "suggested_match", ["judged_by", "judged_at"])
    op.create_index("ix_decision_author_id_created_at", "decision", ["author_id", "created_at"])
    op.create_index("ix_decision_reviewer_id_reviewed_at", "decision", ["reviewer_id", "reviewed_at"])
    op.create_table(
        "saved_draft",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("group_id", _ID, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_saved_draft_account_id_account"),
        sa.ForeignKeyConstraint(["group_id"], ["claim_group.id"], name="fk_saved_draft_group_id_claim_group"),
        sa.PrimaryKeyConstraint("account_id", "group_id", name="pk_saved_draft"),
    )


def downgrade() -> None:
    op.drop_table("saved_draft")
    op.drop_index("ix_decision_reviewer_id_reviewed_at", "decision")
    op.drop_index("ix_decision_author_id_created_at", "decision")
    op.drop_index("ix_suggested_match_judged_by_judged_at", "suggested_match")
    op.drop_index("ix_claim_group_merged_into", "claim_group")
    op.drop_column("claim_group", "apart")
    op.drop_column("fingerprint", "home_group_id")
    op.drop_column("submission", "home_group_id")
