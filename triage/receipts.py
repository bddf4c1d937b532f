"""Receipts and keyed hashes.

A receipt is 80 random bits in Crockford base32, in four groups so that it can be read aloud. Only a keyed
hash of it is stored: who reads the store cannot ask for a reporter's answer in their place.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS, _CHARACTERS, _GROUP = 80, 16, 4
# Crockford's decoding of what people misread, and separators of any kind.
_AS_READ = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, ".": None, "\u2013": None})


def new_receipt() -> str:
    """Make a receipt that nobody can guess."""
    return _spell(secrets.randbits(_BITS))


def receipt_for(secret: str, idempotency_key: str) -> str:
    """Make the receipt that belongs to an idempotency key: the same each time, without storing it."""
    return _spell(int.from_bytes(_keyed(secret, "receipt-of", idempotency_key)[: _BITS // 8], "big"))


def canonical(receipt: str) -> str | None:
    """Read a receipt as people type it; None if it cannot be one."""
    found = receipt.strip().upper().translate(_AS_READ)
    if len(found) != _CHARACTERS or any(character not in _ALPHABET for character in found):
        return None
    return "-".join(found[i : i + _GROUP] for i in range(0, _CHARACTERS, _GROUP))


def keyed_hash(secret: str, purpose: str, value: str) -> str:
    """Hash a value for one purpose only (HMAC-SHA-256, hex): equal values of two purposes do not match."""
    return _keyed(secret, purpose, value).hex()


def keyed_hashes(secrets_: Sequence[str], purpose: str, value: str) -> list[str]:
    """Hash a value with each of these secrets, in their order: what was stored before the secret changed."""
    return [keyed_hash(secret, purpose, value) for secret in secrets_]


def _keyed(secret: str, purpose: str, value: str) -> bytes:
    message = f"{purpose}\x00{value}".encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def _spell(number: int) -> str:
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))
    return "-".join(digits[i : i + _GROUP] for i in range(0, _CHARACTERS, _GROUP))
