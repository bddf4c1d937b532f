"""Other offices whose fact-checks are read: which, how far they are trusted, what came of reading them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage.errors import NotFound, PeerRefused
from triage.peers import register
from triage.peers.trust import LEVELS
from triage.permissions import Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.forms import written
from triage.web.i18n import gettext
from triage.web.kim.blueprint import NUMBER, blueprint
from triage.web.messages import PEER_FIELDS

_OFFICE = f"/lembaga/<{NUMBER}:peer_id>"


@blueprint.get("/lembaga")
@staff("peers.manage")
def offices(actor: Actor) -> ResponseReturnValue:
    """List the offices."""
    return _list(actor)


@blueprint.post("/lembaga")
@staff("peers.manage")
def add_office(actor: Actor) -> ResponseReturnValue:
    """Note an office; workers read it next."""
    here = services()
    url, name = written(request.form, "url"), written(request.form, "name")
    try:
        register.add(here.store, here.config, actor, url, name, request.host)
    except PeerRefused as error:
        return _list(actor, error)
    here.waker.wake("peer")
    flash(gettext("Lembaga tersimpan. Pemeriksaannya mulai dibaca, dan untuk sementara hanya disarankan."))
    return redirect(url_for("kim.offices"), 303)


@blueprint.post(_OFFICE + "/percaya")
@staff("peers.manage")
def change_office(actor: Actor, peer_id: int) -> ResponseReturnValue:
    """Trust an office more or less from now on."""
    trust = next((level for level in LEVELS if level == request.form.get("trust")), None)
    if trust is None:
        raise NotFound("There is no such trust.")
    try:
        register.change_trust(services().store, services().config, actor, peer_id, trust)
    except PeerRefused as error:
        return _list(actor, error)
    services().waker.wake("peer")
    flash(gettext("Perubahan tersimpan. Berlaku untuk pesan berikutnya; yang sudah dijawab tetap."))
    return redirect(url_for("kim.offices"), 303)


@blueprint.post(_OFFICE + "/baca")
@staff("peers.manage")
def read_office(actor: Actor, peer_id: int) -> ResponseReturnValue:
    """Let workers read an office at once."""
    register.read_now(services().store, actor, peer_id)
    services().waker.wake("peer")
    flash(gettext("Sedang dibaca. Muat ulang halaman ini sebentar lagi."))
    return redirect(url_for("kim.offices"), 303)


def _list(actor: Actor, error: PeerRefused | None = None) -> ResponseReturnValue:
    with services().store.read() as session:
        rows = register.offices(session, actor)
    page = render_template(
        "kim/offices.html",
        actor=actor,
        offices=rows,
        levels=LEVELS,
        form=request.form,
        problem=gettext(PEER_FIELDS[error.field]) if error else None,
        field=error.field if error else "",
    )
    return page, error.status if error else 200
