"""What is for the signed-in person alone: own decisions, own sessions, and training."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import accounts, review
from triage.errors import NotFound
from triage.permissions import Actor
from triage.services import services
from triage.training import EXERCISES
from triage.web import cookies
from triage.web.auth import staff
from triage.web.i18n import gettext
from triage.web.kim.blueprint import blueprint
from triage.web.security import SESSION


@blueprint.get("/saya")
@staff("queue.see")
def own(actor: Actor) -> ResponseReturnValue:
    """Show what one decided and what came of it."""
    with services().store.read() as session:
        work = review.own_work(session, actor)
    sessions = accounts.sessions_of(services().store, cookies.read(SESSION) or "")
    return render_template("kim/own.html", actor=actor, work=work, most=review.MAX_SHOWN, sessions=sessions)


@blueprint.post("/saya/keluar")
@staff("queue.see")
def end_session(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - whose sessions, the token says
    """End one of one's own sessions, on a phone that was lost, say."""
    accounts.end_one(services().store, cookies.read(SESSION) or "", request.form.get("session", ""))
    flash(gettext("Perangkat itu sudah dikeluarkan."))
    return redirect(url_for("kim.own", _anchor="perangkat"), 303)


@blueprint.post("/saya/keluar-semua")
@staff("queue.see")
def sign_out_everywhere(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same
    """End every session of one's own, this one as well."""
    accounts.sign_out_everywhere(services().store, cookies.read(SESSION) or "")
    flash(gettext("Anda sudah keluar dari semua perangkat."))
    response = make_response(redirect(url_for("auth.sign_in_form"), 303))
    cookies.drop(response, SESSION)
    return response


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
