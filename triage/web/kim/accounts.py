"""Who works here: inviting people, and what an administrator does with an account, each with a reason."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import accounts
from triage.errors import AccountRefused, Forbidden
from triage.permissions import ROLES, SECOND_STEP, Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.errors import explain
from triage.web.forms import written
from triage.web.i18n import gettext
from triage.web.kim.blueprint import blueprint
from triage.web.messages import ACCOUNT_FIELDS
from triage.web.session import signed_in

_PERSON = "/akun/<username>"


@blueprint.get("/akun")
@staff("accounts.manage")
def people(actor: Actor) -> ResponseReturnValue:
    """List accounts, and a form to invite somebody."""
    return _ask_for_proof(url_for("kim.people")) or _list(actor)


@blueprint.post("/akun")
@staff("accounts.manage")
def invite(actor: Actor) -> ResponseReturnValue:
    """Invite somebody; the link is shown once, to be handed on."""
    asked, form = _ask_for_proof(url_for("kim.people")), request.form
    if asked is not None:
        return asked
    username, name, role, wilayah = (
        written(form, field).strip() for field in ("username", "name", "role", "wilayah")
    )
    try:
        token = accounts.invite(services().store, username, name, role, wilayah, actor)
    except AccountRefused as error:
        return _list(actor, error)
    return _show(actor, username.lower(), token=token)


@blueprint.get(_PERSON)
@staff("accounts.manage")
def person(actor: Actor, username: str) -> ResponseReturnValue:
    """Show one account."""
    return _ask_for_proof(url_for("kim.person", username=username)) or _show(actor, username)


@blueprint.post(_PERSON + "/peran")
@staff("accounts.manage")
def change_person(actor: Actor, username: str) -> ResponseReturnValue:
    """Give somebody another role or area."""
    role, wilayah = (written(request.form, field).strip() for field in ("role", "wilayah"))
    return _do(
        actor,
        username,
        lambda reason: accounts.change(services().store, username, role, wilayah, reason, actor),
        gettext("Perubahan tersimpan. Orang itu perlu masuk lagi."),
    )


@blueprint.post(_PERSON + "/tautan")
@staff("accounts.manage")
def new_link(actor: Actor, username: str) -> ResponseReturnValue:
    """Let somebody choose a new password, by a link that is shown once."""
    return _do(
        actor, username, lambda reason: accounts.reset_by_link(services().store, username, reason, actor)
    )


@blueprint.post(_PERSON + "/langkah-kedua")
@staff("accounts.manage")
def reset_second_step(actor: Actor, username: str) -> ResponseReturnValue:
    """Let somebody who lost the phone set the second step up anew."""
    return _do(
        actor,
        username,
        lambda reason: accounts.reset_second_step(services().store, username, reason, actor),
        gettext("Langkah kedua dilepas. Orang itu memasangnya lagi saat masuk."),
    )


@blueprint.post(_PERSON + "/tutup")
@staff("accounts.manage")
def close_person(actor: Actor, username: str) -> ResponseReturnValue:
    """Close an account at once."""
    return _do(
        actor,
        username,
        lambda reason: accounts.deactivate(services().store, username, reason, actor),
        gettext("Akun ditutup, dan orangnya keluar dari semua perangkat."),
    )


@blueprint.post(_PERSON + "/buka")
@staff("accounts.manage")
def open_person(actor: Actor, username: str) -> ResponseReturnValue:
    """Open a closed account again, with a link for a new password."""
    return _do(
        actor, username, lambda reason: accounts.activate_by_link(services().store, username, reason, actor)
    )


def _do(
    actor: Actor, username: str, work: Callable[[str], str | None], done: str = ""
) -> ResponseReturnValue:
    asked = _ask_for_proof(url_for("kim.person", username=username))
    if asked is not None:
        return asked
    try:
        token = work(written(request.form, "reason"))
    except AccountRefused as error:
        return _show(actor, username, gettext(ACCOUNT_FIELDS[error.field]), status=error.status)
    except Forbidden as error:
        return _show(actor, username, explain(error), status=error.status)
    if token is not None:
        return _show(actor, username, token=token)
    flash(done)
    return redirect(url_for("kim.person", username=username), 303)


def _ask_for_proof(back: str) -> ResponseReturnValue | None:
    found = signed_in()
    return None if found and found.proved else redirect(url_for("second_step.proof", next=back), 303)


def _list(actor: Actor, error: AccountRefused | None = None) -> ResponseReturnValue:
    with services().store.read() as session:
        rows = accounts.accounts(session, actor)
    page = render_template(
        "kim/people.html", actor=actor, people=rows, roles=ROLES, form=request.form,
        region=services().config.wilayah, needing=SECOND_STEP,
        problem=gettext(ACCOUNT_FIELDS[error.field]) if error else None,
    )  # fmt: skip
    return page, error.status if error else 200


def _show(
    actor: Actor, username: str, problem: str | None = None, *, token: str = "", status: int = 200
) -> ResponseReturnValue:
    with services().store.read() as session:
        account = accounts.account_named(session, username, actor)
    link = url_for("invitation.invitation", token=token, _external=True) if token else ""
    page = render_template(
        "kim/person.html", actor=actor, account=account, roles=ROLES, link=link, problem=problem,
        reason=written(request.form, "reason") if problem else "",
    )  # fmt: skip
    return page, status
