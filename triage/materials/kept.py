"""Texts as a person left them: kept beside the draft, one after the other, each for one version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.text import clean
from triage import events
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.db import Store
from triage.errors import MaterialRefused, NotFound
from triage.gist import Gist, gist
from triage.materials.phrases import Language, phrases
from triage.materials.script import script
from triage.materials.whatsapp import whatsapp
from triage.permissions import Actor, require
from triage.tables import Account, FactCheck, Material

Kind = Literal["whatsapp", "naskah", "whatsapp-jv", "naskah-jv"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Room for what a person adds to a draft.
MAX_TEXT = {"whatsapp": 1_000, "naskah": 1_500}
MOST_LISTED = 40


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a fact-check. `by` and `at`: who left it so; '' and None of one that nobody read yet.

    `stale`: it was left so for an earlier version of the fact-check, so that it may be wrong now.
    """

    kind: Kind
    language: Language
    text: str
    draft: str
    by: str = ""
    at: datetime | None = None
    stale: bool = False

    @property
    def is_message(self) -> bool:
        """Whether it is passed on by WhatsApp; otherwise it is read aloud."""
        return self.kind.startswith("whatsapp")

    @property
    def checked(self) -> bool:
        """Whether a person stands behind it as it is."""
        return bool(self.by) and not self.stale

    @property
    def public(self) -> bool:
        """Whether everybody may read it: Indonesian as it is made, Javanese only if a person read it."""
        return self.language == "id" or self.checked


def texts(session: Session, entry: CurrentFactCheck, office: str, address: str) -> tuple[Text, ...]:
    """Return every text of a fact-check, for staff: as it was left last, or the draft."""
    said, newest = gist(entry), _newest(session, entry.id)
    return tuple(_text(entry, said, kind, newest, office, address) for kind in KINDS)


def public_texts(session: Session, entry: CurrentFactCheck, office: str, address: str) -> tuple[Text, ...]:
    """Return what everybody may read of them: nothing that was written for an earlier version."""
    return tuple(
        Text(one.kind, one.language, one.draft, one.draft) if one.stale else one
        for one in texts(session, entry, office, address)
        if one.public
    )


def save(
    store: Store, actor: Actor, fact_check_id: int, kind: str, version: int, text: str, address: str
) -> None:
    """Keep a text as a person left it, for the version that the person had before them.

    A message must begin with the verdict and lead to the fact-check's page (`address`). Raises `Forbidden`,
    `NotFound`, and `MaterialRefused` naming what is wrong.
    """
    require(actor, "material.write")
    chosen = next((one for one in KINDS if one == kind), None)
    if chosen is None:
        raise NotFound("There is no text of this kind.")
    text = clean(text)
    with store.write() as session:
        entry = entries.current(session, fact_check_id)
        if not entry.public:
            raise NotFound("There is no public fact-check with this number.")
        if entry.version != version:
            raise MaterialRefused("The fact-check was corrected meanwhile.", "version")
        _check(gist(entry), chosen, text, address)
        session.add(
            Material(
                fact_check_id=entry.id, version=entry.version, kind=chosen, text=text,
                author_id=actor.account_id, created_at=now(),
            )
        )  # fmt: skip
        events.append(
            session, actor=actor.label, subject="fact_check", subject_id=entry.id, name="write_material",
            data={"kind": chosen, "version": entry.version},
        )  # fmt: skip


def _check(said: Gist, kind: Kind, text: str, address: str) -> None:
    if not text:
        raise MaterialRefused("The text is empty.", "empty")
    if len(text) > MAX_TEXT[kind.removesuffix("-jv")]:
        raise MaterialRefused("The text is too long.", "long")
    if not kind.startswith("whatsapp"):
        return
    first = text.split("\n", 1)[0].casefold()
    if not any(phrases(one).verdicts[said.code].word.casefold() in first for one in ("id", "jv")):
        raise MaterialRefused("The first line does not say the verdict.", "verdict")
    if f"{address} " not in f"{' '.join(text.split())} ":
        raise MaterialRefused("The address of the page is missing.", "address")


def _newest(session: Session, fact_check_id: int) -> dict[str, tuple[Material, str]]:
    last = (
        select(func.max(Material.id)).where(Material.fact_check_id == fact_check_id).group_by(Material.kind)
    )
    rows = session.execute(
        select(Material, Account.display_name)
        .join(Account, Account.id == Material.author_id)
        .where(Material.id.in_(last))
    )
    return {kept.kind: (kept, name) for kept, name in rows}


def _text(
    entry: CurrentFactCheck, said: Gist, kind: Kind, newest: dict[str, tuple[Material, str]],
    office: str, address: str,
) -> Text:  # fmt: skip
    language: Language = "jv" if kind.endswith("-jv") else "id"
    draft = (
        whatsapp(said, office, address, language) if kind.startswith("whatsapp") else script(said, language)
    )
    if kind not in newest:
        return Text(kind, language, draft, draft)
    kept, name = newest[kind]
    return Text(kind, language, kept.text, draft, name, kept.created_at, kept.version != entry.version)


@dataclass(frozen=True, slots=True)
class Listed:
    """A fact-check of our own, and the kinds of text that a person has read as it stands now."""

    entry: CurrentFactCheck
    checked: frozenset[str]


def newest(session: Session) -> tuple[Listed, ...]:
    """Return our fact-checks that changed last, at most `MOST_LISTED`, with two queries."""
    rows = session.execute(
        entries.statement()
        .where(FactCheck.origin == "own", FactCheck.searchable.is_(True))
        .order_by(FactCheck.updated_at.desc(), FactCheck.id.desc())
        .limit(MOST_LISTED)
    )
    found = [entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows]
    kept = session.execute(
        select(Material.fact_check_id, Material.version, Material.kind).where(
            Material.fact_check_id.in_([entry.id for entry in found])
        )
    ).all()
    return tuple(
        Listed(
            entry,
            frozenset(
                row.kind for row in kept if (row.fact_check_id, row.version) == (entry.id, entry.version)
            ),
        )
        for entry in found
        if entry.public
    )
