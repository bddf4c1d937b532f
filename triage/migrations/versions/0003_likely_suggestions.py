"""Whether a suggestion is likely is kept with it, as matching saw it with the numbers of that day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# From here on suggestions were shown to people, in all that was released before.
_SHOWN_FROM = 0.3361


def upgrade() -> None:
    op.add_column(
        "suggested_match", sa.Column("likely", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    match = sa.table("suggested_match", *map(sa.column, ("group_id", "probability", "likely")))
    group = sa.table("claim_group", sa.column("id"), sa.column("band"))
    known = sa.select(group.c.id).where(group.c.band != "new")
    op.execute(
        match.update()
        .where(match.c.probability >= _SHOWN_FROM, match.c.group_id.in_(known))
        .values(likely=sa.true())
    )


def downgrade() -> None:
    op.drop_column("suggested_match", "likely")
