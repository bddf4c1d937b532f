"""Judging automatic answers that were drawn at random: one at a time."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage.errors import Forbidden, IllegalTransition, NotFound
from triage.permissions import Actor
from triage.quality import auditing
from triage.quality.auditing import OUTCOMES
from triage.services import services
from triage.web.auth import staff
from triage.web.errors import explain
from triage.web.kim.blueprint import NUMBER, blueprint

_ONE = f"/audit/<{NUMBER}:number>"


@blueprint.get("/audit")
@staff("answer.audit")
def audit(actor: Actor) -> ResponseReturnValue:
    """Show the next answer to be judged."""
    return _next(actor)


@blueprint.get(_ONE)
@staff("answer.audit")
def audited(actor: Actor, number: int) -> ResponseReturnValue:
    """Show an answer that was judged, and what can be done about it; one that was not waits its turn."""
    with services().store.read() as session:
        found = auditing.one(session, actor, number)
        left = auditing.waiting(session, actor)
    if found.judged is None:
        return redirect(url_for("kim.audit"), 303)
    return render_template("kim/audited.html", actor=actor, found=found, left=left)


@blueprint.post(_ONE)
@staff("answer.audit")
def judge_answer(actor: Actor, number: int) -> ResponseReturnValue:
    """Say whether the answer was right for its message."""
    outcome = next((one for one in OUTCOMES if one == request.form.get("outcome")), None)
    if outcome is None:
        raise NotFound("There is no such judgement.")
    try:
        auditing.judge(services().store, actor, number, outcome)
    except (IllegalTransition, Forbidden) as error:
        return _next(actor, error)
    return redirect(url_for("kim.audited", number=number), 303)


def _next(actor: Actor, error: IllegalTransition | Forbidden | None = None) -> ResponseReturnValue:
    with services().store.read() as session:
        found = auditing.next_one(session, actor)
        left = auditing.waiting(session, actor)
    page = render_template(
        "kim/audit.html", actor=actor, found=found, left=left, problem=explain(error) if error else None
    )
    return page, error.status if error else 200
