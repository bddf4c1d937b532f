"""The verifiers' face: the queue, the page of one message, decision and approval."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import review
from triage.broker import OutboxTask
from triage.errors import (
    DecisionRefused,
    Forbidden,
    IllegalTransition,
    LeaseLost,
    NotFound,
    PenjagaError,
)
from triage.permissions import Actor
from triage.review import GroupPage
from triage.review.queue import View
from triage.services import services
from triage.web.auth import staff
from triage.web.errors import explain
from triage.web.forms import DecisionForm, written
from triage.web.i18n import gettext
from triage.web.library import page_number
from triage.web.messages import DECISION_FIELDS, KEPT

blueprint = Blueprint("kim", __name__, url_prefix="/kim")

VIEWS: dict[str, View] = {
    "menunggu": "waiting",
    "saya": "mine",
    "persetujuan": "approval",
    "terjawab": "answered",
}
_GROUP = "/kelompok/<int(max=9223372036854775807):group_id>"
_MATCH = _GROUP + "/saran/<int(max=9223372036854775807):match_id>"
_DECISION = _GROUP + "/keputusan/<int(max=9223372036854775807):decision_id>"


@blueprint.get("")
@staff("queue.see")
def queue(actor: Actor) -> ResponseReturnValue:
    """List messages, most urgent first."""
    chosen = request.args.get("lihat", "")
    chosen = chosen if chosen in VIEWS else "menunggu"
    with services().store.read() as session:
        page = review.queue(session, actor, VIEWS[chosen], page_number())
    return render_template("kim/queue.html", actor=actor, page=page, chosen=chosen, views=VIEWS)


@blueprint.get(_GROUP)
@staff("queue.see")
def group(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Show one message with all that is known about it."""
    return _group_page(actor, group_id)


