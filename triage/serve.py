"""The web process of the embedded installation: waitress around the application."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import Any

import click
import structlog

from triage import logs
from triage.app import served_app
from triage.config import load_config
from triage.errors import PenjagaError
from triage.finishing import Server
from triage.services import Services

THREADS = 16
# Sooner than Python would: one thread reads what comes for all, and must not stand behind each of them.
SWITCH_S = 0.0005
# Under load it would write more lines than requests are answered; `/metrics` tells how long they take.
_ONE_LINE_FOR_EACH_WAIT = "waitress.queue"
# The application refuses far less, with a reason; but only what waitress has read to its end. Beyond this,
# it hangs up in the middle.
MAX_REQUEST_BYTES = 20_000_000
# What has begun is finished within this; `penjaga up` ends the process two seconds later.
GRACE_S = 8.0
# A connection on which nothing happens is closed after this.
IDLE_S = 30
_log = structlog.get_logger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option("--door", type=int, help="Number of the open socket to listen on, instead of an address.")
def main(host: str, port: int, door: int | None) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that have begun are finished."""
    logs.configure()
    logging.getLogger(_ONE_LINE_FOR_EACH_WAIT).setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH_S)
    try:
        config = load_config()
        app = served_app(config)
    except PenjagaError as error:
        _log.error("web_cannot_start", reason=str(error))
        sys.exit(1)
    found = app.extensions["penjaga"]
    assert isinstance(found, Services)  # noqa: S101 - set by served_app, narrows the type
    where: dict[str, Any] = {"host": host, "port": port}
    if door is not None:
        where = {"sockets": [socket.socket(fileno=door)]}
    server = Server(
        app,
        **where,
        threads=THREADS,
        ident="",
        max_request_body_size=MAX_REQUEST_BYTES,
        channel_timeout=IDLE_S,
        # What proxies say is believed, as far as they were declared, by the application alone.
        clear_untrusted_proxy_headers=not found.config.proxies,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    _log.info("web_started", ports=server.ports)
    server.serve(GRACE_S)
    found.waker.close()
    found.limits.close()
    found.store.close()
    _log.info("web_stopped")


if __name__ == "__main__":
    main()
