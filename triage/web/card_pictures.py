"""Cards over the web: the picture that a request asks for, its address and its file name."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, url_for

from triage import cards
from triage.archive.entries import CurrentFactCheck
from triage.cards import FRAMES, Card, Shape
from triage.marking import N_
from triage.publish import publisher
from triage.services import services
from triage.web.lasting import lasting
from triage.web.long_drawing import room

# No longer than feeds: the picture of what was retracted must not go on being shown from a copy.
MAX_AGE_S = 300
# The picture beside a link comes without being asked for by name.
_FIRST: Shape = "tautan"
SHAPES: dict[Shape, str] = {
    "kotak": N_("Kotak, untuk grup dan Instagram"),
    "cerita": N_("Tegak, untuk status WhatsApp dan cerita"),
    "tautan": N_("Mendatar, untuk Facebook dan situs desa"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A card to be looked at and taken: where its preview and the picture itself are, in pixels how large."""

    shape: Shape
    title: str
    preview: str
    preview_size: tuple[int, int]
    picture: str
    size: tuple[int, int]
    file: str


def offered(entry: CurrentFactCheck) -> list[Offered]:
    """Return the card of a fact-check in each shape."""
    return [_offered(entry, shape, title) for shape, title in SHAPES.items()]


def card_of(entry: CurrentFactCheck) -> Card:
    """Return what the card of a fact-check says here."""
    address = lasting("library.fact", fact_check_id=entry.id)
    return cards.card(entry, publisher(services().config.wilayah), address)


def card_picture(entry: CurrentFactCheck) -> Response:
    """Draw the card that the request asks for; what its asker has already is not drawn again."""
    wanted = request.args.get("bentuk")
    shape = next((one for one in SHAPES if one == wanted), _FIRST)
    small, card = "kecil" in request.args, card_of(entry)
    headers = {
        "Cache-Control": f"public, max-age={MAX_AGE_S}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Disposition": f'inline; filename="{_file(entry, shape)}"',
    }
    tag = cards.etag(card, shape, small=small)
    if request.if_none_match.contains(tag):
        response = Response(status=304, headers=headers)
    else:
        response = Response(_png(card, shape, small=small), content_type="image/png", headers=headers)
    response.set_etag(tag)
    return response


def _png(card: Card, shape: Shape, *, small: bool) -> bytes:
    found = cards.kept(card, shape, small=small)
    if found is None:
        with room():
            found = cards.png(card, shape, small=small)
    return found


def _offered(entry: CurrentFactCheck, shape: Shape, title: str) -> Offered:
    frame = FRAMES[shape]
    return Offered(
        shape=shape,
        title=title,
        preview=_address(entry, shape, small=True),
        preview_size=(cards.SMALL, round(frame.height * cards.SMALL / frame.width)),
        picture=_address(entry, shape),
        size=(frame.width, frame.height),
        file=_file(entry, shape),
    )


def _address(entry: CurrentFactCheck, shape: Shape, *, small: bool = False) -> str:
    # The address changes with the content: whoever keeps pictures fetches the corrected one.
    return url_for(
        "library.picture", fact_check_id=entry.id, bentuk=shape, v=entry.version, kecil="1" if small else None
    )


def _file(entry: CurrentFactCheck, shape: Shape) -> str:
    return f"penjaga-{entry.verdict or 'periksa'}-{entry.id}-{shape}.png"
