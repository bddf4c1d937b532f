"""What a device needs to go on without a signal (manifest, service worker, outbox), and what apps share."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage.web.filters import static_url
from triage.web.forms import MessageForm, written
from triage.web.i18n import gettext
from triage.web.warga import form_page, remembered_village

blueprint = Blueprint("offline", __name__)
_ASSETS = ("penjaga.css", "penjaga.js", "mark.svg")


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the site to the device that installs it; WhatsApp's share menu then offers it."""
    response = jsonify(
        name="Penjaga",
        short_name="Penjaga",
        description=gettext("Kirim pesan untuk diperiksa"),
        lang="id",
        start_url=url_for("warga.home"),
        scope="/",
        display="standalone",
        background_color="#f6f5f0",
        theme_color="#0b5c57",
        icons=[{"src": static_url("mark.svg"), "type": "image/svg+xml", "sizes": "any"}],
        share_target={
            "action": url_for("offline.shared"),
            "method": "POST",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    )
    response.mimetype = "application/manifest+json"
    return response


@blueprint.get("/pekerja.js")
def worker() -> Response:
    """Serve the service worker; it changes with every file that it keeps."""
    pages = [url_for("warga.home"), url_for("offline.outbox")]
    first = [*pages, *(static_url(name) for name in _ASSETS)]
    version = hashlib.sha256("\n".join(first).encode()).hexdigest()[:12]
    text = render_template("pekerja.js", first=first, pages=pages, version=version)
    return Response(
        text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@blueprint.get("/kotak")
def outbox() -> ResponseReturnValue:
    """Show the place where the script lists what waits on this device."""
    return render_template("outbox.html")


@blueprint.post("/bagikan")
def shared() -> ResponseReturnValue:
    """Put what another app shared into the form. Nothing is kept before it is sent."""
    parts = (written(request.form, name).strip() for name in ("title", "text", "url"))
    text = "\n".join(dict.fromkeys(part for part in parts if part))
    return form_page(MessageForm(text=text, village=remembered_village()))
