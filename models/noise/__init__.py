"""What phones, haste and forwarding do to a message: kinds of noise, for training and measuring.

A kind takes any text and a seeded random source and returns the text as a villager might have sent it; links
stay as they are. The same seed gives the same text on every machine.
"""

from __future__ import annotations

from random import Random

from models.noise import dialects, layout, letters, shortened
from models.noise.apart import Noise


def everything(text: str, random: Random) -> str:
    """Three kinds at once, as real messages have them."""
    kinds = [kind for name, kind in KINDS.items() if name != "everything"]
    for kind in random.sample(kinds, 3):
        text = kind(text, random)
    return text


KINDS: dict[str, Noise] = {
    "abbreviated": shortened.abbreviated,
    "without_vowels": shortened.without_vowels,
    "reduplicated": shortened.reduplicated,
    "glued": shortened.glued,
    "split": shortened.split,
    "amounts": shortened.amounts,
    "stretched": letters.stretched,
    "leet": letters.leet,
    "mistyped": letters.mistyped,
    "spelt_out": letters.spelt_out,
    "lookalikes": letters.lookalikes,
    "invisible": letters.invisible,
    "javanese_mixed": dialects.javanese_mixed,
    "madurese_mixed": dialects.madurese_mixed,
    "javanese_spelling": dialects.javanese_spelling,
    "forwarded": layout.forwarded,
    "emoji": layout.emoji,
    "capitals": layout.capitals,
    "unspaced": layout.unspaced,
    "dictated": layout.dictated,
    "misread": layout.misread,
    "everything": everything,
}
"""Every kind by the name that tables show."""
