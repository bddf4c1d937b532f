"""The second step: its code at sign-in, showing once more who one is, and setting it up."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from triage import accounts
from triage.accounts import SignedIn
from triage.errors import CodeRefused, ProofNeeded, SignInRefused, TooMany
from triage.permissions import SECOND_STEP
from triage.places import address
from triage.services import services
from triage.web import cookies
from triage.web.auth import SETTLING, ask_to_sign_in, enter, next_page, with_session
from triage.web.errors import explain
from triage.web.i18n import gettext
from triage.web.security import SESSION
from triage.web.session import counted_as, signed_in

blueprint = Blueprint("second_step", __name__)


@blueprint.get("/masuk/kode")
def code() -> ResponseReturnValue:
    """Ask for the code that completes a sign-in."""
    found = signed_in()
    if found is None or found.due != "code":
        return redirect(url_for("auth.sign_in_form"), 303)
    return _code_page(200)


@blueprint.post("/masuk/kode")
def enter_code() -> ResponseReturnValue:
    """Complete the sign-in under a new token."""
    here, token = services(), cookies.read(SESSION) or ""
    try:
        here.limits.sign_in(address())
        fresh = accounts.enter_code(
            here.store, here.config, token, request.form.get("code", ""), counted_as()
        )
    except SignInRefused:
        flash(gettext("Waktunya habis. Masuk sekali lagi dari awal."))
        return redirect(url_for("auth.sign_in_form"), 303)
    except (CodeRefused, TooMany) as error:
        return _code_page(error.status, explain(error))
    return enter(fresh, next_page(request.form))


@blueprint.get("/pastikan")
def proof() -> ResponseReturnValue:
    """Ask once more who one is, before what guards the account is changed."""
    found = signed_in()
    if found is None or found.due == "code":
        return ask_to_sign_in()
    return _proof_page(found, 200)


@blueprint.post("/pastikan")
def prove() -> ResponseReturnValue:
    """Go on to what was wanted."""
    found, token = signed_in(), cookies.read(SESSION)
    if found is None or token is None or found.due == "code":
        return ask_to_sign_in()
    here, form = services(), request.form
    try:
        here.limits.sign_in(address())
        accounts.prove(
            here.store, here.config, token, form.get("password", ""), form.get("code", ""), counted_as()
        )
    except (SignInRefused, CodeRefused, TooMany) as error:
        return _proof_page(found, error.status, explain(error, _PROOF_SAID.get(type(error))))
    return redirect(next_page(form) or url_for("kim.own"), 303)


@blueprint.get("/langkah-kedua")
def set_up_page() -> ResponseReturnValue:
    """Show how to set up the second step; where there is one, what can be done with it."""
    found = signed_in()
    return ask_to_sign_in() if found is None else _first(found) or _set_up_page(found, 200)


@blueprint.post("/langkah-kedua")
def set_up() -> ResponseReturnValue:
    """Make the secret that was shown the second step of the account; show the recovery codes, once."""
    found, token = signed_in(), cookies.read(SESSION)
    if found is None or token is None:
        return ask_to_sign_in()
    here = services()
    try:
        fresh, codes = accounts.set_up(here.store, here.config, token, request.form.get("code", ""))
    except CodeRefused as error:
        return _set_up_page(found, error.status, explain(error, "code-unlike"))
    except (ProofNeeded, SignInRefused):
        return _first(found) or _ask_for_proof()
    return with_session(_codes_page(found, codes), fresh)


@blueprint.post("/langkah-kedua/kode")
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes and show the new ones, once."""
    found, token = signed_in(), cookies.read(SESSION)
    if found is None or token is None:
        return ask_to_sign_in()
    if found.due or not found.second_step:
        return redirect(url_for("second_step.set_up_page"), 303)
    try:
        codes = accounts.renew_recovery_codes(services().store, token)
    except ProofNeeded:
        return _ask_for_proof()
    return _codes_page(found, codes)


@blueprint.post("/langkah-kedua/lepas")
def give_up() -> ResponseReturnValue:
    """Sign in without a second step from now on, where the role allows it."""
    found, token = signed_in(), cookies.read(SESSION)
    if found is None or token is None:
        return ask_to_sign_in()
    if found.due:
        return redirect(url_for(SETTLING[found.due]), 303)
    try:
        accounts.give_up(services().store, token)
    except ProofNeeded:
        return _ask_for_proof()
    flash(gettext("Langkah kedua dilepas. Mulai sekarang Anda masuk dengan kata sandi saja."))
    return redirect(url_for("kim.own"), 303)


_PROOF_SAID: dict[type[Exception], str] = {SignInRefused: "password-wrong"}


def _first(found: SignedIn) -> ResponseReturnValue | None:
    """Return where to go before the second step can be set up; None where nothing stands before it."""
    if found.due in ("code", "password"):
        return redirect(url_for(SETTLING[found.due]), 303)
    return None if found.proved else _ask_for_proof()


def _ask_for_proof() -> ResponseReturnValue:
    return redirect(url_for("second_step.proof", next=url_for("second_step.set_up_page")), 303)


def _code_page(status: int, problem: str | None = None) -> ResponseReturnValue:
    page = render_template("second_step/code.html", next=next_page(request.values) or "", problem=problem)
    return page, status


def _proof_page(found: SignedIn, status: int, problem: str | None = None) -> ResponseReturnValue:
    page = render_template(
        "second_step/proof.html", actor=found.actor, second_step=found.second_step,
        next=next_page(request.values) or "", problem=problem,
    )  # fmt: skip
    return page, status


def _set_up_page(found: SignedIn, status: int, problem: str | None = None) -> ResponseReturnValue:
    if found.second_step and "baru" not in request.values:
        page = render_template(
            "second_step/have.html", actor=found.actor, needed=found.actor.role in SECOND_STEP
        )
        return page, status
    here = services()
    offer = accounts.offer(here.store, here.config, cookies.read(SESSION) or "")
    drawn = segno.make(offer.uri, micro=False).svg_inline(scale=5, light="#fff", dark="#000", svgclass="qr")
    page = render_template(
        "second_step/set_up.html", actor=found.actor, first=found.due == "second-step", offer=offer,
        # Drawn here from our own address of the secret: black squares and nothing else.
        picture=Markup(drawn), problem=problem,  # noqa: S704
        groups=[offer.secret[i : i + 4] for i in range(0, len(offer.secret), 4)],
        again=found.second_step,
    )  # fmt: skip
    return page, status


def _codes_page(found: SignedIn, codes: tuple[str, ...]) -> str:
    return render_template("second_step/codes.html", actor=found.actor, codes=codes)
