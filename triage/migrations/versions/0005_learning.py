"""Suggestions keep what they were weighed by; calibrations learned from decisions, and which one is used"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "suggested_match", sa.Column("feature_set", sa.String(8), nullable=False, server_default="")
    )
    op.add_column("suggested_match", sa.Column("features", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "calibration_version",
        sa.Column("id", _ID, nullable=False),
        sa.Column("identity", sa.String(8), nullable=False),
        sa.Column("encoder", sa.String(80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("before", _ID, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["before"], ["calibration_version.id"], name="fk_calibration_version_before_calibration_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calibration_version"),
        sa.UniqueConstraint("identity", name="uq_calibration_version_identity"),
    )
    op.create_table(
        "calibration_use",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version_id", _ID, nullable=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["calibration_version.id"],
            name="fk_calibration_use_version_id_calibration_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calibration_use"),
    )


def downgrade() -> None:
    op.drop_table("calibration_use")
    op.drop_table("calibration_version")
    op.drop_column("suggested_match", "features")
    op.drop_column("suggested_match", "feature_set")
