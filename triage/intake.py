"""Intake: a submission and its outbox row are committed together, then comes the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from models.text import canonical_url, clean, urls
from triage import devices, events, outbox, receipts
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import SubmissionRefused
from triage.regions import is_village
from triage.tables import Submission, SubmissionNote

MAX_CHARACTERS = 10_000
MAX_URL_CHARACTERS = 2_000
MAX_KEY_CHARACTERS = 200
MAX_REMARK_CHARACTERS = 500
_TABLE = cast("Table", Submission.__table__)
CHANNELS = frozenset({"web", "api", "whatsapp", "telegram", "sms"})
# Where a message was seen; the words for them stand in `triage.web.labels`.
SEEN = (
    "wa-group",
    "wa-person",
    "facebook",
    "tiktok",
    "youtube",
    "instagram",
    "telegram",
    "sms",
    "told",
    "other",
)


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """What a reporter sends. `device` is the browser's random number: counted, never stored as it is.

    `seen`: where they saw it, one of `SEEN`; `remark`: what they want to add for whoever checks it.
    """

    text: str
    url: str | None = None
    village: str | None = None
    channel: str = "web"
    idempotency_key: str | None = None
    device: str | None = None
    seen: str = ""
    remark: str = ""


def accept(store: Store, config: Config, new: NewSubmission) -> str:
    """Store a submission and what it owes, and return its receipt (`XXXX-XXXX-XXXX-XXXX`).

    The same idempotency key with the same content returns the same receipt and stores nothing more.
    Raises `SubmissionRefused` (nothing stored; `code` says why) and `StoreUnavailable`.
    """
    text, url = _checked(config, new)
    seen, remark = _checked_note(new)
    # Without one, the same as in releases that knew none: a repetition is one for them too.
    note = f"\x00{seen}\x00{remark}" if seen or remark else ""
    key, content = new.idempotency_key, f"{text}\x00{url}\x00{new.village or ''}{note}"
    receipt = receipts.receipt_for(config.secret, key) if key else receipts.new_receipt()
    row = {
        "receipt_hash": receipts.keyed_hash(config.secret, "receipt", receipt),
        "idempotency_hash": receipts.keyed_hash(config.secret, "idempotency", key) if key else None,
        "payload_hash": receipts.keyed_hash(config.secret, "payload", content),
        "reporter_hash": devices.reporter_hash(config, new.device) if new.device else None,
        "text": text,
        "url": url,
        "channel": new.channel,
        "village": new.village or None,
        "created_at": now(),
        "state": "received",
    }

    def keep(session: Session) -> tuple[int, str]:
        earlier = _came_before(session, config, key, content) if key else None
        if earlier is not None:
            return earlier
        if new.device:
            devices.adopt(session, config, new.device)
        number = _insert(session, row)
        if seen or remark:
            session.add(SubmissionNote(submission_id=number, seen=seen, remark=remark))
        return number, receipt

    number, kept = store.write_together(keep)
    # What this request still logs names it, as the lines of the workers do.
    structlog.contextvars.bind_contextvars(item=number)
    return kept


def _insert(session: Session, row: Mapping[str, Any]) -> int:
    number = int(session.scalars(insert(_TABLE).returning(_TABLE.c.id), row).one())
    outbox.add(session, "assess", number)
    events.append(
        session,
        actor=events.REPORTER,
        subject="submission",
        subject_id=number,
        name="receive",
        to_state="received",
        data={"channel": row["channel"]},
    )
    return number


def whole(text: str, url: str | None) -> str:
    """Return what a message says, the link that came in a field of its own included."""
    return f"{text}\n{url}".strip() if url and canonical_url(url) not in urls(text) else text


def _came_before(session: Session, config: Config, key: str, content: str) -> tuple[int, str] | None:
    """Return number and receipt of what came with the key before, whichever secret was in use then."""
    by_hash = {receipts.keyed_hash(secret, "idempotency", key): secret for secret in config.secrets}
    found = session.execute(
        select(Submission.id, Submission.idempotency_hash, Submission.payload_hash).where(
            Submission.idempotency_hash.in_(by_hash)
        )
    ).first()
    if found is None:
        return None
    secret = by_hash[found.idempotency_hash]
    # Of an erased message none is left: what comes again was sent before it was erased.
    if found.payload_hash and found.payload_hash != receipts.keyed_hash(secret, "payload", content):
        raise SubmissionRefused(
            "idempotency-key-reused", "This Idempotency-Key was used before with another message."
        )
    return found.id, receipts.receipt_for(secret, key)


def _checked(config: Config, new: NewSubmission) -> tuple[str, str | None]:
    if len(new.text) > MAX_CHARACTERS:
        raise SubmissionRefused(
            "text-too-long", f"The text has {len(new.text)} characters; {MAX_CHARACTERS} are allowed.", 413
        )
    if new.idempotency_key and len(new.idempotency_key) > MAX_KEY_CHARACTERS:
        raise SubmissionRefused(
            "idempotency-key-too-long", f"An Idempotency-Key may have {MAX_KEY_CHARACTERS} characters."
        )
    if new.channel not in CHANNELS:
        raise SubmissionRefused("channel-unknown", f"channel must be one of {', '.join(sorted(CHANNELS))}.")
    if new.village and not is_village(config.wilayah, new.village):
        raise SubmissionRefused(
            "village-unknown", f"village must be a Kemendagri village code of {config.wilayah}."
        )
    text, url = clean(new.text).strip(), _checked_url(new.url)
    if not text and not url:
        raise SubmissionRefused("empty", "Send a text or a link: there is nothing to check.")
    return text, url


def _checked_note(new: NewSubmission) -> tuple[str, str]:
    remark = clean(new.remark).strip()
    if len(remark) > MAX_REMARK_CHARACTERS:
        raise SubmissionRefused(
            "remark-too-long", f"A remark may have {MAX_REMARK_CHARACTERS} characters.", 413
        )
    if new.seen and new.seen not in SEEN:
        raise SubmissionRefused("seen-unknown", f"seen must be one of {', '.join(SEEN)}.")
    return new.seen, remark


def _checked_url(given: str | None) -> str | None:
    url = clean(given).strip() if given else ""
    if not url:
        return None
    # Links are kept and compared, never opened here, so a private address does no harm.
    if len(url) > MAX_URL_CHARACTERS or canonical_url(url) is None:
        raise SubmissionRefused("url-invalid", "url must be a web address, http:// or https://.")
    return url
