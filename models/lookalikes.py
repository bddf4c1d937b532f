"""Letters of other scripts that stand in Latin words because they look the same."""

from __future__ import annotations

import re

# Capital and small forms apart: a Greek capital eta looks like H, the small one like n. Where only one of two
# looks like a letter, both stand for it: the normal form, in lower case, must have neither.
_LOOKS = {
    "a": "АаΑαⱭɑᴀ", "b": "ВвΒβЬьʙ", "c": "СсϹϲᴄ", "d": "ԀԁᴅƊɗ", "e": "ЕеΕεЄєᴇƏə", "f": "Ϝϝꜰ", "g": "ԌԍꞬɡɢƓɠ",
    "h": "НнΗҺһʜ", "i": "ІіΙιӀӏıƖɩꞮɪ", "j": "ЈјͿϳᴊ", "k": "КкΚκᴋҚқ", "l": "ʟŁł", "m": "МмΜµμᴍ", "n": "ΝηПпɴ",
    "o": "ОоΟοΣσςᴏØø", "p": "РрΡρᴘ", "q": "Ԛԛ", "r": "ГгʀƦЯя", "s": "Ѕѕꜱ", "t": "ТтΤτᴛ", "u": "ΥυᴜƱʊ",
    "v": "ѴѵνᴠѶѷ", "w": "ԜԝΩωᴡШшѠѡ", "x": "ХхΧχ", "y": "УуγΓүҮʏ", "z": "Ζζᴢ",
}  # fmt: skip
_LATIN = {ord(other): letter for letter, others in _LOOKS.items() for other in others}
# Negative squares and circles have no decomposition in Unicode.
_LATIN |= {start + place: chr(ord("a") + place) for start in (0x1F150, 0x1F170) for place in range(26)}
_MIXED = re.compile(r"(?<![^\W\d_])[^\W\d_]*[A-Za-z][^\W\d_]*|[\U0001f150-\U0001f169\U0001f170-\U0001f189]+")


def latin(text: str) -> str:
    """Return `text` with look-alikes in words that have a Latin letter, and boxed letters, made Latin."""
    return _MIXED.sub(lambda match: match.group().translate(_LATIN), text)
