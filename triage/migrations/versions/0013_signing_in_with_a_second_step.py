"""Signing in: a second step, links that open an account once, and a lock-out for each browser"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("account", sa.Column("totp_secret", sa.Text()))
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(
        "account_device", sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("account_device", sa.Column("locked_until", UtcDateTime()))
    op.add_column("auth_session", sa.Column("kind", sa.String(4), nullable=False, server_default="web"))
    op.add_column(
        "auth_session", sa.Column("code_due", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("auth_session", sa.Column("proved_at", UtcDateTime()))
    op.add_column("auth_session", sa.Column("totp_offer", sa.Text()))
    op.create_table(
        "recovery_code",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_recovery_code_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name="pk_recovery_code"),
    )
    op.create_table(
        "account_link",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_link_account_id_account"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_account_link"),
        sa.UniqueConstraint("account_id", name="uq_account_link_account_id"),
    )


def downgrade() -> None:
    op.drop_table("account_link")
    op.drop_table("recovery_code")
    for column in ("totp_offer", "proved_at", "code_due", "kind"):
        op.drop_column("auth_session", column)
    op.drop_column("account_device", "locked_until")
    op.drop_column("account_device", "failed_sign_ins")
    op.drop_column("account", "totp_step")
    op.drop_column("account", "totp_secret")
