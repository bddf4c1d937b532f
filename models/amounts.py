"""Numbers as they are written: `2 juta`, `2jt`, `dua juta` and `2.000.000` are one amount."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

_DIGITS = frozenset("0123456789")
_THOUSANDS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+)(?:\.00)?")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_SCALES = {"ribu": 3, "rb": 3, "k": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "triliun": 12}
_ONES = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
}  # fmt: skip
_ROUND = {"sepuluh": 10, "sebelas": 11, "seratus": 100}
# "satu" by itself is most often an article, and is not taken for a number.
_ALONE = {word: str(value) for word, value in (_ONES | _ROUND).items() if word != "satu"}
_ALONE |= {"seribu": "1000", "sejuta": "1000000"}


def plain(tokens: Sequence[str]) -> list[str]:
    """Return words and numbers with each amount as one plain number."""
    return _with_scales(_with_digits(tokens))


def of(normal: str) -> tuple[str, ...]:
    """Return the numbers of a text that is in normal form, in order."""
    found = (_ALONE.get(word, word) for word in normal.split())
    return tuple(word for word in found if word[0] in _DIGITS)


def _with_digits(tokens: Sequence[str]) -> list[str]:
    """Write `dua puluh lima` and the `dua` of `dua juta` in digits; a word by itself stays."""
    found: list[str] = []
    value = start = 0
    for place, token in enumerate(tokens):
        if value and (more := _said(value, token)):
            value = more
            continue
        found += _written(value, tokens[start:place], token)
        value, start = _said(0, token) or 0, place
    return found + _written(value, tokens[start:], "")


def _said(value: int, word: str) -> int | None:
    """Return what a number below a thousand, read up to `value`, is with one more word; None if no number."""
    ones, tens = value % 10, value % 100 // 10
    if word in ("belas", "puluh"):
        factor = 9 if word == "puluh" else 0
        return value + ones * factor + (0 if factor else 10) if ones and not tens else None
    if word == "ratus":
        return value * 100 if 0 < value < 10 else None
    more = _ONES.get(word) or _ROUND.get(word, 0)
    taken = value if more >= 100 else value % 100 if more >= 10 else ones or tens == 1
    return value + more if more and not taken else None


def _written(value: int, words: Sequence[str], after: str) -> list[str]:
    scaled = after in _SCALES and after != "k"
    return [str(value)] if value and (len(words) > 1 or scaled) else list(words)


def _with_scales(tokens: Sequence[str]) -> list[str]:
    plain: list[str] = []
    for token in tokens:
        if token[0] in _DIGITS:
            number = token.replace(",", ".").replace(":", ".")
            if thousands := _THOUSANDS.fullmatch(number):
                number = thousands.group(1).replace(".", "")
            plain.append(number)
        elif token in _SCALES and plain and _DECIMAL.fullmatch(plain[-1]):
            scaled = Decimal(plain[-1]).scaleb(_SCALES[token]).normalize()
            plain[-1] = f"{scaled:f}"
        else:
            plain.append(token)
    return plain
