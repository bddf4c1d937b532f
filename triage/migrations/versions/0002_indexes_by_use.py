"""Indexes for what is asked all the time; two that nothing asks for are dropped"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OWED, _PARKED = sa.text("parked_at IS NULL"), sa.text("parked_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index(
        "ix_outbox_due", "outbox", ["task", "due_at", "id"], sqlite_where=_OWED, postgresql_where=_OWED
    )
    op.create_index("ix_outbox_parked", "outbox", ["id"], sqlite_where=_PARKED, postgresql_where=_PARKED)
    op.create_index("ix_fact_check_library", "fact_check", ["origin", "searchable", "updated_at"])
    op.drop_index("ix_claim_group_queue", table_name="claim_group")
    op.create_index("ix_claim_group_queue", "claim_group", ["state", sa.text("urgency DESC"), "id"])
    op.create_index("ix_claim_group_newest", "claim_group", ["state", "last_seen", "id"])
    op.drop_index("ix_decision_state", table_name="decision")
    op.drop_index("ix_decision_author_id", table_name="decision")


def downgrade() -> None:
    op.create_index("ix_decision_author_id", "decision", ["author_id"])
    op.create_index("ix_decision_state", "decision", ["state"])
    op.drop_index("ix_claim_group_newest", table_name="claim_group")
    op.drop_index("ix_claim_group_queue", table_name="claim_group")
    op.create_index("ix_claim_group_queue", "claim_group", ["state", "urgency"])
    op.drop_index("ix_fact_check_library", table_name="fact_check")
    op.drop_index("ix_outbox_parked", table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index("ix_outbox_due", "outbox", ["parked_at", "due_at"])
