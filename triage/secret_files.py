"""Secrets that come in files, as container engines hand them over, instead of in the environment.

What stands in the environment of a process is seen by its children and by whoever inspects the container.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from triage.errors import ConfigError

MAX_BYTES = 4_096


def one_of(setting: str, given: str, file: str) -> str:
    """Return a secret from where it was put, '' where it was put nowhere. Raises `ConfigError`."""
    if given and file:
        raise ConfigError(f"{setting} and {setting}_FILE are both set; use one of them.")
    return _read(f"{setting}_FILE", file) if file else given


def with_password(url: str, file: str, setting: str) -> str:
    """Return an address with the password from a file in it; as it is where no file is named.

    Raises `ConfigError` naming the setting, also where the address has a password already or no host.
    """
    if not file:
        return url
    parts = urlsplit(url)
    if not parts.hostname or parts.password is not None:
        raise ConfigError(f"{setting} needs the address of a server, without a password, to put it into.")
    user, _, host = parts.netloc.rpartition("@")
    password = quote(_read(setting, file), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}"))


def _read(setting: str, file: str) -> str:
    try:
        with Path(file).open("rb") as opened:
            held = opened.read(MAX_BYTES + 1)
        secret = held.decode().removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"{setting} names {file[:200]!a}, which cannot be read ({reason}).") from error
    if not secret or len(held) > MAX_BYTES or not secret.isprintable():
        raise ConfigError(f"{setting} names {file[:200]!a}, which does not hold one line with a secret.")
    return secret
