"""A rising claim in a few neutral words, as they may leave the store.

A letter cannot be taken back: where the claim is like a fact-check, its published heading stands there, and
else a reporter's words without links, numbers, addresses and names behind forms of address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.text import clean, pieces
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.masking import without_names, without_people
from triage.states import ANSWERABLE
from triage.tables import ClaimGroup, FactCheck, Submission, SuggestedMatch, Surge
from triage.verdicts import verdicts

MAX_WORDS = 200
# Read so much and no more: what is left out may be masked, and half a number would not be.
_READ = 5 * MAX_WORDS
_DECIDED = frozenset({"assessed", "approved", "answered", *ANSWERABLE})
_OPEN, _SOON = "Belum diputuskan", "Putusannya segera terbit"
_LINK, _ADDRESS, _CUT = "<tautan>", "<surel>", " …"
STANDING = {
    "assessed": "segera dijawab",
    "queued": "menunggu petugas",
    "leased": "sedang dikerjakan petugas",
    "decided": "menunggu persetujuan",
    "approved": "sudah diputuskan, segera disampaikan",
    "published": "sudah diputuskan, jawabannya sedang disampaikan",
    "answered": "sudah terjawab",
    "merged": "sudah digabung ke kabar lain",
    "erased": "isinya sudah dihapus",
}


@dataclass(frozen=True, slots=True)
class Rising:
    """A claim that rises, with its verdict before it where there is one."""

    surge: Surge
    words: str
    standing: str


def rising(session: Session, surge_ids: Sequence[int]) -> list[Rising]:
    """Describe surges, the strongest first. A constant number of queries."""
    surges = session.scalars(
        select(Surge).where(Surge.id.in_(surge_ids)).order_by(Surge.score.desc(), Surge.id)
    ).all()
    numbers = [surge.group_id for surge in surges]
    groups = {
        group.id: group for group in session.scalars(select(ClaimGroup).where(ClaimGroup.id.in_(numbers)))
    }
    told, alike = _told(session, list(groups.values())), _alike(session, numbers)
    texts = _texts(session, list(groups.values()))
    return [
        Rising(
            surge,
            _words(groups[surge.group_id], told, alike, texts),
            STANDING.get(groups[surge.group_id].state, ""),
        )
        for surge in surges
    ]


def _words(
    group: ClaimGroup,
    told: dict[int, CurrentFactCheck],
    alike: dict[int, CurrentFactCheck],
    texts: dict[int, str],
) -> str:
    answer = told.get(group.fact_check_id or 0)
    if answer is not None and group.state in _DECIDED:
        return f"{_verdict(answer)}: “{_line(answer.title)}”"
    opening = _SOON if group.state == "approved" else _OPEN
    if group.id in alike:
        found = alike[group.id]
        return f"{opening}. Mirip dengan yang pernah diperiksa ({_verdict(found)}): “{_line(found.title)}”"
    text = outward(texts.get(group.representative_id, ""))
    return f"{opening}: “{text}”" if text else f"{opening}; isinya hanya tautan, atau sudah dihapus."


def outward(text: str) -> str:
    """Return at most `MAX_WORDS` characters of a message, in one line, without what leads to people."""
    cut = (_LINK if address else piece for piece, address in pieces(clean(text[:_READ])))
    # Rather too much than an address: also what the masking takes for none, and names of accounts.
    words = (_ADDRESS if "@" in word else word for word in "".join(cut).split())
    line = _line(without_names(without_people(" ".join(words)), ""))
    return "" if line == _LINK else line


def _line(text: str) -> str:
    line = " ".join(clean(text).split())
    return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - len(_CUT)].rsplit(" ", 1)[0] + _CUT


def _verdict(entry: CurrentFactCheck) -> str:
    known = verdicts().get(entry.verdict)
    return known.label if known else "Sudah pernah diperiksa"


def _texts(session: Session, groups: Sequence[ClaimGroup]) -> dict[int, str]:
    numbers = [group.representative_id for group in groups]
    rows = session.execute(select(Submission.id, Submission.text).where(Submission.id.in_(numbers)))
    return dict(rows.all())


def _told(session: Session, groups: Sequence[ClaimGroup]) -> dict[int, CurrentFactCheck]:
    numbers = [group.fact_check_id for group in groups if group.fact_check_id is not None]
    rows = session.execute(entries.statement().where(FactCheck.id.in_(numbers)))
    return {row.FactCheck.id: entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows}


def _alike(session: Session, numbers: Sequence[int]) -> dict[int, CurrentFactCheck]:
    """Return, by group, the likely suggestion that stands first and that nobody rejected."""
    rows = session.execute(
        entries.statement()
        .add_columns(SuggestedMatch.group_id)
        .join(SuggestedMatch, SuggestedMatch.fact_check_id == FactCheck.id)
        .where(
            SuggestedMatch.group_id.in_(numbers),
            SuggestedMatch.likely.is_(True),
            SuggestedMatch.state != "rejected",
            FactCheck.searchable.is_(True),
        )
        .order_by(SuggestedMatch.rank.desc())
    )
    return {row.group_id: entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows}
