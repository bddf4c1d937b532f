"""E-mail addresses as people type them, and as others than their owner see them."""

from __future__ import annotations

import re

MAX_ADDRESS = 254
# What mail servers everywhere take: ASCII, no quoted names, a domain with a dot in it.
_ADDRESS = re.compile(
    r"[A-Za-z0-9_+=&'-]{1,64}(?:\.[A-Za-z0-9_+=&'-]{1,64}){0,31}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_MAX_NAME = 64


def is_address(given: str) -> bool:
    """Tell whether a text is one e-mail address and nothing else."""
    name, _, _ = given.partition("@")
    return len(given) <= MAX_ADDRESS and len(name) <= _MAX_NAME and _ADDRESS.fullmatch(given) is not None


def domain_of(address: str) -> str:
    """Return what stands behind the @."""
    return address.rpartition("@")[2]


def masked_address(address: str) -> str:
    """Return an address as others see it: `s•••@contoh.go.id`."""
    return f"{address[:1]}•••@{domain_of(address)}"
