"""Intake: a submission and its outbox row are committed together, then comes the receipt."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.text import canonical_url, clean, urls
from triage import events, outbox, receipts
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import SubmissionRefused
from triage.regions import is_village
from triage.tables import Submission, SubmissionNote

_log = structlog.get_logger(__name__)
MAX_CHARACTERS = 10_000
MAX_URL_CHARACTERS = 2_000
MAX_KEY_CHARACTERS = 200
MAX_REMARK_CHARACTERS = 500
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


def reporter_hash(config: Config, device: str) -> str:
    """Return how the messages of a browser are counted: a keyed hash of its random number."""
    return receipts.keyed_hash(config.secret, "reporter", device)


def accept(store: Store, config: Config, new: NewSubmission) -> str:
    """Store a submission and what it owes, and return its receipt (`XXXX-XXXX-XXXX-XXXX`).

    The same idempotency key with the same content returns the same receipt and stores nothing more.
    Raises `SubmissionRefused` (nothing stored; `code` says why) and `StoreUnavailable`.
    """
    text, url = _checked(config, new)
    seen, remark = _checked_note(new)
    # Without one, the same as in releases that knew none: a repetition is one for them too.
    note = f"\x00{seen}\x00{remark}" if seen or remark else ""
    key = new.idempotency_key
    receipt = receipts.receipt_for(config.secret, key) if key else receipts.new_receipt()
    submission = Submission(
        receipt_hash=receipts.keyed_hash(config.secret, "receipt", receipt),
        idempotency_hash=receipts.keyed_hash(config.secret, "idempotency", key) if key else None,
        payload_hash=receipts.keyed_hash(
            config.secret, "payload", f"{text}\x00{url}\x00{new.village or ''}{note}"
        ),
        reporter_hash=reporter_hash(config, new.device) if new.device else None,
        text=text,
        url=url,
        channel=new.channel,
        village=new.village or None,
        created_at=now(),
        state="received",
    )
    with store.write() as session:
        if submission.idempotency_hash and (earlier := _seen(session, submission)):
            structlog.contextvars.bind_contextvars(item=earlier)
            return receipt
        session.add(submission)
        session.flush()
        if seen or remark:
            session.add(SubmissionNote(submission_id=submission.id, seen=seen, remark=remark))
        outbox.add(session, "assess", submission.id)
        events.append(
            session,
            actor=events.REPORTER,
            subject="submission",
            subject_id=submission.id,
            name="receive",
            to_state="received",
            data={"channel": new.channel},
        )
    # Every line that this request still logs names it, as those of the workers do.
    structlog.contextvars.bind_contextvars(item=submission.id)
    _log.info("accepted", item=submission.id)
    return receipt


def whole(text: str, url: str | None) -> str:
    """Return what a message says, the link that came in a field of its own included."""
    return f"{text}\n{url}".strip() if url and canonical_url(url) not in urls(text) else text


def _seen(session: Session, new: Submission) -> int | None:
    """Return the number of the submission that came with this key before."""
    query = select(Submission.id, Submission.payload_hash)
    earlier = session.execute(query.where(Submission.idempotency_hash == new.idempotency_hash)).first()
    if earlier is None:
        return None
    # Of an erased message none is left: what comes again was sent before it was erased.
    if earlier.payload_hash and earlier.payload_hash != new.payload_hash:
        raise SubmissionRefused(
            "idempotency-key-reused", "This Idempotency-Key was used before with another message."
        )
    return int(earlier.id)


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
