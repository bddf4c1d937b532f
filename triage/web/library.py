"""The public library's pages: what has been checked, for everybody to read and share."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import library, publication
from triage.services import services
from triage.web import embedding
from triage.web.card_pictures import card_picture

blueprint = Blueprint("library", __name__, url_prefix="/fakta")
MAX_SEARCH = 200


@blueprint.get("")
def facts() -> ResponseReturnValue:
    """List our fact-checks, newest first, or those that hold some words."""
    search = request.args.get("cari", "").strip()[:MAX_SEARCH]
    with services().store.read() as session:
        page = library.published(session, search, page_number())
    return render_template("facts.html", page=page, search=search)


@blueprint.get("/<int(max=9223372036854775807):fact_check_id>")
def fact(fact_check_id: int) -> ResponseReturnValue:
    """Show one fact-check, with its ClaimReview for search engines where it is our own."""
    with services().store.read() as session:
        page = publication.public_page(session, fact_check_id)
    address = url_for("library.fact", fact_check_id=fact_check_id, _external=True)
    if page.retracted:
        return render_template("fact_retracted.html", page=page, address=address)
    return render_template(
        "fact.html",
        page=page,
        entry=page.entry,
        claim_review=publication.claim_review(
            page.entry, address, site=url_for("warga.home", _external=True), notices=page.notices
        ),
        address=address,
        frame=embedding.frame(page),
        # The address changes with the content: whoever keeps pictures fetches the corrected one.
        picture=url_for("library.picture", fact_check_id=fact_check_id, v=page.entry.version, _external=True),
    )


@blueprint.get("/<int(max=9223372036854775807):fact_check_id>/gambar.png")
def picture(fact_check_id: int) -> Response:
    """Draw its card, always in Indonesian: the one shown beside the link, or the shape asked for."""
    with services().store.read() as session:
        entry = library.fact(session, fact_check_id)
    return card_picture(entry)


def page_number() -> int:
    """Return the page asked for, 1 where that is no number."""
    given = request.args.get("hal", "")
    return min(max(int(given), 1), 1_000_000) if given.isascii() and given.isdigit() and len(given) < 8 else 1
