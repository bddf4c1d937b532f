"""Material for passing on: see it, take it along, correct the texts."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import library, materials
from triage.errors import MaterialRefused
from triage.permissions import Actor
from triage.publish import publisher
from triage.services import services
from triage.web import sharing
from triage.web.auth import staff
from triage.web.forms import written
from triage.web.i18n import gettext
from triage.web.kim.blueprint import NUMBER, blueprint
from triage.web.lasting import lasting
from triage.web.messages import MATERIAL_FIELDS

_ONE = f"/bahan/<{NUMBER}:fact_check_id>"


@blueprint.get("/bahan")
@staff("queue.see")
def materials_list(actor: Actor) -> ResponseReturnValue:
    """List our newest fact-checks, and which of their texts somebody has read."""
    with services().store.read() as session:
        rows = materials.newest(session)
    return render_template("kim/materials.html", actor=actor, rows=rows)


@blueprint.get(_ONE)
@staff("queue.see")
def material(actor: Actor, fact_check_id: int) -> ResponseReturnValue:
    """Show the cards and texts of one fact-check."""
    return _page(actor, fact_check_id)


@blueprint.post(_ONE)
@staff("material.write")
def save_material(actor: Actor, fact_check_id: int) -> ResponseReturnValue:
    """Keep a text as it was corrected; what cannot be kept comes back as it was typed."""
    kind, given = request.form.get("kind", ""), request.form.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    address = lasting("library.fact", fact_check_id=fact_check_id)
    try:
        materials.save(
            services().store, actor, fact_check_id, kind, version, written(request.form, "text"), address
        )
    except MaterialRefused as error:
        return _page(actor, fact_check_id, error)
    flash(gettext("Naskah tersimpan atas nama Anda."))
    return redirect(url_for("kim.material", fact_check_id=fact_check_id, _anchor=kind), 303)


def _page(actor: Actor, fact_check_id: int, error: MaterialRefused | None = None) -> ResponseReturnValue:
    office = publisher(services().config.wilayah)
    with services().store.read() as session:
        entry = library.fact(session, fact_check_id)
        texts = materials.texts(session, entry, office, sharing.address_of(entry))
    page = render_template(
        "kim/material.html", actor=actor, entry=entry, texts=texts, abbreviations=materials.abbreviations,
        most=materials.MAX_TEXT, form=request.form,
        problem=gettext(MATERIAL_FIELDS[error.field]) if error else None, **sharing.offer(entry),
    )  # fmt: skip
    return page, error.status if error else 200
