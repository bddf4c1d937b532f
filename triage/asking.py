"""Local sources: whom one can ask in the region, when somebody was asked, and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.text import clean
from triage import events
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound, SealBroken, SourceRefused
from triage.permissions import Actor, require
from triage.sealing import is_sealed, seal, sealed_by_present, unseal
from triage.tables import Account, ClaimGroup, Inquiry, LocalSource

Kind = Literal["bpbd", "pvmbg", "dinkes", "polres", "desa", "lain"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_NAME, MAX_CONTACT, MAX_SAID = 120, 500, 2_000
MAX_SHOWN = 50
_CONTACT = "source contact"


@dataclass(frozen=True, slots=True)
class Source:
    """A source with how often it was asked, and when last.

    `contact`: how to reach it; None where another secret sealed it.
    """

    id: int
    kind: str
    name: str
    contact: str | None
    active: bool
    asked: int
    last_asked: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One time that a source was asked."""

    source_id: int
    source: str
    group_id: int | None
    by: str
    at: datetime
    said: str


def sources(session: Session, config: Config, actor: Actor) -> tuple[Source, ...]:
    """List every source, those still in use first, by kind and name, with one query."""
    require(actor, "queue.see")
    order = (LocalSource.active.desc(), LocalSource.kind, LocalSource.name)
    return tuple(_source(config, *row) for row in session.execute(_counted().order_by(*order)))


def source(
    session: Session, config: Config, actor: Actor, source_id: int
) -> tuple[Source, tuple[Asked, ...]]:
    """Return a source and what it said, newest first. Raises `NotFound`."""
    require(actor, "queue.see")
    row = session.execute(_counted().where(LocalSource.id == source_id)).first()
    if row is None:
        raise NotFound("There is no source with this number.")
    return _source(config, *row), _asked(session, _inquiries().where(Inquiry.source_id == source_id))


def asked_about(session: Session, group_id: int) -> tuple[Asked, ...]:
    """Return who was asked about a group and what was said, newest first."""
    return _asked(session, _inquiries().where(Inquiry.group_id == group_id))


def add_source(store: Store, config: Config, actor: Actor, kind: str, name: str, contact: str) -> int:
    """Note a source; returns its number. Raises `SourceRefused`, `Forbidden`."""
    require(actor, "sources.write")
    if kind not in KINDS:
        raise SourceRefused("Choose what kind of source it is.", "kind")
    name, contact = _text(name, "name", MAX_NAME), _text(contact, "contact", MAX_CONTACT)
    with store.write() as session:
        same = select(LocalSource.id).where(LocalSource.kind == kind, LocalSource.name == name)
        if session.scalar(same) is not None:
            raise SourceRefused("This source is noted already.", "same")
        noted = LocalSource(kind=kind, name=name, contact=seal(config, _CONTACT, contact), active=True)
        noted.created_by, noted.created_at = actor.account_id, now()
        session.add(noted)
        session.flush()
        _log(session, actor, noted.id, "add")
        return noted.id


def change_source(
    store: Store, config: Config, actor: Actor, source_id: int, contact: str, *, active: bool
) -> None:
    """Change how a source is reached, and whether it still can be. Raises `SourceRefused`, `NotFound`."""
    require(actor, "sources.write")
    contact = _text(contact, "contact", MAX_CONTACT)
    with store.write() as session:
        noted = _find(session, source_id)
        noted.contact, noted.active = seal(config, _CONTACT, contact), active
        _log(session, actor, noted.id, "change" if active else "retire")


def seal_contacts(store: Store, config: Config) -> int:
    """Seal with the present secret what is in clear or sealed with an earlier one; return how many.

    What an unknown secret sealed is left: it is readable again once that one is given.
    """
    with store.read() as session:
        if all(
            sealed_by_present(config, _CONTACT, one) for one in session.scalars(select(LocalSource.contact))
        ):
            return 0
    done = 0
    with store.write() as session:
        for row in session.scalars(select(LocalSource)):
            contact = _contact(config, row.contact)
            if contact is not None and not sealed_by_present(config, _CONTACT, row.contact):
                row.contact = seal(config, _CONTACT, contact)
                done += 1
    return done


def note_answer(store: Store, actor: Actor, source_id: int, group_id: int | None, said: str) -> None:
    """Note that a source was asked just now, about a group or in general, and what it said.

    Raises `SourceRefused`, `NotFound`.
    """
    require(actor, "sources.write")
    said = _text(said, "said", MAX_SAID)
    with store.write() as session:
        _find(session, source_id)
        if group_id is not None and session.get(ClaimGroup, group_id) is None:
            raise SourceRefused("There is no item with this number.", "group")
        asked = Inquiry(source_id=source_id, group_id=group_id, said=said)
        asked.asked_by, asked.asked_at = actor.account_id, now()
        session.add(asked)
        session.flush()
        # What was said may name people: events outlive everything.
        _log(session, actor, source_id, "ask", {"inquiry": asked.id, "group": group_id})


def _counted() -> Select[LocalSource, int, datetime]:
    return (
        select(LocalSource, func.count(Inquiry.id), func.max(Inquiry.asked_at))
        .outerjoin(Inquiry, Inquiry.source_id == LocalSource.id)
        .group_by(LocalSource.id)
    )


def _source(config: Config, row: LocalSource, asked: int, last: datetime | None) -> Source:
    contact = _contact(config, row.contact)
    return Source(row.id, row.kind, row.name, contact, row.active, asked, last)


def _contact(config: Config, stored: str) -> str | None:
    if not is_sealed(stored):
        return stored
    try:
        return unseal(config, _CONTACT, stored)
    except SealBroken:
        return None


def _inquiries() -> Select[Inquiry, str, str]:
    return (
        select(Inquiry, LocalSource.name, Account.display_name)
        .join(LocalSource, LocalSource.id == Inquiry.source_id)
        .join(Account, Account.id == Inquiry.asked_by)
        .order_by(Inquiry.id.desc())
        .limit(MAX_SHOWN)
    )


def _asked(session: Session, query: Select[Inquiry, str, str]) -> tuple[Asked, ...]:
    return tuple(
        Asked(row.source_id, name, row.group_id, by, row.asked_at, row.said)
        for row, name, by in session.execute(query)
    )


def _find(session: Session, source_id: int) -> LocalSource:
    noted = session.get(LocalSource, source_id)
    if noted is None:
        raise NotFound("There is no source with this number.")
    return noted


def _text(given: str, field: str, limit: int) -> str:
    text = clean(given).strip()
    if not text or len(text) > limit:
        raise SourceRefused(f"{field} needs 1 to {limit} characters, this has {len(text)}.", field)
    return text


def _log(
    session: Session, actor: Actor, source_id: int, name: str, data: dict[str, int | None] | None = None
) -> None:
    events.append(
        session, actor=actor.label, subject="source", subject_id=source_id, name=name, data=dict(data or {})
    )
