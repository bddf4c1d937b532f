"""Explanations are searched as a field of their own; workers encode them when they next start"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LAST = 1000  # behind every wording that an entry has


def upgrade() -> None:
    op.add_column("claim_text", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()))
    check = sa.table("fact_check", *map(sa.column, ("id", "version")))
    version = sa.table("fact_check_version", *map(sa.column, ("fact_check_id", "number", "explanation")))
    text = sa.table("claim_text", *map(sa.column, ("fact_check_id", "position", "text", "told")))
    current = (version.c.fact_check_id == check.c.id) & (version.c.number == check.c.version)
    op.execute(
        text.insert().from_select(
            ["fact_check_id", "position", "text", "told"],
            sa.select(check.c.id, sa.literal(_LAST), version.c.explanation, sa.true())
            .select_from(check.join(version, current))
            .where(version.c.explanation != ""),
        )
    )


def downgrade() -> None:
    text = sa.table("claim_text", *map(sa.column, ("id", "told")))
    vector = sa.table("claim_vector", sa.column("claim_text_id"))
    told = sa.select(text.c.id).where(text.c.told)
    op.execute(vector.delete().where(vector.c.claim_text_id.in_(told)))
    op.execute(text.delete().where(text.c.told))
    op.drop_column("claim_text", "told")
