"""What the store keeps so that only this installation can read it: encrypted, with a key for each purpose.

Fernet (AES-128-CBC with HMAC-SHA-256). What an earlier secret sealed is still read, and sealed anew by
`penjaga prepare`.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from triage.config import Config
from triage.errors import SealBroken

_MARK = "sealed:"


def seal(config: Config, purpose: str, plaintext: str) -> str:
    """Encrypt and authenticate a text for one purpose, with the secret that is set; returns ASCII."""
    return _MARK + _fernet(config.secret, purpose).encrypt(plaintext.encode()).decode("ascii")


def unseal(config: Config, purpose: str, sealed: str) -> str:
    """Read what was sealed with any of the secrets. Raises `SealBroken` for another secret or purpose."""
    keys = MultiFernet([_fernet(secret, purpose) for secret in config.secrets])
    try:
        return keys.decrypt(_token(sealed)).decode()
    except InvalidToken as error:
        raise SealBroken("What is kept sealed cannot be read with the present PENJAGA_SECRET.") from error


def is_sealed(stored: str) -> bool:
    """Tell sealed text from what earlier releases kept in clear."""
    return stored.startswith(_MARK)


def sealed_by_present(config: Config, purpose: str, stored: str) -> bool:
    """Tell whether a text is sealed, and with the secret that is set."""
    try:
        _fernet(config.secret, purpose).decrypt(_token(stored))
    except InvalidToken:
        return False
    return is_sealed(stored)


def _token(sealed: str) -> bytes:
    return sealed.removeprefix(_MARK).encode()


@lru_cache(maxsize=256)
def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"penjaga:{purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))
