"""Each wording names the normal form that it was read in; those kept so far, an earlier one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprint", sa.Column("form", sa.String(8), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("fingerprint", "form")
