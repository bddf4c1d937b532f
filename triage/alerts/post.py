"""Handing a letter to the mail server: over TLS unless the settings say otherwise, never for ever.

What the server says is not passed on, since it tends to quote the address; its numbers are.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from triage.alerts.addresses import domain_of
from triage.errors import PenjagaError
from triage.mail_settings import MailServer

# For each answer of the server, but for the one to the letter itself: it may look the letter through first,
# and who hangs up meanwhile does not know whether it was taken.
ANSWER_S, TAKE_S = 10.0, 180.0
# Until we have noted that a letter was taken, it would be sent again.
PARTING_S = 2.0
_TAKEN = frozenset({250, 251})
_FOR_GOOD = 500
# The first that an error is of; errors of SMTP are errors of the system as well.
_WHY: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "did not accept user and password ({code})"),
    (smtplib.SMTPNotSupportedError, "offers no STARTTLS, or no way to sign in"),
    (smtplib.SMTPServerDisconnected, "hung up, or did not answer in time"),
    (smtplib.SMTPResponseException, "refused us ({code})"),
    (UnicodeEncodeError, "is given user and password in ASCII alone, which these are not"),
    (smtplib.SMTPException, "offers no way to sign in that we know"),
    (ssl.SSLCertVerificationError, "has a certificate that is not trusted ({detail})"),
    (TimeoutError, "did not answer in time"),
    (OSError, "cannot be reached ({detail})"),
    (Exception, "could not be spoken to ({detail})"),
)
_DETAIL = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s)")


class MailAway(PenjagaError):
    """The server did not take a letter just now, or nobody knows whether it did; it is tried again."""

    code = "mail-away"
    status = 503


class LetterRefused(PenjagaError):
    """The server does not take this letter for this address, and will not later."""

    code = "letter-refused"
    status = 422


def hand_in(mail: MailServer, letter: EmailMessage, to: str) -> None:
    """Give a letter for one address to the server. Raises `MailAway`, `LetterRefused`."""
    with _connected(mail) as server:
        _expect("the sender", *server.mail(mail.sender), for_good=False)
        _expect("the recipient", *server.rcpt(to))
        _wait_for(server, TAKE_S)
        try:
            answer = server.data(letter.as_bytes())
        except smtplib.SMTPDataError as error:
            answer = (error.smtp_code, _raw(error.smtp_error))
        _expect("the letter", *answer)


def look(mail: MailServer) -> None:
    """See whether the server lets us in, without sending anything. Raises `MailAway`."""
    with _connected(mail):
        pass


@contextmanager
def _connected(mail: MailServer) -> Iterator[smtplib.SMTP]:
    try:
        server = _open(mail)
        try:
            if mail.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if mail.user:
                server.login(mail.user, mail.password)
            yield server
            # Taken is taken, however the parting goes.
            with suppress(smtplib.SMTPException, OSError):
                _wait_for(server, PARTING_S)
                server.quit()
        finally:
            server.close()
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise MailAway(f"The mail server {_why(error)}.") from error


def _open(mail: MailServer) -> smtplib.SMTP:
    # Our own name would be looked up, which may take long, and would tell what the machine is called.
    us = domain_of(mail.sender)
    if mail.tls == "at once":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, local_hostname=us, timeout=ANSWER_S, context=context)
    return smtplib.SMTP(mail.host, mail.port, local_hostname=us, timeout=ANSWER_S)


def _wait_for(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _expect(what: str, code: int, said: bytes, *, for_good: bool = True) -> None:
    if code in _TAKEN:
        return
    detail = _DETAIL.match(said)
    numbers = f"{code} {detail[0].decode()}" if detail else str(code)
    kind = LetterRefused if for_good and code >= _FOR_GOOD else MailAway
    raise kind(f"The mail server refused {what} ({numbers}).")


def _raw(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", "replace")


def _why(error: Exception) -> str:
    """Say why no letter could be handed in, quoting nothing that the server wrote."""
    words = next(words for kind, words in _WHY if isinstance(error, kind))
    known = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or type(error).__name__
    return words.format(code=getattr(error, "smtp_code", ""), detail=known)
