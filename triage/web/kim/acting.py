"""One step on a message, and the page of the message as it then stands."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import review
from triage.broker import OutboxTask
from triage.errors import (
    DecisionRefused,
    Forbidden,
    IllegalTransition,
    LeaseLost,
    PenjagaError,
    UndoTooLate,
)
from triage.permissions import Actor
from triage.review import GroupPage
from triage.services import services
from triage.web.errors import explain
from triage.web.forms import DecisionForm, written
from triage.web.i18n import gettext
from triage.web.messages import DECISION_FIELDS, KEPT


def act(
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
        return show(actor, group_id, error.status, gettext(DECISION_FIELDS[error.field]), draft, error.field)
    except (LeaseLost, IllegalTransition, Forbidden, UndoTooLate) as error:
        return show(actor, group_id, error.status, explained(error, draft), draft)
    for task in wake:
        services().waker.wake(task)
    said = done(outcome) if callable(done) else done
    if draft is not None and _is_new(actor, group_id, draft):
        flash(" ".join(part for part in (said, gettext(KEPT)) if part))
        return show(actor, group_id, form=draft)
    if said:
        flash(said)
    return redirect(url_for("kim.queue") if leave else url_for("kim.group", group_id=group_id), 303)


def explained(error: PenjagaError, draft: DecisionForm | None) -> str:
    """Return the sentence for what was refused, and that what was typed is still there."""
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


def show(
    actor: Actor,
    group_id: int,
    status: int = 200,
    problem: str | None = None,
    form: DecisionForm | None = None,
    field: str = "",
) -> ResponseReturnValue:
    """Show the page of a message; `form` is what was typed and not taken, `field` what is wrong in it."""
    with services().store.read() as session:
        page = review.group_page(session, actor, group_id)
        last = review.last_step(session, actor)
    body = render_template(
        "kim/group.html",
        actor=actor,
        page=page,
        item=page.item,
        last=last,
        problem=problem,
        form=form or _opened(page),
        field=field,
        typed=form is not None,
        remark=written(request.form, "remark"),
    )
    return body, status
