"""What one setting says: each is read from its text, or refused with a `ConfigError` that names it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from triage.errors import ConfigError
from triage.regions import is_regency

MIN_SECRET_CHARACTERS = 32
# 32 random hexadecimal digits have fewer than this once in 10,000 times; "aaaa…" and "1234…" always.
MIN_DIFFERENT_CHARACTERS = 10
MAX_RETENTION_DAYS = 3650
# More stand in front of no office; a larger number is a mistake that would trust what clients write.
MAX_PROXIES = 4
# Each holds the archive in memory; more belong on other machines.
MOST_WORKERS = 16
SQLITE = "sqlite:///"
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,10}")


def easy_to_guess(secret: str) -> bool:
    """Tell whether a secret is short, or made of few characters."""
    return len(secret) < MIN_SECRET_CHARACTERS or len(set(secret)) < MIN_DIFFERENT_CHARACTERS


def hosts(given: str, *, production: bool) -> frozenset[str]:
    """Read the host names under which people reach Penjaga; in production there must be some."""
    hosts = frozenset(host.strip().lower() for host in given.split(",") if host.strip())
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ConfigError(
                f"PENJAGA_HOSTS has {host[:100]!a}: write host names alone, as in penjaga.contoh.go.id, "
                "without https://, port or path, with a comma between two."
            )
    if production and not hosts:
        raise ConfigError(
            "PENJAGA_HOSTS is not set. In production it names the host names under which people reach "
            "Penjaga, as in penjaga.contoh.go.id; links are made for no other."
        )
    return hosts


def site(given: str) -> str:
    """Return the address under which people reach Penjaga, of the first host name; '' where there is none."""
    names = (name.strip().lower() for name in given.split(","))
    first = next((name for name in names if name), "")
    return f"https://{first}" if first else ""


def proxies(given: str) -> int:
    """Read how many proxies of one's own stand in front."""
    if given.isascii() and given.isdigit() and int(given[:9]) <= MAX_PROXIES:
        return int(given)
    raise ConfigError(
        f"PENJAGA_PROXIES is {given[:20]!a}: write how many proxies of your own stand in front, "
        f"0 to {MAX_PROXIES}. Each of them must set X-Forwarded-For and X-Forwarded-Proto."
    )


def database_url(url: str, data: Path) -> str:
    """Read the address of the store as SQLAlchemy takes it; SQLite in the data folder where none is given."""
    if not url:
        return f"{SQLITE}{data / 'penjaga.db'}"
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return _readable("postgresql+psycopg://" + url.removeprefix(prefix))
    if url.startswith((SQLITE, "postgresql+psycopg://")):
        return _readable(url)
    raise ConfigError("PENJAGA_DATABASE_URL must start with sqlite:/// or postgresql://.")


def redis_url(url: str) -> str:
    """Read the address of the broker, '' for the bundled one."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        number = parts.path.strip("/") or "0"
        if parts.scheme in ("redis", "rediss") and parts.port != 0 and number.isdecimal():
            return url
    except ValueError:
        # Not a number, or a bracket left open: refused below with the rest.
        pass
    raise ConfigError("PENJAGA_REDIS_URL must be like redis://host:6379/0, or unset for the bundled broker.")


def wilayah(code: str) -> str:
    """Read the code of the regency or city that is served."""
    if not is_regency(code):
        raise ConfigError(
            f"PENJAGA_WILAYAH is {code!r}, which is not the Kemendagri code of a regency or city; "
            "write it as in 35.08 (Lumajang)."
        )
    return code


def workers(given: str) -> int:
    """Read how many worker processes `penjaga up` starts."""
    if not (given.isascii() and given.isdigit()) or not 1 <= int(given) <= MOST_WORKERS:
        raise ConfigError(f"PENJAGA_WORKERS is {given!r}; write a number from 1 to {MOST_WORKERS}.")
    return int(given)


def vectors(kind: str, database_url: str) -> Literal["memory", "pgvector"]:
    """Read where vectors are searched."""
    if kind not in ("memory", "pgvector"):
        raise ConfigError(f"PENJAGA_VECTORS is {kind!r}; use 'memory' or 'pgvector'.")
    if kind == "memory":
        return "memory"
    if not database_url.startswith("postgres"):
        raise ConfigError("PENJAGA_VECTORS=pgvector needs PostgreSQL: set PENJAGA_DATABASE_URL.")
    return "pgvector"


def earlier_secrets(given: str) -> tuple[str, ...]:
    """Read the secrets that were in use before, newest first."""
    secrets_ = tuple(each.strip() for each in given.split(",") if each.strip())
    if any(len(each) < MIN_SECRET_CHARACTERS for each in secrets_):
        raise ConfigError(
            "PENJAGA_SECRET_EARLIER must list, with commas between, whole secrets that were in use before."
        )
    return secrets_


def retention(given: str) -> timedelta:
    """Read how long after its last answer a message is kept."""
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= MAX_RETENTION_DAYS):
        raise ConfigError(f"PENJAGA_RETENTION_DAYS must be a number of days, 1 to {MAX_RETENTION_DAYS}.")
    return timedelta(days=int(given))


def audit_share(given: str) -> float:
    """Read of how many automatic answers, 0 to 1, one is drawn for a person to judge."""
    if not _PERCENT.fullmatch(given) or float(given) > 100:
        raise ConfigError("PENJAGA_AUDIT_PERCENT must be a number from 0 to 100, as in 5 or 0.5.")
    return float(given) / 100


def metrics_token(token: str) -> str:
    """Read the token of the figures, '' for none."""
    if token and easy_to_guess(token):
        raise ConfigError(
            f"PENJAGA_METRICS_TOKEN is too easy to guess: use {MIN_SECRET_CHARACTERS} random characters or "
            "more, for example from `openssl rand -hex 32`."
        )
    return token


def listening(address: str) -> tuple[str, int] | None:
    """Read `host:port`, None where none is given."""
    if not address:
        return None
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"PENJAGA_WORKER_METRICS is {address!r}; write host:port, as in 127.0.0.1:9108.")
    return host.strip("[]"), int(port)


def _readable(url: str) -> str:
    from sqlalchemy import make_url  # noqa: PLC0415 - the supervisor mostly does without
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - the same

    try:
        make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "PENJAGA_DATABASE_URL cannot be read: write postgresql://user:password@host:port/name."
        ) from error
    return url
