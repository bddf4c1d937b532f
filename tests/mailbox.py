"""A real mail server on a free port of this machine, which keeps what it takes and fails as it is told."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.installation import free_port
from triage.columns import now

HOST = "127.0.0.1"
USER, PASSWORD = "penjaga", "kopi-susu-gula-aren"


@dataclass
class Mailbox:
    """What the server does: `recipient` and `letter` are its answers, by address or to all; `taken` is called
    with a letter that it has taken and not yet said so.
    """

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    recipient: dict[str, str] = field(default_factory=dict)
    letter: str = "250 OK"
    taken: Callable[[], None] = lambda: None

    def texts(self) -> list[str]:
        """The bodies as people read them."""
        return [str(letter.get_content()) for letter in self.letters]

    # Names and arguments are those of aiosmtpd.
    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.recipient.get(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.letter.startswith("250"):
            read = message_from_bytes(envelope.original_content or b"", policy=default)
            assert isinstance(read, EmailMessage)
            self.letters.append(read)
            self.to.extend(envelope.rcpt_tos)
            assert server.transport is not None
            self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
            self.taken()
        return self.letter

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.passwords.append(given.password.decode())
        fits = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=fits, handled=False)


class _AtOnce(Controller):
    """TLS from the first byte."""

    def __init__(self, handler: Any, tls: ssl.SSLContext, port: int) -> None:
        super().__init__(handler, hostname=HOST, port=port, ssl_context=tls)


@contextmanager
def mailbox(tls: Path | None = None, *, at_once: bool = False) -> Iterator[Mailbox]:
    """Serve; with a certificate (`certificate`) after STARTTLS and sign-in alone, or `at_once` over TLS."""
    box = Mailbox(free_port())
    if tls is None:
        controller = Controller(box, hostname=HOST, port=box.port)
    else:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls)
        controller = (
            _AtOnce(box, context, box.port)
            if at_once
            else Controller(
                box, hostname=HOST, port=box.port, tls_context=context, require_starttls=True,
                authenticator=box.authenticate, auth_required=True,
            )
        )  # fmt: skip
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def certificate(folder: Path) -> Path:
    """A certificate of this machine that nobody but itself has signed, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(encoding)
    )
    return path
