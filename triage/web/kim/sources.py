"""The register of local sources: whom to ask, when somebody was asked, what was said."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import asking
from triage.errors import SourceRefused
from triage.permissions import Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.forms import written
from triage.web.i18n import gettext
from triage.web.kim.blueprint import NUMBER, blueprint
from triage.web.messages import SOURCE_FIELDS

_SOURCE = f"/sumber/<{NUMBER}:source_id>"


@blueprint.get("/sumber")
@staff("queue.see")
def sources(actor: Actor) -> ResponseReturnValue:
    """List local sources."""
    return _list(actor)


@blueprint.post("/sumber")
@staff("sources.write")
def add_source(actor: Actor) -> ResponseReturnValue:
    """Note a new source."""
    here = services()
    kind, name, contact = (written(request.form, field) for field in ("kind", "name", "contact"))
    try:
        number = asking.add_source(here.store, here.config, actor, kind, name, contact)
    except SourceRefused as error:
        return _list(actor, error)
    flash(gettext("Sumber tersimpan."))
    return redirect(url_for("kim.source", source_id=number), 303)


@blueprint.get(_SOURCE)
@staff("queue.see")
def source(actor: Actor, source_id: int) -> ResponseReturnValue:
    """Show how to reach a source, and what it said."""
    return _page(actor, source_id)


@blueprint.post(_SOURCE)
@staff("sources.write")
def change_source(actor: Actor, source_id: int) -> ResponseReturnValue:
    """Change how a source is reached."""
    here = services()
    contact, active = written(request.form, "contact"), request.form.get("active") == "1"
    try:
        asking.change_source(here.store, here.config, actor, source_id, contact, active=active)
    except SourceRefused as error:
        return _page(actor, source_id, error)
    flash(gettext("Perubahan tersimpan."))
    return redirect(url_for("kim.source", source_id=source_id), 303)


@blueprint.post(_SOURCE + "/jawaban")
@staff("sources.write")
def note_answer(actor: Actor, source_id: int) -> ResponseReturnValue:
    """Note that the source was asked just now, and what it said."""
    given = request.form.get("group", "").strip()
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    try:
        asking.note_answer(
            services().store, actor, source_id, number if given else None, written(request.form, "said")
        )
    except SourceRefused as error:
        return _page(actor, source_id, error)
    flash(gettext("Jawaban sumber tercatat."))
    if given:
        return redirect(url_for("kim.group", group_id=number, _anchor="ditanya"), 303)
    return redirect(url_for("kim.source", source_id=source_id), 303)


def _list(actor: Actor, error: SourceRefused | None = None) -> ResponseReturnValue:
    with services().store.read() as session:
        rows = asking.sources(session, services().config, actor)
    page = render_template(
        "kim/sources.html", actor=actor, sources=rows, kinds=asking.KINDS, form=request.form,
        about=request.args.get("pesan"), **_problem(error),
    )  # fmt: skip
    return page, error.status if error else 200


def _page(actor: Actor, source_id: int, error: SourceRefused | None = None) -> ResponseReturnValue:
    with services().store.read() as session:
        row, asked = asking.source(session, services().config, actor, source_id)
    about = request.values.get("pesan", request.form.get("group", ""))
    page = render_template(
        "kim/source.html", actor=actor, source=row, asked=asked, about=about, form=request.form,
        **_problem(error),
    )  # fmt: skip
    return page, error.status if error else 200


def _problem(error: SourceRefused | None) -> dict[str, str | None]:
    return {
        "problem": gettext(SOURCE_FIELDS[error.field]) if error else None,
        "field": error.field if error else "",
    }
