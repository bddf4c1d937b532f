"""What is for the signed-in person alone: own decisions, and training."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from triage import review
from triage.errors import NotFound
from triage.permissions import Actor
from triage.services import services
from triage.training import EXERCISES
from triage.web.auth import staff
from triage.web.kim.blueprint import blueprint


@blueprint.get("/saya")
@staff("queue.see")
def own(actor: Actor) -> ResponseReturnValue:
    """Show what one decided and what came of it."""
    with services().store.read() as session:
        work = review.own_work(session, actor)
    return render_template("kim/own.html", actor=actor, work=work, most=review.MAX_SHOWN)


@blueprint.get("/latihan")
@staff("queue.see")
def training(actor: Actor) -> ResponseReturnValue:
    """Say what training is."""
    return render_template("kim/training.html", actor=actor, number=0, count=len(EXERCISES))


@blueprint.get("/latihan/<int:number>")
@staff("queue.see")
def exercise(actor: Actor, number: int) -> ResponseReturnValue:
    """Show a made-up message."""
    return _exercise(actor, number, "")


@blueprint.post("/latihan/<int:number>")
@staff("queue.see")
def try_exercise(actor: Actor, number: int) -> ResponseReturnValue:
    """Say whether the answer was right, and what to look at; nothing is stored."""
    return _exercise(actor, number, request.form.get("answer", ""))


def _exercise(actor: Actor, number: int, answer: str) -> ResponseReturnValue:
    if not 0 < number <= len(EXERCISES):
        raise NotFound("There is no exercise with this number.")
    return render_template(
        "kim/training.html", actor=actor, number=number, count=len(EXERCISES),
        exercise=EXERCISES[number - 1], answer=answer,
    )  # fmt: skip
