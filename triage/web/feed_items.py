"""What one item of a feed says: always with the verdict, never the bare claim."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, url_for
from markupsafe import Markup

from triage.publication import Change, claim_reviews
from triage.web.filters import told, verdict_of
from triage.web.i18n import gettext


@dataclass(frozen=True, slots=True)
class Item:
    """`content` is HTML; `published` and `updated` are instants as feeds write them."""

    address: str
    title: str
    summary: str
    content: Markup
    published: str
    updated: str
    language: str
    tags: tuple[str, ...]


def item(change: Change) -> Item:
    """Return the item of what was published, corrected or retracted.

    Of what was retracted it says that, and why: whoever kept the earlier item finds this one in its place.
    """
    entry = change.entry
    verdict = verdict_of(entry.verdict)
    address = url_for("library.fact", fact_check_id=entry.id, _external=True)
    if change.retracted:
        title = gettext("Dicabut: pemeriksaan nomor %(number)s", number=entry.id)
        summary = change.reason
        tags: tuple[str, ...] = ()
    else:
        title = told(verdict, entry.title)
        summary = told(verdict, entry.explanation or entry.title)
        tags = (gettext(verdict.label),) if verdict else ()
    content = render_template("feed_item.html", change=change, entry=entry, verdict=verdict, address=address)
    return Item(
        address=address,
        title=title,
        summary=summary,
        content=Markup(content),  # noqa: S704 - made by the template, which escapes
        published=claim_reviews.instant(entry.created_at),
        updated=claim_reviews.instant(entry.updated_at),
        language=entry.language,
        tags=tags,
    )
