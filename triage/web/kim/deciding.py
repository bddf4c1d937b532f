"""Writing a decision, and what the second person does with it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from triage import review
from triage.errors import DecisionRefused, IllegalTransition, LeaseLost
from triage.permissions import Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.forms import DecisionForm, written
from triage.web.i18n import gettext
from triage.web.kim.acting import act, explained, show
from triage.web.kim.blueprint import DECISION, GROUP, blueprint
from triage.web.messages import DECISION_FIELDS


@blueprint.post(GROUP + "/keputusan")
@staff("decision.write")
def decide(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Propose a verdict; a second person approves it before it is published."""
    form = DecisionForm.read(request.form)
    try:
        review.decide(services().store, actor, group_id, form.draft())
    except DecisionRefused as error:
        problem = gettext(DECISION_FIELDS[error.field])
        return show(actor, group_id, error.status, problem, form, error.field)
    except (LeaseLost, IllegalTransition) as error:
        return show(actor, group_id, error.status, explained(error, form), form)
    flash(gettext("Keputusan tersimpan dan menunggu persetujuan orang kedua."))
    return redirect(url_for("kim.queue"), 303)


@blueprint.post(DECISION + "/setujui")
@staff("decision.approve")
def approve(actor: Actor, group_id: int, decision_id: int) -> ResponseReturnValue:
    """Approve somebody else's decision: it is published and everyone is answered."""
    done = gettext("Disetujui. Sebentar lagi semua pengirim diberi tahu.")
    return act(
        actor,
        group_id,
        lambda: review.approve(services().store, actor, decision_id, of_group=group_id),
        done,
        leave=True,
    )


@blueprint.post(DECISION + "/kembalikan")
@staff("decision.approve")
def send_back(actor: Actor, group_id: int, decision_id: int) -> ResponseReturnValue:
    """Return somebody else's decision with a remark."""
    remark = written(request.form, "remark")
    done = gettext("Dikembalikan dengan catatan.")
    return act(
        actor,
        group_id,
        lambda: review.send_back(services().store, actor, decision_id, remark, of_group=group_id),
        done,
        leave=True,
    )
