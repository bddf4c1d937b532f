"""Signing in and out, the own password, and the guard that hands the signed-in person to each view."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized

from triage import accounts
from triage.accounts import SignedIn
from triage.devices import reporter_hash
from triage.errors import PasswordRefused, SignInRefused
from triage.permissions import Actor, Permission, require
from triage.services import services
from triage.web import cookies
from triage.web.errors import explain
from triage.web.i18n import gettext
from triage.web.security import SESSION, device
from triage.web.session import signed_in

blueprint = Blueprint("auth", __name__)
P = ParamSpec("P")
# Where a sign-in may lead: our own staff pages and nowhere else.
_NEXT = re.compile(r"/kim(/[a-z0-9/-]*)?(\?[a-z0-9=&-]*)?")


def staff(
    permission: Permission,
) -> Callable[[Callable[Concatenate[Actor, P], ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let a view run only for a signed-in person with the permission, who becomes its first argument."""

    def guard(view: Callable[Concatenate[Actor, P], ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            found = signed_in()
            if found is None:
                return _ask_to_sign_in()
            if found.must_change_password:
                return redirect(url_for("auth.password"), 303)
            require(found.actor, permission)
            number = device()
            if number is not None:
                here = services()
                accounts.remember_device(here.store, found.actor, reporter_hash(here.config, number))
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
    store = services().store
    try:
        token, found = accounts.sign_in(
            store, request.form.get("username", ""), request.form.get("password", "")
        )
    except SignInRefused as error:
        return _sign_in_page(status=error.status, problem=explain(error))
    before = cookies.read(SESSION)
    if before is not None:
        accounts.sign_out(store, before)
    target = url_for("auth.password") if found.must_change_password else _next() or url_for("kim.queue")
    return _with_session(redirect(target, 303), token)


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
    return _ask_to_sign_in() if found is None else _password_page(found, status=200)


@blueprint.post("/kata-sandi")
def change_password() -> ResponseReturnValue:
    """Set the new password; every other session of the account ends."""
    found, token = signed_in(), cookies.read(SESSION)
    if found is None or token is None:
        return _ask_to_sign_in()
    form = request.form
    if form.get("new", "") != form.get("again", ""):
        unlike = PasswordRefused("password-unlike", "The new password and its repetition differ.")
        return _password_page(found, unlike.status, explain(unlike), "new")
    try:
        fresh = accounts.change_password(
            services().store, token, form.get("current", ""), form.get("new", "")
        )
    except PasswordRefused as error:
        return _password_page(found, error.status, explain(error), "new")
    except SignInRefused as error:
        return _password_page(found, error.status, explain(error, "password-wrong"), "current")
    flash(gettext("Kata sandi baru tersimpan."))
    return _with_session(redirect(url_for("kim.queue"), 303), fresh)


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method != "GET":
        raise Unauthorized
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("auth.sign_in_form", next=wanted if _NEXT.fullmatch(wanted) else None), 303)


def _next() -> str | None:
    wanted = request.form.get("next", "")
    return wanted if _NEXT.fullmatch(wanted) else None


def _sign_in_page(status: int, problem: str | None = None) -> ResponseReturnValue:
    wanted = request.values.get("next", "")
    page = render_template(
        "sign_in.html",
        username=request.form.get("username", ""),
        next=wanted if _NEXT.fullmatch(wanted) else "",
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


def _with_session(response: Response | object, token: str) -> Response:
    made = make_response(response)
    cookies.hold(made, SESSION, token)
    return made
