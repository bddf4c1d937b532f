"""A fact-check for passing on: its cards, the message and the script, for everybody."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from triage import cards, library, materials
from triage.archive.entries import CurrentFactCheck
from triage.publish import publisher
from triage.services import services
from triage.web import card_pictures
from triage.web.lasting import lasting

blueprint = Blueprint("sharing", __name__)


@blueprint.get("/fakta/<int(max=9223372036854775807):fact_check_id>/bagikan")
def share(fact_check_id: int) -> ResponseReturnValue:
    """Offer what travels: cards with their words, the message, the script."""
    office = publisher(services().config.wilayah)
    with services().store.read() as session:
        entry = library.fact(session, fact_check_id)
        texts = materials.public_texts(session, entry, office, address_of(entry))
    return render_template("sharing.html", entry=entry, texts=texts, **offer(entry))


def address_of(entry: CurrentFactCheck) -> str:
    """Return the address of a fact-check's page, as it is passed on."""
    return lasting("library.fact", fact_check_id=entry.id)


def offer(entry: CurrentFactCheck) -> dict[str, object]:
    """Return what both the public's and the verifiers' page show of the cards and texts."""
    return {
        "cards": card_pictures.offered(entry),
        "alt": cards.alt_text(card_pictures.card_of(entry)),
        "words_in": materials.words_in,
        "seconds": materials.seconds,
    }
