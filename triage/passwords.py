"""Passwords: argon2id hashes, the rule for new ones, and one-time passwords that can be read aloud."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from triage.errors import PasswordRefused

MIN_CHARACTERS = 10
MAX_CHARACTERS = 200
MIN_DISTINCT = 5
# 46 MiB and two passes: some 50 ms on one core, and eight at once still fit a small office's server.
_HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
# No 0/o, 1/l/i: these are copied from a screen or a slip of paper by hand.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """Return the argon2id hash (with its parameters and salt) of a password."""
    return _HASHER.hash(_as_bytes(password))


def matches(stored: str | None, password: str) -> bool:
    """Tell whether the password belongs to the stored hash; does the same work when there is none.

    The hash of an account that has not chosen its password yet is empty.
    """
    try:
        _HASHER.verify(stored or _nobodys_hash(), _as_bytes(password))
    except VerifyMismatchError:
        return False
    return bool(stored)


def outdated(stored: str) -> bool:
    """Tell whether a stored hash was made with other parameters than today's, which stand in it."""
    return _HASHER.check_needs_rehash(stored)


def check_new(password: str, username: str) -> None:
    """Raise `PasswordRefused` (code, sentence) unless the password may be chosen."""
    folded = password.casefold()
    if len(password) < MIN_CHARACTERS:
        raise PasswordRefused("password-short", f"Use at least {MIN_CHARACTERS} characters.")
    if len(password) > MAX_CHARACTERS:
        raise PasswordRefused("password-long", f"Use at most {MAX_CHARACTERS} characters.")
    if username.casefold() in folded:
        raise PasswordRefused("password-username", "The password must not hold the username.")
    if len(set(folded)) < MIN_DISTINCT:
        raise PasswordRefused("password-simple", f"Use at least {MIN_DISTINCT} different characters.")


def one_time() -> str:
    """Make a random password of 59 bits in three groups, for a first sign-in only."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex(16))


def _as_bytes(password: str) -> bytes:
    # Keyboards differ in how they compose an accent; what was typed the same must stay the same.
    return unicodedata.normalize("NFKC", password[: MAX_CHARACTERS + 1]).encode("utf-8", "surrogatepass")
