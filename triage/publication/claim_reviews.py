"""ClaimReview of schema.org: what a search engine, or another office's Penjaga, reads of a fact-check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from triage.archive.entries import CurrentFactCheck
from triage.publication.changes import Change
from triage.publication.notices import Notice
from triage.verdicts import verdicts

CONTEXT = "https://schema.org"
_BEST, _WORST = 5, 1
RETRACTED = "Dicabut"


def claim_review(
    entry: CurrentFactCheck, url: str, *, site: str = "", notices: Sequence[Notice] = ()
) -> dict[str, Any] | None:
    """Return the ClaimReview of a fact-check shown at `url`; `site`: the address of the office's front page.

    None where it is not ours to rate (another publisher's, or a verdict that rates nothing), of the starter
    archive, where no instance was checked, and of what was retracted.
    """
    review = _review(entry, url, site, notices)
    return {"@context": CONTEXT} | review if review else None


def data_feed(
    changes: Sequence[Change], address: Callable[[int], str], *, url: str, site: str, publisher: str
) -> dict[str, Any]:
    """Return a DataFeed of what was published or retracted; `address` gives the page of a fact-check.

    An item of what was retracted has `dateDeleted`, and no review: only the address that it stood at.
    """
    newest = max((change.entry.updated_at for change in changes), default=None)
    return {
        "@context": CONTEXT,
        "@type": "DataFeed",
        "name": f"Hasil pemeriksaan {publisher}",
        "url": url,
        "inLanguage": "id",
        "publisher": _organization(publisher, site),
        **({"dateModified": instant(newest)} if newest else {}),
        "dataFeedElement": [_item(change, address(change.entry.id), site) for change in changes],
    }


def instant(value: datetime) -> str:
    """Write an instant as feeds do, in UTC and to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds")


def _item(change: Change, url: str, site: str) -> dict[str, Any]:
    entry = change.entry
    item: dict[str, Any] = {
        "@type": "DataFeedItem",
        "dateCreated": instant(entry.created_at),
        "dateModified": instant(entry.updated_at),
    }
    if entry.retracted_at is None:
        return item | {"item": _review(entry, url, site, change.notices)}
    page = {
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": RETRACTED,
        "creativeWorkStatus": RETRACTED,
        "correction": _corrections(change.notices),
    }
    return item | {"dateDeleted": instant(entry.retracted_at), "item": page}


def _review(entry: CurrentFactCheck, url: str, site: str, notices: Sequence[Notice]) -> dict[str, Any] | None:
    verdict = verdicts().get(entry.verdict)
    ours = entry.origin == "own" and entry.retracted_at is None
    if not ours or verdict is None or verdict.rating is None:
        return None
    review: dict[str, Any] = {
        "@type": "ClaimReview",
        "url": url,
        "inLanguage": entry.language,
        # Where only the headline is shown, the bare claim would spread the hoax.
        "headline": f"{verdict.label}: {entry.title}",
        "claimReviewed": entry.claim or entry.title,
        "reviewBody": entry.explanation,
        "author": _organization(entry.publisher, site),
        "publisher": _organization(entry.publisher, site),
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": verdict.rating,
            "bestRating": _BEST,
            "worstRating": _WORST,
            "alternateName": verdict.alternate_name,
        },
        "itemReviewed": {"@type": "Claim", "name": entry.claim or entry.title},
        "dateModified": instant(entry.updated_at),
    }
    if entry.checked_on is not None:
        review["datePublished"] = entry.checked_on.isoformat()
    if entry.evidence:
        review["citation"] = [_source(row) for row in entry.evidence]
    if notices:
        review["correction"] = _corrections(notices)
    return review


def _organization(name: str, site: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name} | ({"url": site} if site else {})


def _source(row: dict[str, str]) -> dict[str, str]:
    address = {"url": row["url"]} if row.get("url") else {}
    return {"@type": "CreativeWork", "name": row["label"]} | address


def _corrections(notices: Sequence[Notice]) -> list[dict[str, str]]:
    return [
        {"@type": "CorrectionComment", "text": notice.reason, "datePublished": instant(notice.at)}
        for notice in notices
    ]
