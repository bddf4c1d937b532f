"""Signing in and out, the own password, and the guard that hands the signed-in person to each view.

The second step of a sign-in has its own pages (`second_step`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized

from triage import accounts
from triage.accounts import Due, SignedIn
from triage.errors import PasswordRefused, SignInRefused, TooMany
from triage.permissions import Actor, Permission, require
from triage.places import address
from triage.services import services
from triage.web import cookies
from triage.web.errors import explain
from triage.web.i18n import gettext
from triage.web.security import SESSION, renew_device
from triage.web.session import counted_as, signed_in

blueprint = Blueprint("auth", __name__)
P = ParamSpec("P")
# Where a sign-in may lead: our own staff pages and nowhere else.
_NEXT = re.compile(r"/(kim(/[a-z0-9_-][a-z0-9._-]*)*/?|kata-sandi|langkah-kedua)(\?[a-z0-9=&.-]*)?")
# What is still to be done after the password, and where.
SETTLING: dict[Due, str] = {
    "code": "second_step.code",
    "password": "auth.password",
    "second-step": "second_step.set_up_page",
}


def staff(
    permission: Permission,
) -> Callable[[Callable[Concatenate[Actor, P], ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let a view run only for a signed-in person with the permission, who becomes its first argument."""

    def guard(view: Callable[Concatenate[Actor, P], ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            found = signed_in()
            if found is None:
                return ask_to_sign_in()
            if found.due:
                return redirect(url_for(SETTLING[found.due]), 303)
            require(found.actor, permission)
            here = counted_as()
            if here is not None:
                accounts.remember_device(services().store, found.actor, here)
            return view(found.actor, *args, **kwargs)

        return guarded

    return guard


@blueprint.get("/masuk")
def sign_in_form() -> ResponseReturnValue:
    """Ask for name and password."""
    return _sign_in_page(status=200)


@blueprint.post("/masuk")
def sign_in() -> ResponseReturnValue:
    """Start a session under a new token; one that the browser already had ends."""
    form = request.form
    try:
        services().limits.sign_in(address())
        token, found = accounts.sign_in(
            services().store, form.get("username", ""), form.get("password", ""), device=counted_as()
        )
    except (SignInRefused, TooMany) as error:
        return _sign_in_page(status=error.status, problem=explain(error))
    end_session_before()
    wanted = next_page(form)
    target = url_for(SETTLING[found.due], next=wanted) if found.due else wanted or url_for("kim.queue")
    return with_session(redirect(target, 303), token, found)


@blueprint.post("/keluar")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    token = cookies.read(SESSION)
    if token is not None:
        accounts.sign_out(services().store, token)
    flash(gettext("Anda sudah keluar."))
    response = make_response(redirect(url_for("auth.sign_in_form"), 303))
    cookies.drop(response, SESSION)
    return response


@blueprint.get("/kata-sandi")
def password() -> ResponseReturnValue:
    """Ask for a new password; after a one-time password nothing else opens before this is done."""
    found = signed_in()
    if found is None:
        return ask_to_sign_in()
    return _first(found) or _password_page(found, status=200)


@blueprint.post("/kata-sandi")
def change_password() -> ResponseReturnValue:
    """Set the new password; every other session of the account ends."""
    found, token = signed_in(), cookies.read(SESSION)
    if found is None or token is None:
        return ask_to_sign_in()
    first = _first(found)
    if first is not None:
        return first
    form = request.form
    if form.get("new", "") != form.get("again", ""):
        unlike = PasswordRefused("password-unlike", "The new password and its repetition differ.")
        return _password_page(found, unlike.status, explain(unlike), "new")
    try:
        fresh = accounts.change_password(
            services().store, token, form.get("current", ""), form.get("new", ""), counted_as()
        )
    except PasswordRefused as error:
        return _password_page(found, error.status, explain(error), "new")
    except SignInRefused as error:
        return _password_page(found, error.status, explain(error, "password-wrong"), "current")
    flash(gettext("Kata sandi baru tersimpan."))
    return with_session(redirect(url_for("kim.queue"), 303), fresh)


def ask_to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in, and from there back here; a form that was sent is shown again as it was typed."""
    if request.method != "GET":
        raise Unauthorized
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("auth.sign_in_form", next=wanted if _NEXT.fullmatch(wanted) else None), 303)


def enter(token: str, wanted: str | None = None) -> Response:
    """Go on in a session that was just begun: to what is still to be settled, else to what was wanted."""
    found = accounts.signed_in(services().store, token)
    due = found.due if found else ""
    target = url_for(SETTLING[due]) if due else wanted or url_for("kim.queue")
    return with_session(redirect(target, 303), token, found)


def _first(found: SignedIn) -> ResponseReturnValue | None:
    """Return where to go before the password can be changed; None where nothing stands before it."""
    if found.due == "code":
        return redirect(url_for("second_step.code"), 303)
    if found.second_step and not found.proved:
        return redirect(url_for("second_step.proof", next=url_for("auth.password")), 303)
    return None


def next_page(given: Mapping[str, str]) -> str | None:
    """Return the page that was wanted before, if it is one of ours."""
    wanted = given.get("next", "")
    return wanted if _NEXT.fullmatch(wanted) else None


def end_session_before() -> None:
    """End the session that the browser had: nobody goes on in one that somebody else may know."""
    before = cookies.read(SESSION)
    if before is not None:
        accounts.sign_out(services().store, before)


def _sign_in_page(status: int, problem: str | None = None) -> ResponseReturnValue:
    page = render_template(
        "sign_in.html",
        username=request.form.get("username", ""),
        next=next_page(request.values) or "",
        problem=problem,
    )
    return page, status


def _password_page(
    found: SignedIn, status: int, problem: str | None = None, field: str = ""
) -> ResponseReturnValue:
    page = render_template(
        "password.html", actor=found.actor, first=found.must_change_password, problem=problem, field=field
    )
    return page, status


def with_session(response: ResponseReturnValue, token: str, completed: SignedIn | None = None) -> Response:
    """Put the token of a session into the browser.

    With a sign-in that is `completed` in a browser that this person has not used before, the browser gets a
    new number, too: only then nobody else can know it. The earlier one is noted as well, since messages may
    have come from it.
    """
    made = make_response(response)
    cookies.hold(made, SESSION, token)
    if completed is None or completed.due == "code":
        return made
    store, here = services().store, counted_as()
    if here is None or not accounts.is_known(store, completed.actor, here):
        for counted in (here, counted_as(renew_device())):
            if counted is not None:
                accounts.remember_device(store, completed.actor, counted)
    return made
