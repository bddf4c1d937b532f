"""Wordings learned from messages keep which message they came from; answers can be withdrawn"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SUBMISSION = "fk_claim_text_submission_id_submission"


def upgrade() -> None:
    with op.batch_alter_table("claim_text") as table:
        table.add_column(sa.Column("submission_id", _ID, nullable=True))
        table.add_column(sa.Column("unproven", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_foreign_key(_SUBMISSION, "submission", ["submission_id"], ["id"])
        table.create_index("ix_claim_text_submission_id", ["submission_id"])
    op.add_column("answer", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("answer", "withdrawn_at")
    # Without the mark they would pass for the publisher's own wordings.
    wording = sa.table("claim_text", sa.column("id"), sa.column("submission_id"))
    vector = sa.table("claim_vector", sa.column("claim_text_id"))
    learned = sa.select(wording.c.id).where(wording.c.submission_id.is_not(None))
    op.execute(vector.delete().where(vector.c.claim_text_id.in_(learned)))
    op.execute(wording.delete().where(wording.c.submission_id.is_not(None)))
    with op.batch_alter_table("claim_text") as table:
        table.drop_index("ix_claim_text_submission_id")
        table.drop_constraint(_SUBMISSION, type_="foreignkey")
        table.drop_column("unproven")
        table.drop_column("submission_id")
