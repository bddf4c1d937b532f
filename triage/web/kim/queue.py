"""The queue: its views with their counts, and the part of it that an open page asks for again."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from triage import review
from triage.marking import N_
from triage.permissions import Actor
from triage.review.queue import View
from triage.services import services
from triage.web.auth import staff
from triage.web.kim.blueprint import blueprint
from triage.web.library import page_number

VIEWS: dict[str, View] = {
    "menunggu": "waiting",
    "mendesak": "urgent",
    "wilayah": "area",
    "sering": "frequent",
    "lewat": "late",
    "saya": "mine",
    "persetujuan": "approval",
    "terjawab": "answered",
}
# What each view is called, and what stands there when it is empty.
NAMES: dict[View, tuple[str, str]] = {
    "waiting": (N_("Belum ada jawaban"), N_("Tidak ada pesan yang menunggu. Terima kasih!")),
    "urgent": (N_("Mendesak"), N_("Tidak ada pesan mendesak yang menunggu.")),
    "area": (N_("Wilayah saya"), N_("Tidak ada pesan dari wilayah Anda yang menunggu.")),
    "frequent": (N_("Sering ditanya"), N_("Tidak ada pesan yang sudah sering ditanya.")),
    "late": (N_("Lewat 24 jam"), N_("Tidak ada pesan yang menunggu lebih dari 24 jam.")),
    "mine": (
        N_("Milik saya"),
        N_("Anda sedang tidak mengerjakan pesan. Ambil satu dari bagian Belum ada jawaban."),
    ),
    "approval": (N_("Menunggu persetujuan"), N_("Tidak ada keputusan yang menunggu persetujuan.")),
    "answered": (N_("Terjawab"), N_("Belum ada pesan yang terjawab.")),
}


@blueprint.get("")
@staff("queue.see")
def queue(actor: Actor) -> ResponseReturnValue:
    """List messages, most urgent first."""
    return render_template("kim/queue.html", **_listed(actor))


@blueprint.get("/daftar")
@staff("queue.see")
def queue_part(actor: Actor) -> ResponseReturnValue:
    """Give the list alone, to a page that is open already; 304 while nothing has changed."""
    listed = _listed(actor)
    response = make_response(render_template("kim/list.html", **listed))
    response.set_etag(listed["tag"])
    return response.make_conditional(request)


def _listed(actor: Actor) -> dict[str, Any]:
    chosen = request.args.get("lihat", "")
    chosen = chosen if chosen in VIEWS else "menunggu"
    with services().store.read() as session:
        page = review.queue(session, actor, VIEWS[chosen], page_number())
        last = review.last_step(session, actor)
    return {
        "actor": actor, "page": page, "chosen": chosen, "views": VIEWS, "names": NAMES, "last": last,
        "tag": _tag(chosen, page, last),
    }  # fmt: skip


def _tag(chosen: str, page: review.QueuePage, last: review.LastStep | None) -> str:
    """Name what the list says, all but the ages: these change by the minute."""
    rows = [
        (item.group_id, item.state, item.lease_holder, item.submissions, item.reasons, item.decision)
        for item in page.items
    ]
    return hashlib.sha256(repr((chosen, page.counts, page.page, rows, last)).encode()).hexdigest()[:32]
