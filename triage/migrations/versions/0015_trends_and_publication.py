"""What is counted beforehand, surges and who hears of them, shapes of regions, corrections, other offices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GOING_ON = sa.text("ended_at IS NULL")
# Times that few rows of a table have, and by which these are looked for.
_RARE = (
    ("answer", "withdrawn_at"),
    ("decision", "reviewed_at"),
    ("submission", "objected_at"),
    ("suggested_match", "judged_at"),
)


def upgrade() -> None:
    op.create_table(
        "region_shape",
        sa.Column("code", sa.String(13), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_region_shape"),
    )
    op.create_table(
        "tally_cursor",
        sa.Column("id", _ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tally_cursor"),
    )
    op.create_table(
        "tally_due",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_tally_due"),
    )
    op.create_table(
        "tally_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("harm", sa.String(12), nullable=False),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "village", "channel", "harm", "verdict", name="pk_tally_day"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tally_day_village", "tally_day", ["village", "day"])
    op.create_table(
        "tally_area",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("district", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("harm", sa.String(12), nullable=False),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "district", "channel", "harm", "verdict", name="pk_tally_area"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally_delay",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "seconds", name="pk_tally_delay"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally_hour",
        sa.Column("begins", UtcDateTime(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("begins", "group_id", "village", "channel", name="pk_tally_hour"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tally_hour_group", "tally_hour", ["group_id", "begins"])
    op.create_table(
        "alert_subscription",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_to", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_alert_subscription_account_id_account"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_alert_subscription"),
    )
    op.create_table(
        "peer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("trust", sa.String(10), nullable=False),
        sa.Column("added_by", _ID, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name="fk_peer_added_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_peer"),
        sa.UniqueConstraint("url_hash", name="uq_peer_url_hash"),
    )
    op.create_table(
        "material",
        sa.Column("id", _ID, nullable=False),
        sa.Column("fact_check_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name="fk_material_fact_check_id_fact_check"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_material_author_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_material"),
    )
    op.create_index("ix_material_fact_check_id_kind", "material", ["fact_check_id", "kind"])
    op.create_table(
        "notice",
        sa.Column("id", _ID, nullable=False),
        sa.Column("fact_check_id", _ID, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name="fk_notice_fact_check_id_fact_check"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_notice_author_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_created_at", "notice", ["created_at"])
    op.create_index("ix_notice_fact_check_id", "notice", ["fact_check_id"])
    op.create_table(
        "surge",
        sa.Column("id", _ID, nullable=False),
        sa.Column("group_id", _ID, nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("villages", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["claim_group.id"], name="fk_surge_group_id_claim_group"),
        sa.PrimaryKeyConstraint("id", name="pk_surge"),
    )
    op.create_index("ix_surge_found_at", "surge", ["found_at"])
    op.create_index(
        "ix_surge_going_on",
        "surge",
        ["group_id"],
        unique=True,
        sqlite_where=_GOING_ON,
        postgresql_where=_GOING_ON,
    )
    op.create_table(
        "alert_sent",
        sa.Column("surge_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["surge_id"], ["surge.id"], name="fk_alert_sent_surge_id_surge"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_alert_sent_account_id_account"),
        sa.PrimaryKeyConstraint("surge_id", "account_id", name="pk_alert_sent"),
    )
    op.create_index("ix_alert_sent_account_id", "alert_sent", ["account_id"])
    op.create_table(
        "audited_answer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("answer_id", _ID, nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("judged_by", _ID, nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["judged_by"], ["account.id"], name="fk_audited_answer_judged_by_account"),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_audited_answer_answer_id_answer"),
        sa.PrimaryKeyConstraint("id", name="pk_audited_answer"),
        sa.UniqueConstraint("answer_id", name="uq_audited_answer_answer_id"),
    )
    op.create_index("ix_audited_answer_outcome_drawn_at", "audited_answer", ["outcome", "drawn_at"])
    op.create_table(
        "audit_cursor",
        sa.Column("id", _ID, nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_cursor"),
    )
    with op.batch_alter_table("fact_check") as batch:
        batch.add_column(sa.Column("peer_id", _ID))
        batch.add_column(sa.Column("retracted_at", UtcDateTime()))
        batch.create_foreign_key("fk_fact_check_peer_id_peer", "peer", ["peer_id"], ["id"])
        batch.create_index("ix_fact_check_peer_id", ["peer_id"])
        batch.create_index("ix_fact_check_published", ["origin", "created_at"])
    op.create_index("ix_submission_created_at", "submission", ["created_at"])
    op.create_index("ix_submission_village", "submission", ["village", "created_at"])
    op.add_column("decision", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    for table, column in _RARE:
        _index_rare(table, column)


def _index_rare(table: str, column: str) -> None:
    """Index a time that few rows of a table have."""
    there = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    for table, column in _RARE:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_column("decision", "reason")
    op.drop_index("ix_submission_village", "submission")
    op.drop_index("ix_submission_created_at", "submission")
    with op.batch_alter_table("fact_check") as batch:
        batch.drop_index("ix_fact_check_published")
        batch.drop_index("ix_fact_check_peer_id")
        batch.drop_constraint("fk_fact_check_peer_id_peer", type_="foreignkey")
        batch.drop_column("retracted_at")
        batch.drop_column("peer_id")
    op.drop_table("audit_cursor")
    op.drop_table("audited_answer")
    op.drop_table("alert_sent")
    op.drop_table("surge")
    op.drop_table("notice")
    op.drop_table("material")
    op.drop_table("peer")
    op.drop_table("alert_subscription")
    op.drop_table("tally_hour")
    op.drop_table("tally_delay")
    op.drop_table("tally_area")
    op.drop_table("tally_day")
    op.drop_table("tally_due")
    op.drop_table("tally_cursor")
    op.drop_table("region_shape")
