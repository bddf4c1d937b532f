"""Put rows into the store: new ones, changed ones as a further version, unchanged ones not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from triage import events, outbox
from triage.archive.rows import ArchiveRow
from triage.columns import now
from triage.tables import ClaimText, ClaimVector, FactCheck, FactCheckVersion

Origin = Literal["imported", "starter", "own"]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows; `protected` names keys that belong to entries of another origin."""

    added: int = 0
    updated: int = 0
    same: int = 0
    protected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    origin: str
    version: int
    content_hash: str
    peer_id: int | None


@dataclass(frozen=True, slots=True)
class _Change:
    """A row to write: `known` is the entry that it changes, None if it is new."""

    row: ArchiveRow
    content_hash: str
    known: _Known | None
    seq: int

    @property
    def number(self) -> int:
        return self.known.version + 1 if self.known else 1


def upsert(
    session: Session,
    rows: Sequence[ArchiveRow],
    *,
    origin: Origin = "imported",
    actor: str = events.SYSTEM,
    peer_id: int | None = None,
) -> Counts:
    """Write rows (hundreds, distinct keys) inside the caller's write transaction; changes are encoded next.

    A changed row becomes a new version; its own wordings and their encodings are replaced. Entries of another
    origin stay as they are: no import rewrites what this office says in its own name, or what another office
    (`peer_id`) said. Objects of these tables that the session holds already are not refreshed.
    """
    known = _known(session, [row.source_key for row in rows])
    seq = session.scalar(select(func.max(FactCheck.seq))) or 0
    changes: list[_Change] = []
    protected = set()
    for row in rows:
        digest, found = content_hash(row), known.get(row.source_key)
        if found and found.content_hash == digest:
            continue
        if found and (found.origin, found.peer_id) != (origin, peer_id):
            protected.add(row.source_key)
            continue
        changes.append(_Change(row, digest, found, seq + len(changes) + 1))
    added = sum(change.known is None for change in changes)
    counts = Counts(
        added, len(changes) - added, len(rows) - len(changes) - len(protected), frozenset(protected)
    )
    if changes:
        ids = _write(session, changes, origin, peer_id)
        last = changes[-1]
        data = {"added": counts.added, "updated": counts.updated, "origin": origin, "seq": last.seq}
        latest = ids[last.row.source_key]
        events.append(session, actor=actor, subject="fact_check", subject_id=latest, name="import", data=data)
        outbox.add(session, "embed", last.seq)
    return counts


def content_hash(row: ArchiveRow) -> str:
    """Hash everything that readers or matching get from a row (SHA-256, hex)."""
    content = asdict(row)
    del content["line"]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _known(session: Session, keys: Sequence[str]) -> dict[str, _Known]:
    found = session.execute(
        select(
            FactCheck.source_key,
            FactCheck.id,
            FactCheck.origin,
            FactCheck.peer_id,
            FactCheck.version,
            FactCheckVersion.content_hash,
        )
        .join(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
        )
        .where(FactCheck.source_key.in_(keys))
    )
    return {
        row.source_key: _Known(row.id, row.origin, row.version, row.content_hash, row.peer_id)
        for row in found
    }


def _write(
    session: Session, changes: Sequence[_Change], origin: Origin, peer_id: int | None
) -> dict[str, int]:
    moment = now()
    ids = {change.row.source_key: change.known.id for change in changes if change.known}
    if ids:
        _replace(session, [change for change in changes if change.known], ids, moment)
    if new := [change for change in changes if change.known is None]:
        ids |= _insert(session, new, origin, peer_id, moment)
    session.execute(
        insert(FactCheckVersion),
        [
            _content(change.row)
            | {
                "fact_check_id": ids[change.row.source_key],
                "number": change.number,
                "content_hash": change.content_hash,
                "created_at": moment,
            }
            for change in changes
        ],
    )
    session.execute(
        insert(ClaimText),
        [
            {"fact_check_id": ids[change.row.source_key], "position": position, "text": text, "told": told}
            for change in changes
            for position, (text, told) in enumerate(_searched(change.row))
        ],
    )
    return ids


def _insert(
    session: Session, changes: Sequence[_Change], origin: Origin, peer_id: int | None, moment: datetime
) -> dict[str, int]:
    made = session.execute(
        insert(FactCheck).returning(FactCheck.source_key, FactCheck.id),
        [
            {
                "source_key": change.row.source_key,
                "origin": origin,
                "peer_id": peer_id,
                "searchable": change.row.searchable,
                "seq": change.seq,
                "version": change.number,
                "created_at": moment,
                "updated_at": moment,
            }
            for change in changes
        ],
    )
    return {row.source_key: row.id for row in made}


def _replace(session: Session, changes: Sequence[_Change], ids: dict[str, int], moment: datetime) -> None:
    session.execute(
        update(FactCheck),
        [
            {
                "id": ids[change.row.source_key],
                "version": change.number,
                "searchable": change.row.searchable,
                "seq": change.seq,
                "updated_at": moment,
                "retracted_at": None,
            }
            for change in changes
        ],
    )
    # What was learned from people is no publisher's to take back.
    old = (ClaimText.fact_check_id.in_(ids.values()), ClaimText.submission_id.is_(None))
    # The cascade would do the same where the store enforces it; vectors of old wordings must never stay.
    session.execute(
        delete(ClaimVector).where(ClaimVector.claim_text_id.in_(select(ClaimText.id).where(*old)))
    )
    session.execute(delete(ClaimText).where(*old))


def _searched(row: ArchiveRow) -> list[tuple[str, bool]]:
    """List what an entry is found by; last its explanation, marked as telling of the claim."""
    wordings = dict.fromkeys(text for text in (row.title, row.claim) if text)
    explained = [(row.explanation, True)] if row.explanation else []
    return [*((text, False) for text in wordings), *explained]


def _content(row: ArchiveRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "claim": row.claim,
        "explanation": row.explanation,
        "what_to_do": row.what_to_do,
        "ask": row.ask,
        "verdict": row.verdict,
        "harm": row.harm,
        "language": row.language,
        "publisher": row.publisher,
        "checked_on": row.checked_on,
        "url": row.url,
        "evidence": list(row.evidence),
    }
