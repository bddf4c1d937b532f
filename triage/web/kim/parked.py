"""Dead letters: work that failed too often, with its reason; put back to work or given up by a person."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import dismissing, outbox
from triage.errors import DismissalRefused
from triage.permissions import Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.forms import written
from triage.web.i18n import gettext
from triage.web.kim.blueprint import NUMBER, blueprint
from triage.web.messages import DISMISSAL_FIELDS

_ITEM = f"/tertunda/<{NUMBER}:outbox_id>"


@blueprint.get("/tertunda")
@staff("parked.manage")
def parked(actor: Actor) -> ResponseReturnValue:
    """List what is parked."""
    return _list(actor)


@blueprint.post(_ITEM + "/ulang")
@staff("parked.manage")
def replay(actor: Actor, outbox_id: int) -> ResponseReturnValue:
    """Put an item back to work."""
    services().waker.wake(outbox.replay(services().store, outbox_id, actor))
    flash(gettext("Dikerjakan lagi."))
    return redirect(url_for("kim.parked"), 303)


@blueprint.post(_ITEM + "/hentikan")
@staff("parked.manage")
def dismiss(actor: Actor, outbox_id: int) -> ResponseReturnValue:
    """Give up on an item."""
    try:
        group = dismissing.dismiss(services().store, outbox_id, actor, written(request.form, "reason"))
    except DismissalRefused as error:
        return _list(actor, error, outbox_id)
    flash(gettext("Dihentikan. Pesannya sekarang di antrean petugas.") if group else gettext("Dihentikan."))
    return redirect(url_for("kim.parked"), 303)


def _list(
    actor: Actor, error: DismissalRefused | None = None, refused: int | None = None
) -> ResponseReturnValue:
    with services().store.read() as session:
        rows = outbox.parked(session)
    page = render_template(
        "kim/parked.html",
        actor=actor,
        rows=rows,
        refused=refused,
        reason=written(request.form, "reason"),
        problem=gettext(DISMISSAL_FIELDS[error.field]) if error else None,
    )
    return page, error.status if error else 200
