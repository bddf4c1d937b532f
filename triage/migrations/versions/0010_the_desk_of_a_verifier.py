"""Groups that were merged can be split again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("home_group_id", sa.BigInteger()))
    op.add_column("fingerprint", sa.Column("home_group_id", sa.BigInteger()))
    op.add_column("claim_group", sa.Column("apart", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_claim_group_merged_into", "claim_group", ["merged_into"])


def downgrade() -> None:
    op.drop_index("ix_claim_group_merged_into", "claim_group")
    op.drop_column("claim_group", "apart")
    op.drop_column("fingerprint", "home_group_id")
    op.drop_column("submission", "home_group_id")
