"""Each use of a calibration knows its way back; a learned one, which numbers it was learned from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BEFORE = "fk_calibration_version_before_calibration_version"
_BACK_TO = "fk_calibration_use_back_to_calibration_use"


def upgrade() -> None:
    # Of what was learned earlier nobody wrote down where it began: it is not used until it is learned again.
    with op.batch_alter_table("calibration_version") as table:
        table.add_column(sa.Column("base", sa.String(8), nullable=False, server_default=""))
        table.drop_constraint(_BEFORE, type_="foreignkey")
        table.drop_column("before")
        table.drop_column("encoder")
    with op.batch_alter_table("calibration_use") as table:
        table.add_column(sa.Column("back_to", _ID, nullable=True))
        table.create_foreign_key(_BACK_TO, "calibration_use", ["back_to"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("calibration_use") as table:
        table.drop_constraint(_BACK_TO, type_="foreignkey")
        table.drop_column("back_to")
    with op.batch_alter_table("calibration_version") as table:
        table.add_column(sa.Column("encoder", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("before", _ID, nullable=True))
        table.create_foreign_key(_BEFORE, "calibration_version", ["before"], ["id"])
        table.drop_column("base")
