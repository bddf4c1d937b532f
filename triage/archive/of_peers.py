"""What another office may say: fact-checks on pages of its own, under keys of its own, in its own name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.archive import journal
from triage.archive.rows import PEER_KEYS, ArchiveRow, Item, RowProblem, bounded
from triage.tables import FactCheck, Peer

# More than any office has checked; what a source could fill the store with.
MAX_ENTRIES = 20_000
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Office:
    """An office whose feed is read; `site` is where its pages are, `known` holds the keys of its entries.

    `known` grows with what is admitted.
    """

    id: int
    name: str
    site: tuple[str, int | None]
    known: set[str]


def behind(session: Session, source: str) -> Office | None:
    """Return the office whose feed stands at an address, None if it is no office's."""
    peer = session.scalar(select(Peer).where(Peer.url_hash == journal.source_hash(source)))
    if peer is None:
        return None
    keys = session.scalars(select(FactCheck.source_key).where(FactCheck.peer_id == peer.id))
    return Office(peer.id, peer.name, site_of(peer.url), set(keys))


def site_of(url: str) -> tuple[str, int | None]:
    """Return host and port of an address, so that all pages of one site give the same.

    A leading "www." counts as nothing, a scheme's own port as none. Raises `ValueError` for no address.
    """
    parts = urlsplit(url)
    port = None if parts.port == _PORTS.get(parts.scheme.lower()) else parts.port
    return (parts.hostname or "").rstrip(".").removeprefix("www."), port


def admitted(items: Iterable[Item], office: Office) -> Iterator[Item]:
    """Let through what an office may say, in its name and under its keys; refuse the rest, row by row.

    Whatever publisher a row names, it is told under the name that the office was noted by: otherwise a feed
    could speak as the ministry, or as us.
    """
    for item in items:
        if isinstance(item, RowProblem):
            yield item
            continue
        if not _on_site(item.url, office):
            yield RowProblem(item.line, f"url: is no page of {office.site[0]}, the site of this office")
            continue
        key = bounded(f"{PEER_KEYS}{office.id}:{item.source_key}")
        if isinstance(item, ArchiveRow):
            if key not in office.known and len(office.known) >= MAX_ENTRIES:
                yield RowProblem(item.line, f"is more than the {MAX_ENTRIES:,} entries of one office")
                continue
            office.known.add(key)
            yield replace(item, source_key=key, publisher=office.name)
        else:
            yield replace(item, source_key=key)


def _on_site(url: str, office: Office) -> bool:
    try:
        return bool(url) and site_of(url) == office.site
    except ValueError:
        return False
