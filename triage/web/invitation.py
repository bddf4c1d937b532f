"""The link of an invitation or a reset: whoever holds it chooses the password of the account, once."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from triage import accounts
from triage.errors import PasswordRefused
from triage.services import services
from triage.web.auth import end_session_before, enter
from triage.web.errors import explain
from triage.web.i18n import gettext
from triage.web.messages import sentence

blueprint = Blueprint("invitation", __name__)


@blueprint.get("/undangan/<token>")
def invitation(token: str) -> ResponseReturnValue:
    """Ask for a password; looking uses nothing up."""
    return _page(token, 200)


@blueprint.post("/undangan/<token>")
def accept(token: str) -> ResponseReturnValue:
    """Set the password and sign in."""
    form = request.form
    if form.get("new", "") != form.get("again", ""):
        return _page(token, 422, gettext(sentence("password-unlike", 422)))
    try:
        fresh = accounts.use_link(services().store, token, form.get("new", ""))
    except PasswordRefused as error:
        return _page(token, error.status, explain(error))
    end_session_before()
    flash(gettext("Kata sandi baru tersimpan."))
    return enter(fresh)


def _page(token: str, status: int, problem: str | None = None) -> ResponseReturnValue:
    invited = accounts.invited(services().store, token)
    return render_template("invitation.html", token=token, actor=invited.actor, problem=problem), status
