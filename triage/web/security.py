"""What protects every request and response: known hosts, TLS, same-origin posts, form tokens, headers."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from markupsafe import Markup
from werkzeug.sansio.utils import host_is_trusted

from triage import places
from triage.errors import PenjagaError
from triage.receipts import keyed_hash, keyed_hashes
from triage.services import services
from triage.web import cookies

SESSION = "penjaga_session"
DEVICE = "penjaga_device"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Sending a message and asking for a receipt use nobody's authority, and who does something with a message
# shows its receipt: no token, so that a browser without cookies can help too. Posts from other sites are
# refused all the same.
NO_TOKEN = frozenset({"warga.send", "warga.look_up", "kiriman.object_to", "kiriman.erase", "offline.shared"})
# What watches over the service asks the process itself, past the proxy: no TLS, and an address for a name.
FOR_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HostUnknown(PenjagaError):
    """The request names a host that is not one of this installation's (`PENJAGA_HOSTS`)."""

    code = "host-unknown"
    status = 400


class TLSRequired(PenjagaError):
    """The request came over plain HTTP, where anybody on the way reads and changes it; nothing was done."""

    code = "tls-required"
    status = 403


class CrossSite(PenjagaError):
    """A form was posted from another site."""

    code = "cross-site"
    status = 403


class FormExpired(PenjagaError):
    """The form's token is missing or belongs to another sign-in; sending the fresh form again helps."""

    code = "form-expired"
    status = 403


def register(app: Flask, *, production: bool) -> None:
    """Check every request and complete every response of the application."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-penjaga_notice" if production else "penjaga_notice",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=production,
    )
    if production:
        app.config.update(PREFERRED_URL_SCHEME="https")
    app.before_request(_check_way)
    app.before_request(_check_form)
    app.after_request(_complete)
    app.jinja_env.globals.update(csrf_field=csrf_field)


def csrf_field() -> Markup:
    """Return the hidden field that each form with authority carries, bound to this browser's session."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        keyed_hash(services().config.secret, "form", _holder())
    )


def device() -> str | None:
    """Return the random number by which this browser is counted; None while it has not kept one."""
    return cookies.read(DEVICE)


def number_device() -> None:
    """Give this browser a random number to keep, if it has none yet."""
    if device() is None and "new_device" not in g:
        g.new_device = secrets.token_urlsafe(16)


def renew_device() -> str:
    """Give this browser a new random number, in place of one that somebody else may know; return it."""
    g.new_device = secrets.token_urlsafe(16)
    return str(g.new_device)


def _holder() -> str:
    """Return whom this browser's forms belong to: its sign-in, or its random number."""
    holder = cookies.read(SESSION) or device()
    if holder is None:
        number_device()
        holder = str(g.new_device)
    return holder


def _check_way() -> None:
    """Refuse what names another host, and in production what did not come over TLS."""
    if request.path in FOR_MACHINES and _from_near():
        return
    config = services().config
    if config.hosts and not host_is_trusted(request.host, config.hosts):
        raise HostUnknown("This host name is not served here; PENJAGA_HOSTS lists those that are.")
    if config.production and not request.is_secure:
        raise TLSRequired(
            "Only https:// is served. If this came through a TLS proxy, have it send X-Forwarded-Proto, "
            "and set PENJAGA_PROXIES to how many proxies stand in front."
        )


def _from_near() -> bool:
    found = places.numeric_address()
    return found is not None and found.is_private


def _check_form() -> None:
    # The API knows no cookies: what a browser sends along by itself gives no authority there.
    if request.method in _SAFE_METHODS or request.endpoint is None or request.path.startswith("/api/"):
        return
    if not _from_here():
        raise CrossSite("This form was sent from another site.")
    if request.endpoint in NO_TOKEN:
        return
    given = request.form.get("csrf_token", "").encode()
    # A form that was open while the secret changed is believed too.
    tokens = keyed_hashes(services().config.secrets, "form", _holder())
    if not any(hmac.compare_digest(token.encode(), given) for token in tokens):
        raise FormExpired("The form is too old; load it again.")


def _from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    # Neither header: an old browser or a program; the form token decides where authority is used.
    return origin is None or _host_of(origin) == request.host


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _complete(response: Response) -> Response:
    response.headers.extend((name, value) for name, value in _HEADERS.items() if name not in response.headers)
    # A view that others may frame says so in a policy of its own; old browsers know this header alone.
    if "frame-ancestors *" in response.headers["Content-Security-Policy"]:
        del response.headers["X-Frame-Options"]
    if services().config.production:
        # Browsers heed (and without TLS complain about) these two over TLS only.
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static" and response.status_code < 400:
        # The address carries the content's hash (`filters.static_url`).
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "Cache-Control" not in response.headers:
        private = (
            request.blueprint in ("kim", "auth", "second_step", "invitation", "kiriman")
            or request.endpoint == "warga.status"
        )
        response.headers["Cache-Control"] = "no-store" if private else "private, no-cache"
    if "new_device" in g:
        cookies.remember(response, DEVICE, g.new_device)
    return response
