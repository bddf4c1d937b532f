"""The HTML faces: for reporters (`warga`, `kiriman`, `offline`), for verifiers (`kim`), and signing in."""

from __future__ import annotations

from flask import Flask

from triage.services import Services
from triage.web import (
    auth,
    bulletin,
    embedding,
    feeds,
    filters,
    i18n,
    invitation,
    kim,
    kiriman,
    library,
    offline,
    second_step,
    security,
    sharing,
    warga,
)
from triage.web.errors import error_page

__all__ = ["error_page", "register"]


def register(app: Flask) -> None:
    """Add pages, their language, and the protections of every response to the application."""
    found: Services = app.extensions["penjaga"]
    i18n.register(app, found.config.wilayah)
    filters.register(app, found.config.wilayah)
    security.register(app, production=found.config.production)
    for blueprint in (
        warga.blueprint,
        kiriman.blueprint,
        offline.blueprint,
        library.blueprint,
        sharing.blueprint,
        bulletin.blueprint,
        feeds.blueprint,
        embedding.blueprint,
        auth.blueprint,
        second_step.blueprint,
        invitation.blueprint,
        kim.blueprint,
    ):
        app.register_blueprint(blueprint)
