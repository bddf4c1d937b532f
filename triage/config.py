"""The one place that reads the environment: a frozen `Config`.

`PORT` is none of its settings: it is an option of `penjaga up`, which the environment may give too.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from triage.errors import ConfigError
from triage.regions import is_regency
from triage.secret_files import one_of, with_password

MIN_SECRET_CHARACTERS = 32
MAX_RETENTION_DAYS = 3650
# 32 random hexadecimal digits have fewer than this once in 10,000 times; "aaaa…" and "1234…" always.
MIN_DIFFERENT_CHARACTERS = 10
# More stand in front of no office; a larger number is a mistake that would trust what clients write.
MAX_PROXIES = 4
# sun_path holds 108 bytes on Linux, with the closing NUL.
MAX_SOCKET_PATH_BYTES = 100
# Each holds the archive in memory; more belong on other machines.
MOST_WORKERS = 16
_SQLITE = "sqlite:///"
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,10}")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one installation. Paths are absolute; see the README's settings table for each.

    What is or may hold a secret stays out of its text form: logs and tracebacks print that.
    """

    environment: Literal["development", "production"]
    data: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    embedded_broker: bool
    encoder: str
    encoders: Path
    calibration: Path | None
    secret: str = field(repr=False)
    earlier_secrets: tuple[str, ...] = field(repr=False)
    wilayah: str
    fetch_allow: frozenset[str]
    workers: int
    hosts: frozenset[str]
    proxies: int
    retention: timedelta
    vectors: Literal["memory", "pgvector"]
    metrics_token: str = field(repr=False)
    worker_metrics: tuple[str, int] | None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret that new hashes are made with, and after it those that older ones may be of."""
        return (self.secret, *self.earlier_secrets)

    @property
    def production(self) -> bool:
        """True where real people are served: TLS and known host names only, no generated secret."""
        return self.environment == "production"

    @property
    def broker_socket(self) -> Path:
        """Unix socket of the bundled broker: in the data folder if its path is short enough."""
        socket = self.data / "broker" / "broker.sock"
        if len(os.fsencode(socket)) <= MAX_SOCKET_PATH_BYTES:
            return socket
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"penjaga-{os.getuid()}-{digest}" / "broker.sock"


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings, creating the data folder and (outside production) its secret.

    Raises `ConfigError` naming the setting at fault.
    """
    env = os.environ if environ is None else environ
    environment = env.get("PENJAGA_ENV", "development")
    if environment not in ("development", "production"):
        raise ConfigError(f"PENJAGA_ENV is {environment!r}; use 'development' or 'production'.")
    data = _data_folder(env)
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"PENJAGA_DATA {data} cannot be created: {error.strerror}.") from error
    production = environment == "production"
    redis_url = with_password(
        _redis_url(env.get("PENJAGA_REDIS_URL", "")),
        env.get("PENJAGA_REDIS_PASSWORD_FILE", ""),
        "PENJAGA_REDIS_PASSWORD_FILE",
    )
    return Config(
        environment="production" if production else "development",
        data=data,
        database_url=_database(env, data),
        redis_url=redis_url,
        embedded_broker=not redis_url,
        encoder=env.get("PENJAGA_ENCODER", "bundled"),
        calibration=_optional_path(env.get("PENJAGA_CALIBRATION", "")),
        encoders=Path(env.get("PENJAGA_ENCODERS", data / "encoders")).expanduser().absolute(),
        secret=_secret(_given_secret(env), data, production=production),
        wilayah=_wilayah(env.get("PENJAGA_WILAYAH", "35.08")),
        fetch_allow=frozenset(host for host in env.get("PENJAGA_FETCH_ALLOW", "").split(",") if host),
        workers=_workers(env.get("PENJAGA_WORKERS", "1")),
        hosts=_hosts(env.get("PENJAGA_HOSTS", ""), production=production),
        proxies=_proxies(env.get("PENJAGA_PROXIES", "0")),
        earlier_secrets=_earlier_secrets(
            one_of(
                "PENJAGA_SECRET_EARLIER",
                env.get("PENJAGA_SECRET_EARLIER", ""),
                env.get("PENJAGA_SECRET_EARLIER_FILE", ""),
            )
        ),
        retention=_retention(env.get("PENJAGA_RETENTION_DAYS", "90")),
        vectors=_vectors(env.get("PENJAGA_VECTORS", "memory"), env.get("PENJAGA_DATABASE_URL", "")),
        metrics_token=_metrics_token(
            one_of(
                "PENJAGA_METRICS_TOKEN",
                env.get("PENJAGA_METRICS_TOKEN", ""),
                env.get("PENJAGA_METRICS_TOKEN_FILE", ""),
            )
        ),
        worker_metrics=_listening(env.get("PENJAGA_WORKER_METRICS", "")),
    )


