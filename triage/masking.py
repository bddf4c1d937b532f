"""Masking: what is kept from verifiers in a message that somebody sent, on pages and over the API alike."""

from __future__ import annotations

from lokal import samaran

# Names stay: without them a verifier cannot check what is said about an official or an office.
_MASKED: tuple[samaran.PiiType, ...] = ("NIK", "KK", "PHONE", "EMAIL", "BANK_ACCOUNT", "CARD")


def masked(text: str) -> str:
    """Mask phone numbers, identity numbers, accounts and e-mail addresses in a message."""
    return samaran.mask_pii(text, mode="partial", types=_MASKED).text
