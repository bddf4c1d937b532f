"""The Flask application: the faces for people and the API for programs, over one store."""

from __future__ import annotations

from importlib.metadata import version

from flask import Response, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from triage import access, api, web
from triage.api import problems
from triage.broker import Waker
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import PenjagaError
from triage.limits import Limits
from triage.regions import villages
from triage.services import Services

# 10,000 characters of four bytes, escaped as JSON, with room for the other fields.
MAX_REQUEST_BYTES = 256 * 1024


def create_app(config: Config | None = None) -> OpenAPI:
    """Build the application. Does not migrate: `penjaga up` and the container's entry do that first."""
    config = config or load_config()
    app = OpenAPI(
        "triage",
        info=Info(title="Penjaga", version=version("penjaga")),
        validation_error_callback=problems.invalid,
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
    )
    app.config.update(
        SECRET_KEY=config.secret,
        SECRET_KEY_FALLBACKS=list(config.earlier_secrets),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
    )
    app.extensions["penjaga"] = Services(config, Store(config.database_url), Waker(config), Limits(config))
    # Errors are dispatched here and nowhere else: programs get problem details, people get a page.
    app.register_error_handler(PenjagaError, _on_error)
    app.register_error_handler(HTTPException, _on_error)
    access.register(app)
    web.register(app)
    api.register(app)
    if config.proxies:
        # Whoever stands further away than these proxies may claim any address, and is not believed. The host
        # is what the last proxy sends as Host; nobody is believed about a port or a prefix.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=0, x_port=0, x_prefix=0
        )
    return app


def served_app(config: Config | None = None) -> OpenAPI:
    """Build the application as a server starts it: with all that the first requests need read already.

    They come together, and each would read it for itself while the others wait.
    """
    config = config or load_config()
    villages(config.wilayah)
    app = create_app(config)
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    return app


def _on_error(error: PenjagaError | HTTPException) -> Response:
    if request.path.startswith("/api/"):
        return problems.respond(error)
    return web.error_page(error)
