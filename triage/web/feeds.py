"""Feeds of what was published, corrected or retracted, for feed readers, other offices and search engines."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import force_locale

from triage import library, publication
from triage.publication import Change, claim_reviews
from triage.publish import publisher
from triage.services import services
from triage.web.feed_items import Item, item
from triage.web.library import page_number

blueprint = Blueprint("feeds", __name__)
NEWEST = 50
# Whoever keeps a copy asks again after so long; what was corrected should not linger.
MAX_AGE_S = 300


@blueprint.get("/feed.xml")
def atom() -> Response:
    """Give the newest as Atom."""

    def build(changes: Sequence[Change]) -> str:
        return render_template("feed.xml", **_feed(changes, "feeds.atom"))

    return _of_newest("application/atom+xml; charset=utf-8", build)


@blueprint.get("/feed.json")
def json_feed() -> Response:
    """Give the newest as a JSON Feed."""

    def build(changes: Sequence[Change]) -> str:
        feed = _feed(changes, "feeds.json_feed")
        return _json(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": feed["title"],
                "home_page_url": feed["home"],
                "feed_url": feed["address"],
                "language": "id",
                "authors": [{"name": feed["author"], "url": feed["site"]}],
                "items": [_json_item(one) for one in feed["items"]],
            }
        )

    return _of_newest("application/feed+json; charset=utf-8", build)


@blueprint.get("/claimreview.json")
def claim_reviews_feed() -> Response:
    """Give ClaimReviews as a schema.org DataFeed, page by page (`hal`), or what changed since (`sejak`).

    The header `Link: …; rel="next"` leads to the next page.
    """
    page, since = page_number(), _since()
    with services().store.read() as session:
        changes, more = publication.changed(session, page, since=since)
    sejak = request.args.get("sejak") if since else None

    def build() -> str:
        feed = publication.data_feed(
            changes,
            lambda number: url_for("library.fact", fact_check_id=number, _external=True),
            url=url_for("feeds.claim_reviews_feed", _external=True),
            site=url_for("warga.home", _external=True),
            publisher=publisher(services().config.wilayah),
        )
        return _json(feed)

    response = _conditional(changes, "application/ld+json; charset=utf-8", build, str(more))
    if more:
        onward = url_for("feeds.claim_reviews_feed", sejak=sejak, hal=page + 1, _external=True)
        response.headers["Link"] = f'<{onward}>; rel="next"'
    return response


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Name the pages that search engines should know, with when they changed."""
    with services().store.read() as session:
        pages = library.addresses(session)
    body = render_template("sitemap.xml", pages=pages, instant=claim_reviews.instant)
    response = _public(Response(body, content_type="application/xml; charset=utf-8"))
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell search engines what is for them."""
    return _public(Response(render_template("robots.txt"), content_type="text/plain; charset=utf-8"))


def _of_newest(content_type: str, build: Callable[[Sequence[Change]], str]) -> Response:
    with services().store.read() as session:
        changes, _more = publication.changed(session, most=NEWEST)
    with force_locale("id"):
        return _conditional(changes, content_type, lambda: build(changes))


def _conditional(
    changes: Sequence[Change], content_type: str, build: Callable[[], str], *of: str
) -> Response:
    """Answer 304 without building anything where the asker has it already."""
    # The addresses inside depend on the name that this installation was asked by.
    response = Response(content_type=content_type)
    response.set_etag(publication.version_tag(changes, request.host_url, *of))
    if changes:
        response.last_modified = changes[0].entry.updated_at
    _public(response).make_conditional(request)
    if response.status_code == 200:
        response.set_data(build())
    return response


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _feed(changes: Sequence[Change], endpoint: str) -> dict[str, Any]:
    """Return what both feeds say, in Indonesian."""
    office = publisher(services().config.wilayah)
    newest = changes[0].entry.updated_at if changes else datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "title": f"Cek fakta {office}",
        "author": office,
        "address": url_for(endpoint, _external=True),
        "home": url_for("library.facts", _external=True),
        "site": url_for("warga.home", _external=True),
        "updated": claim_reviews.instant(newest),
        "items": [item(change) for change in changes],
    }


def _json_item(one: Item) -> dict[str, Any]:
    return {
        "id": one.address,
        "url": one.address,
        "title": one.title,
        "content_html": str(one.content),
        "summary": one.summary,
        "date_published": one.published,
        "date_modified": one.updated,
        "language": one.language,
        "tags": list(one.tags),
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _since() -> datetime | None:
    """Read since when changes are wanted; what is no instant asks for all."""
    try:
        found = datetime.fromisoformat(request.args.get("sejak", "").replace(" ", "+"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
