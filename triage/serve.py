"""The web process of the embedded installation: waitress around the application."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import click
import structlog
from waitress.server import create_server

from triage import logs
from triage.app import create_app
from triage.errors import PenjagaError
from triage.services import Services

THREADS = 8
# Above the application's own limit, which answers with a reason; waitress only hangs up.
MAX_REQUEST_BYTES = 2_000_000
# A connection on which nothing happens is closed after this.
IDLE_S = 30
_log = structlog.get_logger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
def main(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that have begun are finished."""
    logs.configure()
    try:
        app = create_app()
    except PenjagaError as error:
        _log.error("web_cannot_start", reason=str(error))
        sys.exit(1)
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="",
        max_request_body_size=MAX_REQUEST_BYTES,
        channel_timeout=IDLE_S,
        clear_untrusted_proxy_headers=True,
    )
    signal.signal(signal.SIGTERM, _leave)
    _log.info("web_started", host=host, port=port)
    server.run()
    services = app.extensions["penjaga"]
    if isinstance(services, Services):
        services.waker.close()
        services.store.close()
    _log.info("web_stopped")


def _leave(_number: int, _frame: FrameType | None) -> None:
    # waitress ends its loop on SystemExit, and waits for its threads.
    raise SystemExit


if __name__ == "__main__":
    main()
