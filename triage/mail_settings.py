"""The mail server that the settings name, and as whom letters go out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from triage.alerts.addresses import is_address
from triage.errors import ConfigError

_PORTS = {"smtp": 587, "smtps": 465}
_FORM = "PENJAGA_SMTP_URL must be like smtp://user@mail.contoh.go.id:587 or smtps://user@mail.contoh.go.id"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in. `tls`: from the first byte, after STARTTLS, or not at all.

    `user` is '' where the server asks for none; there is never a password without TLS.
    """

    host: str
    port: int
    tls: Literal["at once", "starttls", "none"]
    user: str
    password: str = field(repr=False)
    sender: str


def mail_server(url: str, password: str, sender: str) -> MailServer | None:
    """Read the settings of the mail server; None where no address is given: then nothing is sent.

    Raises `ConfigError` naming the setting at fault, without quoting it.
    """
    if not url:
        return None
    parts, port = _parts(url)
    plain = parts.query != ""
    user = unquote(parts.username or "")
    if plain and (parts.scheme == "smtps" or parse_qs(parts.query) != {"starttls": ["no"]}):
        raise ConfigError(f"{_FORM}; the only thing that may stand behind a ? is starttls=no, with smtp://.")
    if plain and user:
        raise ConfigError(
            "PENJAGA_SMTP_URL has a user and starttls=no: a password is never sent in the clear."
        )
    if bool(user) != bool(password) or not user.isprintable() or not password.isprintable():
        raise ConfigError(
            "PENJAGA_SMTP_URL names a user exactly where PENJAGA_SMTP_PASSWORD_FILE (or "
            "PENJAGA_SMTP_PASSWORD) gives the password."
        )
    if not is_address(sender):
        raise ConfigError(
            "PENJAGA_MAIL_FROM must be the address that letters come from, as in penjaga@contoh.go.id, "
            "since PENJAGA_SMTP_URL is set."
        )
    tls: Literal["at once", "starttls", "none"] = "none" if plain else "starttls"
    return MailServer(
        parts.hostname or "", port, "at once" if parts.scheme == "smtps" else tls, user, password, sender
    )


def _parts(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{_FORM}.") from error
    if parts.password is not None:
        raise ConfigError("PENJAGA_SMTP_URL holds a password: put it into PENJAGA_SMTP_PASSWORD_FILE.")
    if not parts.hostname or not port or parts.path.strip("/") or parts.fragment:
        raise ConfigError(f"{_FORM}.")
    return parts, port
