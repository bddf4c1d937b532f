"""What a reporter does with a message of theirs, by its receipt: keep it, object to its answer, erase it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from triage import erasure, objections, own_data, receipt_view, receipts
from triage.services import services

# Who knows the receipt may do this; nobody else can guess it, so no form token is asked for.
blueprint = Blueprint("kiriman", __name__, url_prefix="/status/<receipt>")


@blueprint.get("/simpan")
def save(receipt: str) -> Response:
    """Give the receipt as a small text file, for a device without clipboard or printer."""
    found = services()
    view = receipt_view.find(found.store, found.config, receipt)
    spelled = receipts.canonical(receipt)
    text = render_template("receipt.txt", receipt=spelled, view=view)
    name = f'attachment; filename="penjaga-{spelled}.txt"'
    return Response(text, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": name})


@blueprint.get("/data")
def data(receipt: str) -> str:
    """Show all that is held about the message."""
    found = services()
    held = own_data.held(found.store, found.config, receipt)
    return render_template("own_data.html", receipt=receipts.canonical(receipt), held=held)


@blueprint.get("/data.json")
def data_file(receipt: str) -> Response:
    """Give the same as a file for programs."""
    found = services()
    content = own_data.as_json(own_data.held(found.store, found.config, receipt))
    name = f'attachment; filename="penjaga-{receipts.canonical(receipt)}.json"'
    return Response(content, content_type="application/json", headers={"Content-Disposition": name})


@blueprint.post("/bukan")
def object_to(receipt: str) -> ResponseReturnValue:
    """Send the message to a person: its sender says that the answer is about something else."""
    found = services()
    objections.object_to(found.store, found.config, receipt)
    return redirect(url_for("warga.status", receipt=receipts.canonical(receipt)), 303)


@blueprint.get("/hapus")
def ask_to_erase(receipt: str) -> ResponseReturnValue:
    """Ask once more, and say what goes away."""
    found = services()
    view = receipt_view.find(found.store, found.config, receipt)
    spelled = receipts.canonical(receipt)
    if view.status == "closed" and not view.expired:
        return redirect(url_for("warga.status", receipt=spelled), 303)
    return render_template("erase.html", receipt=spelled, view=view)


@blueprint.post("/hapus")
def erase(receipt: str) -> ResponseReturnValue:
    """Erase the message."""
    found = services()
    erasure.erase(found.store, found.config, receipt)
    return redirect(url_for("warga.status", receipt=receipts.canonical(receipt)), 303)
