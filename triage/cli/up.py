"""`penjaga up`: the whole installation in one foreground process tree."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import click

from triage.config import Config, load_config
from triage.errors import CannotStart
from triage.supervisor import door as doors
from triage.supervisor.child import Child, bound, environment_of
from triage.supervisor.programs import in_address, programs, reachable_host
from triage.supervisor.single import only_one
from triage.supervisor.tree import Tree


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    envvar="PORT",
    show_envvar=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder; default: PENJAGA_DATA."
)
def command(host: str, port: int, data: Path | None) -> None:
    """Run broker, web, worker and beat together; Ctrl-C stops them."""
    config = load_config(os.environ if data is None else {**os.environ, "PENJAGA_DATA": str(data)})
    # The store, the logs and the sockets are for this user alone.
    os.umask(0o077)
    door = doors.handed_over()
    if door is not None:
        host, port = door.getsockname()[:2]
    address = f"http://{in_address(reachable_host(host))}:{port}"
    try:
        with only_one(config.data):
            if door is None:
                # Listening before there is a web process would only let people wait.
                doors.require_free(host, port)
            _prepare(config, address)
            door = door or doors.opened(host, port)
            children = _children(config, door)
            Tree(children, click.echo).run(lambda: _introduce(config, address))
    except OSError as error:
        # A full disk, a folder that may not be written to.
        raise CannotStart(f"{error.filename or config.data}: {error.strerror}.") from error
    click.echo("stopped")


def _prepare(config: Config, address: str) -> None:
    # In a process of its own: what it loads would stay in this one for as long as it runs.
    command = bound((sys.executable, "-m", "triage.cli", "prepare", "--site", address))
    if subprocess.run(command, env=environment_of(config), check=False).returncode != 0:
        raise CannotStart("not started, for the reason above.")


def _children(config: Config, door: socket.socket) -> list[Child]:
    logs = config.data / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    environment = environment_of(config)
    return [Child(program, logs, environment) for program in programs(config, door)]


def _introduce(config: Config, address: str) -> None:
    click.echo(
        f"\nPenjaga runs, data in {config.data}, logs in {config.data / 'logs'}.\n"
        f"  villagers send and read   {address}/\n"
        f"  verifikator, penyetuju,\n"
        f"  analis, admin sign in     {address}/masuk\n"
        "Ctrl-C stops everything."
    )
