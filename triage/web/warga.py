"""The reporter's face: send a message, see where it stands, read about the data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage import forwards, intake, receipt_view, receipts
from triage.columns import now
from triage.errors import NotFound, StoreUnavailable, SubmissionRefused, TooMany
from triage.forwards import Forward
from triage.places import address
from triage.receipt_view import PublicAnswer
from triage.regions import Village, villages, villages_like
from triage.services import services
from triage.verdicts import verdict_sign
from triage.web import cookies, security
from triage.web.errors import explain
from triage.web.forms import MessageForm, VillageUnclear
from triage.web.i18n import gettext
from triage.web.messages import sentence
from triage.web.session import counted_as

blueprint = Blueprint("warga", __name__)
# The village of this device's last message, offered for the next.
VILLAGE = "penjaga_desa"
# A known message is answered within a second or two: so long the page asks often, then now and then, and soon
# leaves people alone.
_SOON, _WATCH = timedelta(seconds=8), timedelta(seconds=30)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the form."""
    security.number_device()
    return form_page(MessageForm(village=remembered_village()))


@blueprint.post("/")
def send() -> ResponseReturnValue:
    """Take a message and show its receipt; on any problem the form comes back as it was typed.

    Our own script asks for JSON: where the receipt's page is, or what the problem is.
    """
    found, form = services(), MessageForm.read(request.form)
    by_script = request.accept_mimetypes.best == "application/json"
    try:
        _refuse_files()
        found.limits.submission(address(), counted_as())
        new = form.submission(found.config.wilayah, security.device())
        receipt = intake.accept(found.store, found.config, new)
    except (SubmissionRefused, StoreUnavailable, TooMany) as error:
        return _refused(form, error, by_script=by_script)
    found.waker.wake("assess")
    page = url_for("warga.status", receipt=receipt)
    response = jsonify(page=page) if by_script else make_response(redirect(page, 303))
    _remember_village(response, new.village)
    return response


@blueprint.get("/status")
def ask() -> ResponseReturnValue:
    """Ask for a receipt."""
    return render_template("receipt.html", receipt="", problem=None)


@blueprint.post("/status")
def look_up() -> ResponseReturnValue:
    """Lead to the page of a receipt as it was typed."""
    typed = request.form.get("receipt", "").strip()
    receipt = receipts.canonical(typed)
    if receipt is None:
        return _unknown_receipt(typed)
    return redirect(url_for("warga.status", receipt=receipt), 303)


@blueprint.get("/status/<receipt>")
def status(receipt: str) -> ResponseReturnValue:
    """Show where a message stands, and the answer once there is one."""
    found = services()
    try:
        view = receipt_view.find(found.store, found.config, receipt)
    except NotFound:
        return _unknown_receipt(receipt)
    response = make_response(
        render_template(
            "status.html",
            receipt=receipts.canonical(receipt),
            view=view,
            forward=_forward(view.answer),
            form=MessageForm(),
        )
    )
    waited = now() - view.received_at
    if view.status == "received" and waited < _WATCH:
        response.headers["Refresh"] = "1" if waited < _SOON else "3"
    return response


@blueprint.get("/tentang-data")
def about_data() -> ResponseReturnValue:
    """Say what is kept and what for."""
    return render_template("about_data.html")


def _forward(answer: PublicAnswer | None) -> Forward | None:
    """Return an answer as it can be passed on, None for what only its sender may read."""
    if answer is None or answer.page is None:
        return None
    sign, _tone = verdict_sign(answer.verdict)
    public = url_for("library.fact", fact_check_id=answer.page, _external=True)
    return forwards.forward(answer, sign, public, gettext)


def _refused(
    form: MessageForm, error: SubmissionRefused | StoreUnavailable | TooMany, *, by_script: bool
) -> ResponseReturnValue:
    choices = error.choices if isinstance(error, VillageUnclear) else ()
    said = explain(error)
    response = make_response(
        jsonify(problem=said) if by_script else form_page(form, error.status, said, choices)
    )
    response.status_code = error.status
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _refuse_files() -> None:
    if any(file.filename for file in request.files.values()):
        raise SubmissionRefused("image-not-accepted", "Images are not accepted yet; send the text of it.")


def form_page(
    form: MessageForm, status: int = 200, problem: str | None = None, choices: Sequence[Village] = ()
) -> ResponseReturnValue:
    """Show the form as it was typed, with what is wrong; `choices`: villages that may be meant."""
    region = services().config.wilayah
    page = render_template(
        "home.html", form=form, problem=problem, choices=choices, villages=villages(region), seen=intake.SEEN
    )
    return page, status


def remembered_village() -> str:
    """Return the village of this device's last message as people write it, '' where it had none."""
    found = villages_like(services().config.wilayah, cookies.read(VILLAGE) or "")
    return str(found[0]) if len(found) == 1 else ""


def _remember_village(response: Response, code: str | None) -> None:
    if code:
        cookies.remember(response, VILLAGE, code)
    elif cookies.read(VILLAGE):
        cookies.drop(response, VILLAGE)


def _unknown_receipt(typed: str) -> ResponseReturnValue:
    problem = gettext(sentence("receipt-unknown", 404))
    return render_template("receipt.html", receipt=typed[:40], problem=problem), 404
