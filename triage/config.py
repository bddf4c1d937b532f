"""The one place that reads the environment: a frozen `Config`.

`PORT` is none of its settings: it is an option of `penjaga up`, which the environment may give too.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from triage import setting_values as values
from triage.errors import ConfigError
from triage.mail_settings import MailServer, mail_server
from triage.secret_files import one_of, with_password
from triage.setting_values import MIN_DIFFERENT_CHARACTERS, MIN_SECRET_CHARACTERS, SQLITE, easy_to_guess

# sun_path holds 108 bytes on Linux, with the closing NUL.
MAX_SOCKET_PATH_BYTES = 100


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one installation. Paths are absolute; see the README's settings table for each.

    `site`: where people find Penjaga (`https://…`, without a last slash), for links in letters; '' where no
    host is named. `mail`: None where no letters are sent.

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
    audit_share: float
    vectors: Literal["memory", "pgvector"]
    metrics_token: str = field(repr=False)
    worker_metrics: tuple[str, int] | None
    site: str
    mail: MailServer | None

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
        values.redis_url(env.get("PENJAGA_REDIS_URL", "")),
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
        wilayah=values.wilayah(env.get("PENJAGA_WILAYAH", "35.08")),
        fetch_allow=frozenset(host for host in env.get("PENJAGA_FETCH_ALLOW", "").split(",") if host),
        workers=values.workers(env.get("PENJAGA_WORKERS", "1")),
        hosts=values.hosts(env.get("PENJAGA_HOSTS", ""), production=production),
        proxies=values.proxies(env.get("PENJAGA_PROXIES", "0")),
        earlier_secrets=values.earlier_secrets(
            one_of(
                "PENJAGA_SECRET_EARLIER",
                env.get("PENJAGA_SECRET_EARLIER", ""),
                env.get("PENJAGA_SECRET_EARLIER_FILE", ""),
            )
        ),
        retention=values.retention(env.get("PENJAGA_RETENTION_DAYS", "90")),
        audit_share=values.audit_share(env.get("PENJAGA_AUDIT_PERCENT", "5")),
        vectors=values.vectors(env.get("PENJAGA_VECTORS", "memory"), env.get("PENJAGA_DATABASE_URL", "")),
        metrics_token=values.metrics_token(
            one_of(
                "PENJAGA_METRICS_TOKEN",
                env.get("PENJAGA_METRICS_TOKEN", ""),
                env.get("PENJAGA_METRICS_TOKEN_FILE", ""),
            )
        ),
        worker_metrics=values.listening(env.get("PENJAGA_WORKER_METRICS", "")),
        site=values.site(env.get("PENJAGA_HOSTS", "")),
        mail=_mail(env),
    )


def load_existing(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings of an installation that was made before; makes nothing.

    Raises `ConfigError` as `load_config` does, and where there is none.
    """
    env = os.environ if environ is None else environ
    data = _data_folder(env)
    url = _database(env, data)
    wanted = [data]
    if url.startswith(SQLITE):
        wanted.append(Path(url.removeprefix(SQLITE)))
    if not _given_secret(env) and env.get("PENJAGA_ENV") != "production":
        wanted.append(data / "secret")
    for path in wanted:
        if not path.exists():
            raise ConfigError(
                f"There is no installation in {data} ({path} is missing): set PENJAGA_DATA, "
                "or run `penjaga up` to make one."
            )
    return load_config(env)


def _data_folder(env: Mapping[str, str]) -> Path:
    return Path(env.get("PENJAGA_DATA", "data")).expanduser().absolute()


def _optional_path(given: str) -> Path | None:
    return Path(given).expanduser().absolute() if given else None


def _given_secret(env: Mapping[str, str]) -> str:
    return one_of("PENJAGA_SECRET", env.get("PENJAGA_SECRET", ""), env.get("PENJAGA_SECRET_FILE", ""))


def _database(env: Mapping[str, str], data: Path) -> str:
    return with_password(
        values.database_url(env.get("PENJAGA_DATABASE_URL", ""), data),
        env.get("PENJAGA_DATABASE_PASSWORD_FILE", ""),
        "PENJAGA_DATABASE_PASSWORD_FILE",
    )


def _mail(env: Mapping[str, str]) -> MailServer | None:
    url = env.get("PENJAGA_SMTP_URL", "")
    given, file = env.get("PENJAGA_SMTP_PASSWORD", ""), env.get("PENJAGA_SMTP_PASSWORD_FILE", "")
    # A file that is named although nobody is to sign in anywhere may be empty.
    password = one_of("PENJAGA_SMTP_PASSWORD", given, file) if "@" in url else given
    return mail_server(url, password, env.get("PENJAGA_MAIL_FROM", ""))


def _secret(given: str, data: Path, *, production: bool) -> str:
    if given:
        if easy_to_guess(given):
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
