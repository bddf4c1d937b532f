"""What the store keeps so that only this installation can read it: encrypted, with a key for each purpose."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from triage.config import Config
from triage.errors import SealBroken


def seal(config: Config, purpose: str, plaintext: str) -> str:
    """Encrypt and authenticate a text for one purpose; returns ASCII."""
    return _fernet(config.secret, purpose).encrypt(plaintext.encode()).decode("ascii")


def unseal(config: Config, purpose: str, sealed: str) -> str:
    """Read a sealed text. Raises `SealBroken` if it was sealed with another secret or purpose, or changed."""
    try:
        return _fernet(config.secret, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken("What is kept sealed cannot be read with the present PENJAGA_SECRET.") from error


@lru_cache(maxsize=256)
def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"penjaga:{purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))
