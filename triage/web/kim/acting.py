"""One step on a message, and the page of the message as it then stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

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
from triage.review import QueueItem
from triage.review.drafts import Kept
from triage.services import services
from triage.web.errors import explain
from triage.web.forms import DecisionForm, written
from triage.web.i18n import gettext
from triage.web.kim.preview import Preview
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

    What was being written in the decision form comes along with some buttons, and is kept as a draft.
    """
    kept = keep_draft(actor, group_id)
    try:
        outcome = work()
    except DecisionRefused as error:
        return show(actor, group_id, error.status, gettext(DECISION_FIELDS[error.field]), field=error.field)
    except (LeaseLost, IllegalTransition, Forbidden, UndoTooLate) as error:
        return show(actor, group_id, error.status, explained(error, kept=kept))
    for task in wake:
        services().waker.wake(task)
    said = [done(outcome) if callable(done) else done, gettext(KEPT) if kept else ""]
    if any(said):
        flash(" ".join(part for part in said if part))
    return redirect(url_for("kim.queue") if leave else url_for("kim.group", group_id=group_id), 303)


def keep_draft(actor: Actor, group_id: int) -> bool:
    """Keep what was being written in the decision form, if anything came along with this request."""
    sent = DecisionForm.read(request.form)
    if "claim" not in request.form or not actor.may("decision.write"):
        return False
    with services().store.read() as session:
        item = review.queue_item(session, actor, group_id)
        before = opened(item, in_use(item, review.saved_draft(session, actor, group_id)))
    if sent == before:
        return False
    review.save_draft(services().store, actor, group_id, asdict(sent))
    return True


def explained(error: PenjagaError, *, kept: bool) -> str:
    """Return the sentence for what was refused, and that what was typed is kept."""
    return f"{explain(error)} {gettext(KEPT)}" if kept else explain(error)


def opened(item: QueueItem, draft: Kept | None) -> DecisionForm:
    """Return the form as it opens: one's own draft, else a text that came back to be mended, else what was
    published, to be corrected, else empty.
    """
    if draft is not None:
        return DecisionForm.kept(draft.fields)
    returned = item.returned
    if returned is not None and returned.kind != "confirm":
        return DecisionForm.of(returned)
    return DecisionForm.correcting(item.answer) if item.answer else DecisionForm(harm=item.harm)


def in_use(item: QueueItem, draft: Kept | None) -> Kept | None:
    """Return a draft, unless what is answered now was published after it was written."""
    outdated = draft and item.answer and draft.saved_at < item.answer.updated_at
    return None if outdated else draft


def show(
    actor: Actor,
    group_id: int,
    status: int = 200,
    problem: str | None = None,
    *,
    field: str = "",
    preview: Preview | None = None,
) -> ResponseReturnValue:
    """Show the page of a message; `field` is what is wrong in the decision form."""
    with services().store.read() as session:
        page = review.group_page(session, actor, group_id)
        last = review.last_step(session, actor)
        draft = in_use(page.item, review.saved_draft(session, actor, group_id))
    body = render_template(
        "kim/group.html",
        actor=actor,
        page=page,
        item=page.item,
        last=last,
        problem=problem,
        form=opened(page.item, draft),
        draft=draft,
        field=field,
        preview=preview,
        remark=written(request.form, "remark"),
        retraction=written(request.form, "retraction"),
    )
    return body, status
