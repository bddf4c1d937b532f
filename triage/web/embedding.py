"""A fact-check inside another site: the page for its frame, and oEmbed to find that by the address."""

from __future__ import annotations

from typing import Any, TypedDict
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from triage import publication
from triage.errors import NotFound
from triage.publication import PublicPage
from triage.services import services
from triage.web.filters import told, verdict_of
from triage.web.i18n import gettext

blueprint = Blueprint("embedding", __name__)
WIDTH, HEIGHT = 600, 360
_MAX_AGE_S = 300
# Others may frame this page and nothing else of ours; nothing in it runs, is sent, or is remembered.
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


class Frame(TypedDict):
    """What a page needs to say how it is embedded: the snippet, and where oEmbed describes it."""

    snippet: str
    oembed: str


@blueprint.get("/fakta/<int(max=9223372036854775807):fact_check_id>/sematan")
def embed(fact_check_id: int) -> ResponseReturnValue:
    """Show a fact-check in short, for a frame on another site."""
    page = _page(fact_check_id)
    body = render_template("embed.html", page=page, address=_address(fact_check_id))
    response = Response(body, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={_MAX_AGE_S}"
    return response


@blueprint.get("/oembed")
def oembed() -> ResponseReturnValue:
    """Describe the frame for the address of one of our own fact-checks, as oEmbed 1.0 asks for it."""
    if request.args.get("format", "json") != "json":
        return Response("Only JSON is given.", 501, content_type="text/plain")
    number = _number(request.args.get("url", ""))
    title = _title(_page(number))
    width, height = _at_most("maxwidth", WIDTH), _at_most("maxheight", HEIGHT)
    described: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Penjaga",
        "provider_url": url_for("warga.home", _external=True),
        "title": title,
        "cache_age": _MAX_AGE_S,
        "width": width,
        "height": height,
        "html": _iframe(number, title, width, height),
    }
    response = jsonify(described)
    response.headers["Cache-Control"] = f"public, max-age={_MAX_AGE_S}"
    # The verdict in the title is in the asker's language.
    response.vary.update(("Accept-Language", "Cookie"))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def frame(page: PublicPage) -> Frame:
    """Return how a fact-check is embedded."""
    number = page.entry.id
    return {
        "snippet": _iframe(number, _title(page), WIDTH, HEIGHT),
        "oembed": url_for("embedding.oembed", url=_address(number), _external=True),
    }


def _page(fact_check_id: int) -> PublicPage:
    with services().store.read() as session:
        return publication.public_page(session, fact_check_id)


def _address(fact_check_id: int) -> str:
    return url_for("library.fact", fact_check_id=fact_check_id, _external=True)


def _title(page: PublicPage) -> str:
    if page.retracted:
        return gettext("Pemeriksaan ini dicabut")
    return told(verdict_of(page.entry.verdict), page.entry.title)


def _iframe(number: int, title: str, width: int, height: int) -> str:
    source = url_for("embedding.embed", fact_check_id=number, _external=True)
    return str(
        Markup(
            '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" '
            'referrerpolicy="no-referrer"></iframe>'
        ).format(source, title, width, height)
    )


def _number(address: str) -> int:
    """Return the number of the fact-check at one of our own addresses. Raises `NotFound` for all others."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or parts.netloc.lower() != request.host.lower():
            raise NotFound("This is no address of a fact-check here.")
        found, values = current_app.url_map.bind(request.host).match(parts.path, method="GET")
    except (ValueError, HTTPException, RequestRedirect) as error:
        raise NotFound("This is no address of a fact-check here.") from error
    if found not in ("library.fact", "embedding.embed"):
        raise NotFound("This is no address of a fact-check here.")
    return int(values["fact_check_id"])


def _at_most(name: str, usual: int) -> int:
    given = request.args.get(name, "")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else usual
    return max(1, min(wanted, usual))
