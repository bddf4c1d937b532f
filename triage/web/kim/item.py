"""The page of one message: taking it, judging its suggestions, merging it with others that say the same."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from triage import review
from triage.errors import NotFound
from triage.permissions import Actor
from triage.review.undoing import KINDS
from triage.services import services
from triage.web.auth import staff
from triage.web.i18n import gettext
from triage.web.kim.acting import act, show
from triage.web.kim.blueprint import GROUP, MATCH, blueprint


@blueprint.get(GROUP)
@staff("queue.see")
def group(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Show one message with all that is known about it."""
    return show(actor, group_id)


@blueprint.post(GROUP + "/ambil")
@staff("group.lease")
def lease(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Take a message to work on it."""
    return act(actor, group_id, lambda: review.lease(services().store, actor, group_id))


@blueprint.post(GROUP + "/lepas")
@staff("group.lease")
def release(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Give a message back to the queue."""
    done = gettext("Pesan dikembalikan ke antrean.")
    return act(actor, group_id, lambda: review.release(services().store, actor, group_id), done, leave=True)


@blueprint.post(MATCH + "/sama")
@staff("match.judge")
def confirm(actor: Actor, group_id: int, match_id: int) -> ResponseReturnValue:
    """Say that a suggested fact-check answers the message."""
    return act(
        actor,
        group_id,
        lambda: review.confirm(services().store, actor, group_id, match_id),
        _confirmed,
        leave=True,
    )


@blueprint.post(MATCH + "/beda")
@staff("match.judge")
def reject(actor: Actor, group_id: int, match_id: int) -> ResponseReturnValue:
    """Say that a suggested fact-check is about something else."""
    done = gettext("Saran itu ditandai beda.")
    return act(actor, group_id, lambda: review.reject(services().store, actor, group_id, match_id), done)


@blueprint.post(GROUP + "/batal")
@staff("queue.see")
def undo(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Take one's own last step back, while nobody was told."""
    number = request.form.get("number", type=int)
    kind = next((kind for kind in KINDS if kind == request.form.get("kind")), None)
    if kind is None or number is None or not 0 < number < 2**63:
        raise NotFound("There is no such step.")
    done = gettext("Dibatalkan. Pesan ini kembali seperti sebelum langkah itu.")
    return act(actor, group_id, lambda: review.undo(services().store, actor, group_id, kind, number), done)


@blueprint.post(GROUP + "/tarik")
@staff("match.judge")
def withdraw(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Say that what answered the message is no answer to it."""
    done = gettext("Jawaban ditarik. Pesan ini menunggu diperiksa lagi.")
    return act(actor, group_id, lambda: review.withdraw(services().store, actor, group_id), done, ("answer",))


@blueprint.post(GROUP + "/pisah")
@staff("decision.write")
def split(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Take a message out again that was merged into this one."""
    other = _other()
    done = gettext("Dipisahkan: pesan %(number)s menunggu jawaban sendiri lagi.", number=other)
    return act(actor, group_id, lambda: review.split(services().store, actor, other, group_id), done)


@blueprint.post(GROUP + "/gabung")
@staff("decision.write")
def merge(actor: Actor, group_id: int) -> ResponseReturnValue:
    """Take another waiting message into this one."""
    other = _other()
    done = gettext("Digabung: satu jawaban untuk keduanya.")
    return act(actor, group_id, lambda: review.merge(services().store, actor, other, group_id), done)


def _other() -> int:
    other = request.form.get("other", type=int)
    if other is None or not 0 < other < 2**63:
        raise NotFound("There is no item with this number.")
    return other


def _confirmed(proposed: object) -> str:
    if proposed is None:
        return gettext("Dinyatakan sama. Sebentar lagi semua yang mengirim pesan ini diberi tahu.")
    return gettext("Usulan tersimpan. Pengirim mendapat jawaban setelah orang kedua menyetujuinya.")
