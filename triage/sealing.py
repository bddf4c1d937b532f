"""Sealed text: what is stored of how to reach a person, readable only with the installation's secret.

Fernet (AES-128-CBC with HMAC-SHA-256), by a key derived from the secret. What an earlier secret sealed is
still read, and sealed anew by `penjaga prepare`.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from triage.config import Config
from triage.receipts import keyed_hash

_MARK = "sealed:"


def seal(config: Config, text: str) -> str:
    """Seal a text with the secret that is set."""
    return _MARK + _fernet(config.secret).encrypt(text.encode()).decode("ascii")


def unseal(config: Config, sealed: str) -> str | None:
    """Return what was sealed with any of the secrets; None where another one sealed it.

    What releases before sealing stored in clear is returned as it is.
    """
    if not sealed.startswith(_MARK):
        return sealed
    try:
        return MultiFernet([_fernet(secret) for secret in config.secrets]).decrypt(_token(sealed)).decode()
    except InvalidToken:
        return None


def sealed_by_present(config: Config, stored: str) -> bool:
    """Tell whether a text is sealed, and with the secret that is set."""
    if not stored.startswith(_MARK):
        return False
    try:
        _fernet(config.secret).decrypt(_token(stored))
    except InvalidToken:
        return False
    return True


def _token(sealed: str) -> bytes:
    return sealed.removeprefix(_MARK).encode()


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(keyed_hash(secret, "seal", ""))))