def load_existing(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings of an installation that was made before; makes nothing.

    Raises `ConfigError` as `load_config` does, and where there is none.
    """
    env = os.environ if environ is None else environ
    data = _data_folder(env)
    url = _database(env, data)
    wanted = [data]
    if url.startswith(_SQLITE):
        wanted.append(Path(url.removeprefix(_SQLITE)))
    if not _given_secret(env) and env.get("PENJAGA_ENV") != "production":
        wanted.append(data / "secret")
    for path in wanted:
        if not path.exists():
            raise ConfigError(
                f"There is no installation in {data} ({path} is missing): set PENJAGA_DATA, "
                "or run `penjaga up` to make one."
            )
    return load_config(env)


def _vectors(kind: str, database_url: str) -> Literal["memory", "pgvector"]:
    if kind not in ("memory", "pgvector"):
        raise ConfigError(f"PENJAGA_VECTORS is {kind!r}; use 'memory' or 'pgvector'.")
    if kind == "memory":
        return "memory"
    if not database_url.startswith("postgres"):
        raise ConfigError("PENJAGA_VECTORS=pgvector needs PostgreSQL: set PENJAGA_DATABASE_URL.")
    return "pgvector"


def _metrics_token(token: str) -> str:
    if token and (len(token) < MIN_SECRET_CHARACTERS or len(set(token)) < MIN_DIFFERENT_CHARACTERS):
        raise ConfigError(
            f"PENJAGA_METRICS_TOKEN is too easy to guess: use {MIN_SECRET_CHARACTERS} random characters or "
            "more, for example from `openssl rand -hex 32`."
        )
    return token


def _listening(address: str) -> tuple[str, int] | None:
    """Read `host:port`."""
    if not address:
        return None
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"PENJAGA_WORKER_METRICS is {address!r}; write host:port, as in 127.0.0.1:9108.")
    return host.strip("[]"), int(port)


def _data_folder(env: Mapping[str, str]) -> Path:
    return Path(env.get("PENJAGA_DATA", "data")).expanduser().absolute()


def _optional_path(given: str) -> Path | None:
    return Path(given).expanduser().absolute() if given else None


def _given_secret(env: Mapping[str, str]) -> str:
    return one_of("PENJAGA_SECRET", env.get("PENJAGA_SECRET", ""), env.get("PENJAGA_SECRET_FILE", ""))


def _hosts(given: str, *, production: bool) -> frozenset[str]:
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


def _proxies(given: str) -> int:
    if given.isascii() and given.isdigit() and int(given[:9]) <= MAX_PROXIES:
        return int(given)
    raise ConfigError(
        f"PENJAGA_PROXIES is {given[:20]!a}: write how many proxies of your own stand in front, "
        f"0 to {MAX_PROXIES}. Each of them must set X-Forwarded-For and X-Forwarded-Proto."
    )


def _database(env: Mapping[str, str], data: Path) -> str:
    return with_password(
        _database_url(env.get("PENJAGA_DATABASE_URL", ""), data),
        env.get("PENJAGA_DATABASE_PASSWORD_FILE", ""),
        "PENJAGA_DATABASE_PASSWORD_FILE",
    )


def _database_url(url: str, data: Path) -> str:
    if not url:
        return f"{_SQLITE}{data / 'penjaga.db'}"
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return _readable("postgresql+psycopg://" + url.removeprefix(prefix))
    if url.startswith((_SQLITE, "postgresql+psycopg://")):
        return _readable(url)
    raise ConfigError("PENJAGA_DATABASE_URL must start with sqlite:/// or postgresql://.")


def _wilayah(code: str) -> str:
    if not is_regency(code):
        raise ConfigError(
            f"PENJAGA_WILAYAH is {code!r}, which is not the Kemendagri code of a regency or city; "
            "write it as in 35.08 (Lumajang)."
        )
    return code


def _workers(given: str) -> int:
    if not (given.isascii() and given.isdigit()) or not 1 <= int(given) <= MOST_WORKERS:
        raise ConfigError(f"PENJAGA_WORKERS is {given!r}; write a number from 1 to {MOST_WORKERS}.")
    return int(given)


def _earlier_secrets(given: str) -> tuple[str, ...]:
    secrets_ = tuple(each.strip() for each in given.split(",") if each.strip())
    if any(len(each) < MIN_SECRET_CHARACTERS for each in secrets_):
        raise ConfigError(
            "PENJAGA_SECRET_EARLIER must list, with commas between, whole secrets that were in use before."
        )
    return secrets_


def _retention(given: str) -> timedelta:
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= MAX_RETENTION_DAYS):
        raise ConfigError(f"PENJAGA_RETENTION_DAYS must be a number of days, 1 to {MAX_RETENTION_DAYS}.")
    return timedelta(days=int(given))


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


def _redis_url(url: str) -> str:
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


def _secret(given: str, data: Path, *, production: bool) -> str:
    if given:
        if len(given) < MIN_SECRET_CHARACTERS or len(set(given)) < MIN_DIFFERENT_CHARACTERS:
            raise ConfigError(
                f"PENJAGA_SECRET is too easy to guess: use {MIN_SECRET_CHARACTERS} random characters or more "
                f"({MIN_DIFFERENT_CHARACTERS} of them different), for example from `openssl rand -hex 32`."
            )
        return given
    if production:
        raise ConfigError(
            "PENJAGA_SECRET is not set, nor PENJAGA_SECRET_FILE. In production it must come from you, "
            "for example from `openssl rand -hex 32`; keep it: receipts and keyed hashes depend on it."
        )
    path = data / "secret"
    try:
        return _installation_secret(path)
    except UnicodeDecodeError as error:
        raise _damaged(path) from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read or made ({error.strerror}): make room there and see that PENJAGA_DATA "
            "belongs to the user who runs Penjaga."
        ) from error


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"{path} is damaged: restore it; receipts and keyed hashes depend on it.")


def _installation_secret(path: Path) -> str:
    """Read this installation's own random secret, made once; whole or absent at any time."""
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret-", encoding="ascii") as draft:
            draft.write(secrets.token_hex(32))
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
    secret = path.read_text("ascii").strip()
    if len(secret) < MIN_SECRET_CHARACTERS:
        raise _damaged(path)
    return secret
