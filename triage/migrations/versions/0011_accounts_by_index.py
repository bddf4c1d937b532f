"""The accounts are read from indexes alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    received = sa.text("name = 'receive'")
    op.create_index("ix_event_received", "event", ["name"], sqlite_where=received, postgresql_where=received)
    op.create_index("ix_submission_state_group_id", "submission", ["state", "group_id"])
    op.drop_index("ix_submission_state", "submission")


def downgrade() -> None:
    op.create_index("ix_submission_state", "submission", ["state"])
    op.drop_index("ix_submission_state_group_id", "submission")
    op.drop_index("ix_event_received", "event")
