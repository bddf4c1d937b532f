"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("wilayah", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "archive_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_import")),
    )
    with op.batch_alter_table("archive_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_import_source_hash"), ["source_hash"], unique=False)

    op.create_table(
        "event",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "fact_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("searchable", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_check")),
        sa.UniqueConstraint("source_key", name=op.f("uq_fact_check_source_key")),
    )
    with op.batch_alter_table("fact_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_check_seq"), ["seq"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("parked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_due", ["parked_at", "due_at"], unique=False)
        batch_op.create_index("ix_outbox_task_ref", ["task", "ref"], unique=False)

    op.create_table(
        "auth_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_auth_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_auth_session")),
    )
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "claim_group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("representative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fact_check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("harm", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.Double(), nullable=False),
        sa.Column("urgency_reasons", sa.JSON(), nullable=False),
        sa.Column("doubt", sa.Double(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("reporters", sa.Integer(), nullable=False),
        sa.Column("villages", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("lease_account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("model_version", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name=op.f("fk_claim_group_fact_check_id_fact_check")
        ),
        sa.ForeignKeyConstraint(
            ["lease_account"], ["account.id"], name=op.f("fk_claim_group_lease_account_account")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["claim_group.id"], name=op.f("fk_claim_group_merged_into_claim_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_group")),
    )
    with op.batch_alter_table("claim_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_group_fact_check_id"), ["fact_check_id"], unique=False)
        batch_op.create_index("ix_claim_group_lease_account_state", ["lease_account", "state"], unique=False)
        batch_op.create_index("ix_claim_group_queue", ["state", "urgency"], unique=False)

    op.create_table(
        "claim_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fact_check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name=op.f("fk_claim_text_fact_check_id_fact_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_text")),
    )
    with op.batch_alter_table("claim_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_text_fact_check_id"), ["fact_check_id"], unique=False)

    op.create_table(
        "import_problem",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["archive_import.id"], name=op.f("fk_import_problem_import_id_archive_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
    )
    with op.batch_alter_table("import_problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_problem_import_id"), ["import_id"], unique=False)

    op.create_table(
        "claim_vector",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("claim_text_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encoder", sa.String(length=80), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_text_id"],
            ["claim_text.id"],
            name=op.f("fk_claim_vector_claim_text_id_claim_text"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_vector")),
        sa.UniqueConstraint("claim_text_id", "encoder", name=op.f("uq_claim_vector_claim_text_id_encoder")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("fact_check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("what_to_do", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("harm", sa.String(length=12), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_decision_author_id_account")),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name=op.f("fk_decision_fact_check_id_fact_check")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["claim_group.id"], name=op.f("fk_decision_group_id_claim_group")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["account.id"], name=op.f("fk_decision_reviewer_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_state"), ["state"], unique=False)

    op.create_table(
        "fingerprint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["claim_group.id"], name=op.f("fk_fingerprint_group_id_claim_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprint")),
        sa.UniqueConstraint("digest", name=op.f("uq_fingerprint_digest")),
    )
    with op.batch_alter_table("fingerprint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fingerprint_group_id"), ["group_id"], unique=False)

    op.create_table(
        "sighting",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reporter_hash", sa.String(length=64), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["claim_group.id"], name=op.f("fk_sighting_group_id_claim_group")
        ),
        sa.PrimaryKeyConstraint("group_id", "reporter_hash", "village", name=op.f("pk_sighting")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipt_hash", sa.String(length=64), nullable=False),
        sa.Column("idempotency_hash", sa.String(length=64), nullable=True),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("reporter_hash", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["claim_group.id"], name=op.f("fk_submission_group_id_claim_group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("idempotency_hash", name=op.f("uq_submission_idempotency_hash")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_submission_receipt_hash")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_state"), ["state"], unique=False)

    op.create_table(
        "suggested_match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fact_check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("model_version", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("judged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name=op.f("fk_suggested_match_fact_check_id_fact_check")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["claim_group.id"], name=op.f("fk_suggested_match_group_id_claim_group")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by"], ["account.id"], name=op.f("fk_suggested_match_judged_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggested_match")),
        sa.UniqueConstraint(
            "group_id", "fact_check_id", name=op.f("uq_suggested_match_group_id_fact_check_id")
        ),
    )
    with op.batch_alter_table("suggested_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggested_match_fact_check_id"), ["fact_check_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fact_check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("missing", sa.String(length=20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name=op.f("fk_answer_fact_check_id_fact_check")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_answer_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "submission_id",
            "fact_check_id",
            "version",
            name=op.f("uq_answer_submission_id_fact_check_id_version"),
        ),
    )
    op.create_table(
        "fact_check_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fact_check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("what_to_do", sa.Text(), nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("harm", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("publisher", sa.String(length=120), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_fact_check_version_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["fact_check_id"], ["fact_check.id"], name=op.f("fk_fact_check_version_fact_check_id_fact_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_check_version")),
        sa.UniqueConstraint(
            "fact_check_id", "number", name=op.f("uq_fact_check_version_fact_check_id_number")
        ),
    )
    op.create_table(
        "fingerprint_band",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["fingerprint_id"],
            ["fingerprint.id"],
            name=op.f("fk_fingerprint_band_fingerprint_id_fingerprint"),
        ),
        sa.PrimaryKeyConstraint("key", "fingerprint_id", name=op.f("pk_fingerprint_band")),
    )
    _protect()


# What was sent stays as it was sent; only erasure empties it.
_CONTENT = (
    "receipt_hash, idempotency_hash, payload_hash, reporter_hash, text, url, channel, village, created_at"
)


def _protect() -> None:
    """Let the store itself refuse to change or remove an event, and to change what a reporter sent."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER event_no_{verb.lower()} BEFORE {verb} ON event "
                "BEGIN SELECT RAISE(ABORT, 'events are never changed or removed'); END"
            )
        op.execute(
            f"CREATE TRIGGER submission_as_sent BEFORE UPDATE OF {_CONTENT} ON submission "
            "WHEN NEW.state <> 'erased' BEGIN SELECT RAISE(ABORT, 'submissions stay as they were sent'); END"
        )
        return
    for name, message in (
        ("event_is_final", "events are never changed or removed"),
        ("submission_is_as_sent", "submissions stay as they were sent"),
    ):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
    op.execute(
        "CREATE TRIGGER event_final BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_is_final()"
    )
    op.execute(
        f"CREATE TRIGGER submission_as_sent BEFORE UPDATE OF {_CONTENT} ON submission "
        "FOR EACH ROW WHEN (NEW.state <> 'erased') EXECUTE FUNCTION submission_is_as_sent()"
    )


def _release() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("event_no_update", "event_no_delete", "submission_as_sent"):
            op.execute(f"DROP TRIGGER {trigger}")
        return
    op.execute("DROP TRIGGER event_final ON event")
    op.execute("DROP TRIGGER submission_as_sent ON submission")
    op.execute("DROP FUNCTION event_is_final()")
    op.execute("DROP FUNCTION submission_is_as_sent()")


def downgrade() -> None:
    _release()
    op.drop_table("fingerprint_band")
    op.drop_table("fact_check_version")
    op.drop_table("answer")
    with op.batch_alter_table("suggested_match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggested_match_fact_check_id"))

    op.drop_table("suggested_match")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_state"))
        batch_op.drop_index(batch_op.f("ix_submission_group_id"))

    op.drop_table("submission")
    op.drop_table("sighting")
    with op.batch_alter_table("fingerprint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fingerprint_group_id"))

    op.drop_table("fingerprint")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_state"))
        batch_op.drop_index(batch_op.f("ix_decision_group_id"))
        batch_op.drop_index(batch_op.f("ix_decision_author_id"))

    op.drop_table("decision")
    op.drop_table("claim_vector")
    with op.batch_alter_table("import_problem", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_problem_import_id"))

    op.drop_table("import_problem")
    with op.batch_alter_table("claim_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_text_fact_check_id"))

    op.drop_table("claim_text")
    with op.batch_alter_table("claim_group", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_group_queue")
        batch_op.drop_index("ix_claim_group_lease_account_state")
        batch_op.drop_index(batch_op.f("ix_claim_group_fact_check_id"))

    op.drop_table("claim_group")
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_session_account_id"))

    op.drop_table("auth_session")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_task_ref")
        batch_op.drop_index("ix_outbox_due")

    op.drop_table("outbox")
    with op.batch_alter_table("fact_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fact_check_seq"))

    op.drop_table("fact_check")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")

    op.drop_table("event")
    with op.batch_alter_table("archive_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_import_source_hash"))

    op.drop_table("archive_import")
    op.drop_table("account")
