"""Writing a decision, and what the second person does with it."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import review
from triage.errors import DecisionRefused, IllegalTransition, LeaseLost
from triage.permissions import Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.filters import clock
from triage.web.forms import DecisionForm, written
from triage.web.i18n import gettext
from triage.web.kim.acting import act, explained, show
from triage.web.kim.blueprint import DECISION, GROUP, blueprint
from triage.web.kim.preview import preview
from triage.web.messages import DECISION_FIELDS


@blueprint.post(GROUP + "/keputusan")
@staff("decision.write")
def decide(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Propose a verdict; a second person approves it before it is published."""
    form = DecisionForm.read(request.form)
    # First of all: whatever is refused, what was typed is not lost.
    review.save_draft(services().store, actor, group_id, asdict(form))
    try:
        review.decide(services().store, actor, group_id, form.draft())
    except DecisionRefused as error:
        return show(actor, group_id, error.status, gettext(DECISION_FIELDS[error.field]), field=error.field)
    except (LeaseLost, IllegalTransition) as error:
        return show(actor, group_id, error.status, explained(error, kept=True))
    flash(gettext("Keputusan tersimpan dan menunggu persetujuan orang kedua."))
    return redirect(url_for("kim.queue"), 303)


@blueprint.post(GROUP + "/koreksi")
@staff("fact.correct")
def correct(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Propose to correct what was published; it holds until a second person approves."""
    form = DecisionForm.read(request.form)
    review.save_draft(services().store, actor, group_id, asdict(form))
    try:
        review.correct(services().store, actor, group_id, form.draft(), form.reason)
    except DecisionRefused as error:
        return show(actor, group_id, error.status, gettext(DECISION_FIELDS[error.field]), field=error.field)
    except IllegalTransition as error:
        return show(actor, group_id, error.status, explained(error, kept=True))
    flash(
        gettext("Usulan koreksi tersimpan. Yang sudah terbit tetap berlaku sampai orang kedua menyetujuinya.")
    )
    return redirect(url_for("kim.group", group_id=group_id), 303)


@blueprint.post(GROUP + "/cabut")
@staff("fact.retract")
def retract(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Retract what was published: nobody is answered by it any more, and its page says so."""
    reason = written(request.form, "retraction")
    done = gettext("Pemeriksaan dicabut. Semua yang pernah dijawab dengannya diberi tahu.")
    return act(
        actor,
        group_id,
        lambda: review.retract(services().store, actor, group_id, reason),
        done,
        ("answer",),
    )


@blueprint.post(GROUP + "/draf")
@staff("decision.write")
def save_draft(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Keep what is being written; a script asks for the time alone."""
    form = DecisionForm.read(request.form)
    saved_at = review.save_draft(services().store, actor, group_id, asdict(form))
    said = gettext("Draf tersimpan %(time)s.", time=clock(saved_at))
    if request.args.get("bagian"):
        return said
    flash(said)
    return redirect(url_for("kim.group", group_id=group_id, _anchor="tulis"), 303)


@blueprint.post(GROUP + "/draf/hapus")
@staff("decision.write")
def discard_draft(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Throw away what was being written."""
    with services().store.write() as session:
        review.discard_draft(session, actor, group_id)
    flash(gettext("Draf dihapus."))
    return redirect(url_for("kim.group", group_id=group_id, _anchor="tulis"), 303)


@blueprint.post(GROUP + "/pratinjau")
@staff("decision.write")
def preview_decision(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Show how the answer will read; a script asks for this part alone."""
    form = DecisionForm.read(request.form)
    shown = preview(form)
    if request.args.get("bagian"):
        return render_template("kim/preview.html", preview=shown)
    review.save_draft(services().store, actor, group_id, asdict(form))
    return show(actor, group_id, preview=shown)


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
