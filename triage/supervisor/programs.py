"""What runs in the tree: broker, web, worker, beat, each with its command and its sign of life."""

from __future__ import annotations

import hashlib
import os
import socket
import sys

from triage import broker, probes
from triage.config import Config
from triage.errors import CannotStart
from triage.supervisor import bundled_broker
from triage.supervisor.child import Program

# A worker finishes the batch that it has; a thousand answers may be in it.
WORKER_GRACE_S = 30.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - recognised, not bound


def programs(config: Config, door: socket.socket) -> list[Program]:
    """List the programs in the order of their start; `door` is the socket that the site is reached by.

    Raises `CannotStart` if the broker can neither be started nor reached.
    """
    tree = [_broker(config)] if config.embedded_broker else []
    if not config.embedded_broker and not probes.broker_answers(config):
        raise CannotStart(
            "The broker that PENJAGA_REDIS_URL names does not answer. Start it, correct the address, "
            "or unset PENJAGA_REDIS_URL to use the bundled broker."
        )
    workers = [_worker(config, number) for number in range(1, config.workers + 1)]
    return [*tree, _web(door), *workers, _beat()]


def reachable_host(host: str) -> str:
    """Return the address under which this machine reaches a server bound to `host`."""
    return _ANYWHERE.get(host, host)


def in_address(host: str) -> str:
    """Return the host as web addresses write it."""
    return f"[{host}]" if ":" in host else host


def _broker(config: Config) -> Program:
    return Program(
        name="broker",
        argv=bundled_broker.command(config),
        ready=lambda _: probes.broker_answers(config),
        place=f"bundled, socket {config.broker_socket}",
        first=True,
    )


def _web(door: socket.socket) -> Program:
    host, port = door.getsockname()[:2]
    return Program(
        name="web",
        argv=(sys.executable, "-m", "triage.serve", "--door", str(door.fileno())),
        ready=lambda _: probes.web_answers(reachable_host(host), port),
        place=f"http://{in_address(host)}:{port}",
        lent=(door.fileno(),),
    )


def _worker(config: Config, number: int) -> Program:
    client = broker.client(config)
    which = "" if number == 1 else f"-{number}"
    # Named after the installation: a broker may serve several.
    digest = hashlib.sha256(os.fsencode(config.data)).hexdigest()[:8]
    name = f"penjaga-{digest}{which}@{socket.gethostname()}"
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program(
        name=f"worker{which}",
        argv=(sys.executable, "-m", "celery", "-q", "-A", "workers.app", "worker", "-n", name, *quiet),
        ready=lambda _: bool(probes.workers_that_answer(client, [name])),
        place=f"assesses, answers, imports ({name})",
        grace_s=WORKER_GRACE_S,
        settings=_own_port(config, number),
    )


def _own_port(config: Config, number: int) -> dict[str, str]:
    """Let each worker give its figures on a port of its own: the one that is set, and those after it."""
    if config.worker_metrics is None:
        return {}
    host, port = config.worker_metrics
    return {"PENJAGA_WORKER_METRICS": f"{in_address(host)}:{port + number - 1}"}


def _beat() -> Program:
    return Program(
        name="beat",
        argv=(sys.executable, "-m", "celery", "-q", "-A", "workers.beat", "beat", "--pidfile="),
        # It serves nobody who could ask it; a schedule that does not load ends it within a second.
        ready=lambda seconds: seconds > 1.0,
        place="wakes the worker every few seconds",
    )
