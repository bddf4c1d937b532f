"""Rows as the first release wrote them, one table after the other; they stay when the tables change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

_AT = datetime(2026, 1, 5, 3, 4, 5, 678901, tzinfo=UTC)
_LATER = datetime(2026, 1, 6, tzinfo=UTC)
_EVIDENCE = [{"label": "Kantor desa", "url": "https://contoh.example/bukti"}]
_HASH = "a" * 64

# Parents before children.
ROWS: dict[str, tuple[dict[str, Any], ...]] = {
    "account": (
        {"id": 1, "username": "siti", "display_name": "Siti", "role": "verifikator", "password_hash": "-",
         "must_change_password": False, "active": True, "wilayah": "35.08", "created_at": _AT,
         "failed_sign_ins": 0, "locked_until": None},
        {"id": 2, "username": "dewi", "display_name": "Dewi", "role": "penyetuju", "password_hash": "-",
         "must_change_password": True, "active": False, "wilayah": "35.08.01", "created_at": _AT,
         "failed_sign_ins": 3, "locked_until": _LATER},
    ),
    "archive_import": (
        {"id": 1, "source": "arsip.jsonl", "source_hash": _HASH, "state": "finished", "position": 2,
         "content_hash": _HASH, "etag": "e", "added": 1, "updated": 0, "same": 0, "refused": 1,
         "started_at": _AT, "finished_at": _LATER, "error": ""},
    ),
    "event": (
        {"seq": 1, "at": _AT, "actor": "system", "subject": "group", "subject_id": 1, "name": "queue",
         "from_state": "assessed", "to_state": "queued", "data": {"band": "new"}, "previous": "0" * 64,
         "hash": _HASH},
    ),
    "fact_check": (
        {"id": 1, "source_key": "t-1", "origin": "imported", "searchable": True, "seq": 1, "version": 1,
         "created_at": _AT, "updated_at": _LATER},
    ),
    "outbox": (
        {"id": 1, "task": "assess", "ref": 1, "created_at": _AT, "due_at": _AT, "attempts": 0,
         "last_error": "", "parked_at": None},
        {"id": 2, "task": "answer", "ref": 1, "created_at": _AT, "due_at": _LATER, "attempts": 6,
         "last_error": "EncoderError", "parked_at": _LATER},
    ),
    "auth_session": (
        {"token_hash": _HASH, "account_id": 1, "created_at": _AT, "last_seen": _AT, "expires_at": _LATER},
    ),
    "claim_group": (
        {"id": 1, "state": "leased", "band": "review", "representative_id": 1, "fact_check_id": 1,
         "merged_into": None, "harm": "fraud", "urgency": 0.25, "urgency_reasons": [], "doubt": 0.4,
         "submissions": 2, "reporters": 1, "villages": 1, "first_seen": _AT, "last_seen": _LATER,
         "lease_account": 1, "lease_until": _LATER, "model_version": "m"},
        {"id": 2, "state": "merged", "band": "new", "representative_id": 1, "fact_check_id": None,
         "merged_into": 1, "harm": "other", "urgency": 0.1, "urgency_reasons": [], "doubt": 1.0,
         "submissions": 1, "reporters": 1, "villages": 0, "first_seen": _AT, "last_seen": _AT,
         "lease_account": None, "lease_until": None, "model_version": "m"},
    ),
    "claim_text": ({"id": 1, "fact_check_id": 1, "position": 0, "text": "Kabar lama"},),
    "import_problem": ({"id": 1, "import_id": 1, "line": 2, "reason": "is not JSON"},),
    "claim_vector": ({"id": 7, "claim_text_id": 1, "encoder": "e5", "vector": b"\x00\x3c\x00\x00"},),
    "decision": (
        {"id": 1, "group_id": 1, "kind": "new", "state": "returned", "fact_check_id": None,
         "verdict": "hoaks", "claim": "Kabar", "headline": "Judul", "explanation": "Tidak benar.",
         "what_to_do": "", "evidence": _EVIDENCE, "harm": "fraud", "author_id": 1, "created_at": _AT,
         "reviewer_id": 2, "reviewed_at": _LATER, "remark": "Tambah bukti."},
    ),
    "fingerprint": ({"id": 1, "digest": _HASH, "text": "kabar", "group_id": 1},),
    "sighting": (
        {"group_id": 1, "reporter_hash": "", "village": "35.08.01.2001", "times": 2, "first_seen": _AT,
         "last_seen": _LATER},
    ),
    "submission": (
        {"id": 1, "receipt_hash": _HASH, "idempotency_hash": None, "payload_hash": _HASH,
         "reporter_hash": None, "text": "Kabar", "url": None, "channel": "web", "village": "35.08.01.2001",
         "created_at": _AT, "state": "answered", "group_id": 1, "erased_at": None},
        {"id": 2, "receipt_hash": "b" * 64, "idempotency_hash": _HASH, "payload_hash": _HASH,
         "reporter_hash": None, "text": "", "url": None, "channel": "api", "village": None,
         "created_at": _AT, "state": "erased", "group_id": None, "erased_at": _LATER},
    ),
    "suggested_match": (
        {"id": 1, "group_id": 1, "fact_check_id": 1, "rank": 1, "probability": 0.6, "reasons": [],
         "model_version": "m", "state": "rejected", "judged_by": 1, "judged_at": _LATER, "created_at": _AT},
    ),
    "answer": (
        {"id": 1, "submission_id": 1, "fact_check_id": 1, "version": 1, "via": "known", "missing": "",
         "created_at": _LATER},
    ),
    "fact_check_version": (
        {"id": 1, "fact_check_id": 1, "number": 1, "title": "Judul", "claim": "Kabar", "explanation": "",
         "what_to_do": "", "ask": "", "verdict": "hoaks", "harm": "fraud", "language": "id",
         "publisher": "Contoh", "checked_on": date(2026, 1, 2), "url": "https://contoh.example/1",
         "evidence": _EVIDENCE, "content_hash": _HASH, "decision_id": 1, "created_at": _AT},
    ),
    "fingerprint_band": ({"key": -1234567890123, "fingerprint_id": 1},),
}  # fmt: skip
