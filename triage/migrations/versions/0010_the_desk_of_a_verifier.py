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
    op.create_table(
        "local_source",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_local_source_created_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_local_source"),
    )
    op.create_index("ix_local_source_kind_name", "local_source", ["kind", "name"], unique=True)
    op.create_table(
        "inquiry",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("group_id", _ID),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["local_source.id"], name="fk_inquiry_source_id_local_source"),
        sa.ForeignKeyConstraint(["group_id"], ["claim_group.id"], name="fk_inquiry_group_id_claim_group"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_inquiry_asked_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_inquiry"),
    )
    op.create_index("ix_inquiry_source_id", "inquiry", ["source_id"])
    op.create_index("ix_inquiry_group_id", "inquiry", ["group_id"])
    op.create_table(
        "account_device",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("reporter_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_device_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "reporter_hash", name="pk_account_device"),
    )


def downgrade() -> None:
    op.drop_table("account_device")
    op.drop_table("inquiry")
    op.drop_table("local_source")
    op.drop_table("saved_draft")
    op.drop_index("ix_decision_reviewer_id_reviewed_at", "decision")
    op.drop_index("ix_decision_author_id_created_at", "decision")
    op.drop_index("ix_suggested_match_judged_by_judged_at", "suggested_match")
    op.drop_index("ix_claim_group_merged_into", "claim_group")
    op.drop_column("claim_group", "apart")
    op.drop_column("fingerprint", "home_group_id")
    op.drop_column("submission", "home_group_id")
