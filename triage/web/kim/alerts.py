"""Being written to when a claim rises: one's own address and quiet time; an administrator sees who is."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage.alerts import subscriptions
from triage.alerts.subscriptions import AlertRefused, Own
from triage.permissions import Actor
from triage.services import services
from triage.web.auth import staff
from triage.web.forms import written
from triage.web.i18n import gettext
from triage.web.kim.blueprint import NUMBER, blueprint
from triage.web.messages import ALERT_FIELDS

# No hour: what is typed by hand and is none.
_NO_HOUR = -1


@blueprint.get("/kabar")
@staff("alerts.receive")
def alerts(actor: Actor) -> ResponseReturnValue:
    """Show what one chose, and to an administrator who receives."""
    return _page(actor)


@blueprint.post("/kabar")
@staff("alerts.receive")
def choose_alerts(actor: Actor) -> ResponseReturnValue:
    """Keep address and quiet time."""
    here, form = services(), request.form
    hours = (_hour(form.get("quiet_from", "")), _hour(form.get("quiet_to", "")))
    active = form.get("active") == "1"

    def work() -> None:
        address = written(form, "address")
        subscriptions.choose(here.store, here.config, actor, address, *hours, active=active)

    return _do(actor, work, gettext("Tersimpan."))


@blueprint.post("/kabar/percobaan")
@staff("alerts.receive")
def try_alerts(actor: Actor) -> ResponseReturnValue:
    """Send oneself a letter as a trial."""

    def work() -> None:
        subscriptions.ask_trial(services().store, actor)
        services().waker.wake("trial")

    return _do(actor, work, gettext("Surat percobaan sedang dikirim. Periksa juga kotak spam."))


@blueprint.post("/kabar/hapus")
@staff("alerts.receive")
def delete_alerts(actor: Actor) -> ResponseReturnValue:
    """Forget one's own address."""
    return _do(
        actor, lambda: subscriptions.delete_own(services().store, actor), gettext("Alamat surel dihapus.")
    )


@blueprint.post(f"/kabar/<{NUMBER}:account_id>/matikan")
@staff("accounts.manage")
def stop_alerts(actor: Actor, account_id: int) -> ResponseReturnValue:
    """Write to somebody no more."""
    return _do(
        actor,
        lambda: subscriptions.switch_off(services().store, actor, account_id),
        gettext("Dimatikan. Orang itu tidak dikirimi surat lagi, kecuali ia menyalakannya sendiri."),
    )


def _do(actor: Actor, work: Callable[[], None], done: str) -> ResponseReturnValue:
    try:
        work()
    except AlertRefused as error:
        return _page(actor, error)
    flash(done)
    return redirect(url_for("kim.alerts"), 303)


def _hour(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 else _NO_HOUR


def _typed(own: Own | None) -> Own:
    """Return what the form holds: as it was just typed, else as it is kept, else as most want it."""
    form = request.form
    if "address" in form:
        hours = (_hour(form.get("quiet_from", "")), _hour(form.get("quiet_to", "")))
        return Own(written(form, "address"), *hours, form.get("active") == "1", trial_owed=False, failed="")
    usual = (subscriptions.QUIET_FROM, subscriptions.QUIET_TO)
    return own or Own("", *usual, active=True, trial_owed=False, failed="")


def _page(actor: Actor, error: AlertRefused | None = None) -> ResponseReturnValue:
    here = services()
    with here.store.read() as session:
        own = subscriptions.own(session, here.config, actor)
        manages = actor.may("accounts.manage")
        receivers = subscriptions.receivers(session, here.config, actor) if manages else ()
    page = render_template(
        "kim/alerts.html", actor=actor, own=own, receivers=receivers, hours=subscriptions.HOURS,
        typed=_typed(own), can_send=here.config.mail is not None,
        problem=gettext(ALERT_FIELDS[error.field]) if error else None,
        field=error.field if error else "",
    )  # fmt: skip
    return page, error.status if error else 200
