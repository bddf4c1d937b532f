"""Rows for every table at every revision of the schema, as releases wrote them; new tables are added here.

The event log is a real chain, and all adds up: two messages came, one was answered, one was erased.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.engine import Connection

from tests.first_release import ROWS
from triage.schema import VERSIONS

_AT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
_HASH = "c" * 64

# Hashes as they were written then, not as today's code would write them.
_CHAIN = (
    "8fcf3eb9b5d16755b0472f5fe1b05497c3030be2b926e6065ffb683c883d254a",
    "507869c90c6ccdebb0ad137f7b83b270207b91da7b3235e1038c93fab4b252ac",
    "aff2434562b7e593fe73a11cacb4dcf380ff188b07f73a7b19487af3a63fa16c",
    "c390abb245f5e57f0a9eb2d4232d24b189ec09adbc980f199003ba03d1c91d62",
)


def _event(seq: int, name: str, subject_id: int, before: str, after: str) -> dict[str, Any]:
    return {
        "seq": seq, "at": _AT + timedelta(seconds=seq), "actor": "reporter" if name != "answer" else "system",
        "subject": "submission", "subject_id": subject_id, "name": name, "from_state": before,
        "to_state": after, "data": {"channel": "web"} if name == "receive" else {},
        "previous": _CHAIN[seq - 2] if seq > 1 else "0" * 64, "hash": _CHAIN[seq - 1],
    }  # fmt: skip


EVENTS = (
    _event(1, "receive", 1, "", "received"),
    _event(2, "receive", 2, "", "received"),
    _event(3, "answer", 1, "assessed", "answered"),
    _event(4, "erase", 2, "received", "erased"),
)
# Tables that came after the first release.
LATER: dict[str, tuple[dict[str, Any], ...]] = {
    "calibration_version": (
        {"id": 1, "identity": "12345678", "base": "87654321", "encoder": "e5", "before": None,
         "content": "{}", "created_at": _AT},
    ),
    "calibration_use": (
        {"id": 1, "version_id": 1, "back_to": None, "since": _AT, "actor": "operator"},
        {"id": 2, "version_id": None, "back_to": 1, "since": _AT, "actor": "operator"},
    ),
    "submission_note": ({"submission_id": 1, "seen": "wa-group", "remark": "Dari grup RT"},),
    "saved_draft": ({"account_id": 1, "group_id": 1, "fields": {"claim": "Kabar"}, "saved_at": _AT},),
    "local_source": (
        {"id": 1, "kind": "bpbd", "name": "BPBD", "contact": "Pusdalops", "active": True, "created_by": 1,
         "created_at": _AT},
    ),
    "inquiry": (
        {"id": 1, "source_id": 1, "group_id": 1, "asked_by": 1, "asked_at": _AT, "said": "Tidak ada."},
    ),
    "account_device": ({"account_id": 1, "reporter_hash": _HASH},),
    "recovery_code": ({"account_id": 2, "code_hash": _HASH},),
    "account_link": ({"token_hash": _HASH, "account_id": 1, "expires_at": _AT},),
    "known_secret": ({"id": 1, "identity": "0123456789abcdef", "noted_at": _AT},),
    "tally_hour": (
        {"begins": _AT.replace(minute=0, second=0, microsecond=0), "group_id": 1, "village": "35.08.01.2001",
         "channel": "web", "messages": 1, "at_once": 0, "unanswered": 0},
    ),
    "tally_day": (
        {"day": _AT.date(), "village": "35.08.01.2001", "channel": "web", "harm": "other",
         "verdict": "hoaks", "messages": 1, "at_once": 0, "unanswered": 0},
    ),
    "tally_area": (
        {"day": _AT.date(), "district": "35.08.01", "channel": "web", "harm": "other", "verdict": "hoaks",
         "messages": 1, "at_once": 0, "unanswered": 0},
    ),
    "tally_delay": ({"day": _AT.date(), "seconds": 60, "messages": 1},),
    "tally_due": ({"day": _AT.date(), "seq": 4},),
    "tally_cursor": ({"id": 1, "seq": 4, "counted_at": _AT},),
    "surge": (
        {"id": 1, "group_id": 1, "found_at": _AT, "since": _AT, "observed": 9, "expected": 0.5, "score": 8.0,
         "villages": 8, "last_at": _AT, "ended_at": None},
    ),
    "region_shape": ({"code": "35.08.01", "path": "M0 0h1v1z", "x": 0.5, "y": 0.5},),
    "notice": (
        {"id": 1, "fact_check_id": 1, "kind": "corrected", "version": 1, "reason": "Tanggalnya keliru.",
         "author_id": 1, "created_at": _AT},
    ),
    "material": (
        {"id": 1, "fact_check_id": 1, "version": 1, "kind": "script-jv", "text": "Sugeng enjing.",
         "author_id": 1, "created_at": _AT},
    ),
    "peer": (
        {"id": 1, "url": "https://penjaga.example/claimreview.json", "url_hash": _HASH, "name": "Jember",
         "trust": "suggests", "added_by": 1, "added_at": _AT, "read_at": None, "due_at": _AT, "failed": "",
         "failures": 0},
    ),
    "audited_answer": (
        {"id": 1, "answer_id": 1, "drawn_at": _AT, "outcome": "right", "judged_by": 1, "judged_at": _AT},
    ),
    "alert_subscription": (
        {"account_id": 1, "address": "sealed:z", "quiet_from": 21, "quiet_to": 5, "active": True,
         "changed_at": _AT},
    ),
    "alert_sent": ({"surge_id": 1, "account_id": 1, "sent_at": _AT},),
}  # fmt: skip
# Columns that tables of the first release got later; what is not here had a default.
LATER_COLUMNS: dict[str, dict[str, Any]] = {
    "suggested_match": {"likely": True, "features": [0.5], "feature_set": "abcdef01"},
    "claim_text": {"told": False, "submission_id": 1, "unproven": True},
    "fingerprint": {"form": "", "home_group_id": 2},
    "submission": {"objected_at": _AT, "home_group_id": 2},
    "claim_group": {"answered_at": _AT, "apart": True},
    "answer": {"withdrawn_at": None},
    "decision": {"reason": "Tanggalnya keliru."},
    "account": {"totp_secret": "sealed:x", "totp_step": 58000000},
    "account_device": {"failed_sign_ins": 2, "locked_until": _AT},
    "fact_check": {"peer_id": 1, "retracted_at": None},
    "auth_session": {"kind": "api", "code_due": True, "proved_at": _AT, "totp_offer": "sealed:y"},
}


def tables(connection: Connection) -> dict[str, Table]:
    """Return the tables of a store as it has them, parents before children."""
    found = MetaData()
    found.reflect(connection)
    return {table.name: table for table in found.sorted_tables if table.name != VERSIONS}


def rows_for(table: Table) -> list[dict[str, Any]]:
    """Return the rows for a table at its revision: with the columns that it has there."""
    given = EVENTS if table.name == "event" else ROWS.get(table.name) or LATER[table.name]
    later = LATER_COLUMNS.get(table.name, {})
    return [{name: value for name, value in (later | row).items() if name in table.columns} for row in given]


def fill(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Put rows into every table; return them by table."""
    filled = {}
    for name, table in tables(connection).items():
        filled[name] = rows_for(table)
        connection.execute(table.insert(), filled[name])
    return filled