@blueprint.post(_GROUP + "/ambil")
@staff("group.lease")
def lease(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Take a message to work on it."""
    return _act(actor, group_id, lambda: review.lease(services().store, actor, group_id))


@blueprint.post(_GROUP + "/lepas")
@staff("group.lease")
def release(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Give a message back to the queue."""
    done = gettext("Pesan dikembalikan ke antrean.")
    return _act(actor, group_id, lambda: review.release(services().store, actor, group_id), done, leave=True)


@blueprint.post(_MATCH + "/sama")
@staff("match.judge")
def confirm(actor: Actor, group_id: int, match_id: int) -> ResponseReturnValue:
    """Say that a suggested fact-check answers the message."""
    return _act(
        actor,
        group_id,
        lambda: review.confirm(services().store, actor, group_id, match_id),
        _confirmed,
        ("answer",),
        leave=True,
    )


@blueprint.post(_MATCH + "/beda")
@staff("match.judge")
def reject(actor: Actor, group_id: int, match_id: int) -> ResponseReturnValue:
    """Say that a suggested fact-check is about something else."""
    done = gettext("Saran itu ditandai beda.")
    return _act(actor, group_id, lambda: review.reject(services().store, actor, group_id, match_id), done)


@blueprint.post(_GROUP + "/tarik")
@staff("match.judge")
def withdraw(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Say that what answered the message is no answer to it."""
    done = gettext("Jawaban ditarik. Pesan ini menunggu diperiksa lagi.")
    return _act(
        actor, group_id, lambda: review.withdraw(services().store, actor, group_id), done, ("answer",)
    )


@blueprint.post(_GROUP + "/gabung")
@staff("decision.write")
def merge(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Take another waiting message into this one."""
    other = request.form.get("other", type=int)
    if other is None or not 0 < other < 2**63:
        raise NotFound("There is no item with this number.")
    done = gettext("Digabung: satu jawaban untuk keduanya.")
    return _act(actor, group_id, lambda: review.merge(services().store, actor, other, group_id), done)


@blueprint.post(_GROUP + "/keputusan")
@staff("decision.write")
def decide(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Propose a verdict; a second person approves it before it is published."""
    form = DecisionForm.read(request.form)
    try:
        review.decide(services().store, actor, group_id, form.draft())
    except DecisionRefused as error:
        problem = gettext(DECISION_FIELDS[error.field])
        return _group_page(actor, group_id, error.status, problem, form, error.field)
    except (LeaseLost, IllegalTransition) as error:
        return _group_page(actor, group_id, error.status, _said(error, form), form)
    flash(gettext("Keputusan tersimpan dan menunggu persetujuan orang kedua."))
    return redirect(url_for("kim.queue"), 303)


@blueprint.post(_DECISION + "/setujui")
@staff("decision.approve")
def approve(actor: Actor, group_id: int, decision_id: int) -> ResponseReturnValue:
    """Approve somebody else's decision: it is published and everyone is answered."""
    done = gettext("Disetujui. Semua pengirim diberi tahu.")
    return _act(
        actor,
        group_id,
        lambda: review.approve(services().store, actor, decision_id, of_group=group_id),
        done,
        ("publish", "answer"),
        leave=True,
    )


@blueprint.post(_DECISION + "/kembalikan")
@staff("decision.approve")
def send_back(actor: Actor, group_id: int, decision_id: int) -> ResponseReturnValue:
    """Return somebody else's decision with a remark."""
    remark = written(request.form, "remark")
    done = gettext("Dikembalikan dengan catatan.")
    return _act(
        actor,
        group_id,
        lambda: review.send_back(services().store, actor, decision_id, remark, of_group=group_id),
        done,
        leave=True,
    )


def _confirmed(proposed: object) -> str:
    if proposed is None:
        return gettext("Terjawab. Semua yang mengirim pesan ini diberi tahu.")
    return gettext("Usulan tersimpan. Pengirim mendapat jawaban setelah orang kedua menyetujuinya.")


def _act(
    actor: Actor,
    group_id: int,
    work: Callable[[], object],
    done: str | Callable[[object], str] = "",
    wake: tuple[OutboxTask, ...] = (),
    *,
    leave: bool = False,
) -> ResponseReturnValue:
    """Do one thing and go on; what the rules forbid is said on the page as it now stands.

    What was being written in the decision form comes along with some buttons, and is shown again.
    """
    sent = DecisionForm.read(request.form)
    draft = None if sent.blank else sent
    try:
        outcome = work()
    except DecisionRefused as error:
        return _group_page(
            actor, group_id, error.status, gettext(DECISION_FIELDS[error.field]), draft, error.field
        )
    except (LeaseLost, IllegalTransition, Forbidden) as error:
        return _group_page(actor, group_id, error.status, _said(error, draft), draft)
    for task in wake:
        services().waker.wake(task)
    said = done(outcome) if callable(done) else done
    if draft is not None and _is_new(actor, group_id, draft):
        flash(" ".join(part for part in (said, gettext(KEPT)) if part))
        return _group_page(actor, group_id, form=draft)
    if said:
        flash(said)
    return redirect(url_for("kim.queue") if leave else url_for("kim.group", group_id=group_id), 303)


def _said(error: PenjagaError, draft: DecisionForm | None) -> str:
    return explain(error) if draft is None else f"{explain(error)} {gettext(KEPT)}"


def _is_new(actor: Actor, group_id: int, draft: DecisionForm) -> bool:
    with services().store.read() as session:
        return draft != _opened(review.group_page(session, actor, group_id))


def _opened(page: GroupPage) -> DecisionForm:
    """Return the form as it opens: an own text that came back is mended, else it is empty."""
    returned = page.item.returned
    if returned is None or returned.kind == "confirm":
        return DecisionForm(harm=page.item.harm)
    return DecisionForm.of(returned)


def _group_page(
    actor: Actor,
    group_id: int,
    status: int = 200,
    problem: str | None = None,
    form: DecisionForm | None = None,
    field: str = "",
) -> ResponseReturnValue:
    with services().store.read() as session:
        page = review.group_page(session, actor, group_id)
    body = render_template(
        "kim/group.html",
        actor=actor,
        page=page,
        item=page.item,
        problem=problem,
        form=form or _opened(page),
        field=field,
        typed=form is not None,
        remark=written(request.form, "remark"),
    )
    return body, status
