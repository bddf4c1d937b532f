"""The bulletin as a paper for the notice board of a village."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from triage.bulletin.issue import Issue
from triage.gist import Gist
from triage.papers import Paper

# Grows with every change to how papers look.
DESIGN = 1


def paper(issue: Issue, office: str, address: str, address_of: Callable[[int], str]) -> bytes:
    """Set the bulletin of a week as PDF; `address` is its page."""
    made = Paper("Buletin cek fakta", f"{issue.week.days}. {office}")
    if issue.empty:
        made.paragraph("Tidak ada pemeriksaan baru pada minggu ini.")
    for number, said in enumerate(issue.published, 1):
        _told(made, f"{number}. ", said, "", address_of)
    if issue.corrected:
        made.heading("Yang dikoreksi")
    for correction in issue.corrected:
        _told(made, "", correction.said, correction.reason, address_of)
    if issue.retracted:
        made.heading("Yang dicabut")
        rows = [(f"Nomor {one.number}", one.reason) for one in issue.retracted]
        made.facts(rows)
    made.link(address, address)
    return made.bytes()


def etag(issue: Issue, office: str, address: str) -> str:
    """Return what names a paper by its content, without setting it."""
    return hashlib.sha256(repr((DESIGN, issue, office, address)).encode("utf-8", "replace")).hexdigest()[:32]


def _told(made: Paper, number: str, said: Gist, reason: str, address_of: Callable[[int], str]) -> None:
    made.heading(f"{number}{said.word.upper()}: “{said.claim}”")
    if reason:
        made.paragraph(f"Dikoreksi: {reason}")
    made.paragraph(f"{'Yang sebenarnya' if said.contradicted else 'Penjelasan'}: {' '.join(said.truth)}")
    if said.what_to_do:
        made.paragraph(f"Yang sebaiknya dilakukan: {' '.join(said.what_to_do)}")
    if said.sources:
        made.paragraph(f"Sumber: {', '.join(said.sources)}")
    page = address_of(said.number)
    made.link(page, page)
