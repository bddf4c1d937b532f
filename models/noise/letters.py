"""What happens to the letters within words."""

from __future__ import annotations

from random import Random

from models.noise.apart import each_word

_LONG = 4  # shorter words lose what they are with a letter
_LEET = str.maketrans("aeiosgt", "4310597")
_LOOKALIKES = str.maketrans("aceopxyikABCEHKMOPTX", "асеорхуікАВСЕНКМОРТХ")
_INVISIBLE = "\u200b\u200c\u2060\u00ad\ufeff"


def stretched(text: str, random: Random) -> str:
    """Repeat a vowel or the last letter for emphasis: `awaaaas`, `gratisss`."""

    def change(word: str) -> str:
        vowels = [place for place, each in enumerate(word) if each.lower() in "aeiou"]
        place = random.choice([*vowels, len(word) - 1])
        return word[:place] + word[place] * random.randint(3, 6) + word[place + 1 :]

    return each_word(text, 0.3, random, change)


def leet(text: str, random: Random) -> str:
    """Write digits for letters: `v4ks1n`."""
    return each_word(text, 0.3, random, lambda word: word.translate(_LEET) if len(word) >= _LONG else word)


def mistyped(text: str, random: Random) -> str:
    """Swap, drop or double a letter within longer words."""

    def change(word: str) -> str:
        if len(word) < _LONG:
            return word
        at = random.randrange(1, len(word) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return random.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))

    return each_word(text, 0.3, random, change)


def spelt_out(text: str, random: Random) -> str:
    """Write longer words letter by letter, as filters are evaded: `h.o.a.k.s`, `v a k s i n`."""
    return each_word(
        text, 0.15, random, lambda word: random.choice(" .-").join(word) if len(word) >= _LONG else word
    )


def lookalikes(text: str, random: Random) -> str:
    """Put letters of another script in words, which look the same."""
    return each_word(text, 0.3, random, lambda word: word[:1] + word[1:].translate(_LOOKALIKES))


def invisible(text: str, random: Random) -> str:
    """Put characters that nobody sees within words."""

    def change(word: str) -> str:
        at = random.randrange(len(word))
        return word[:at] + random.choice(_INVISIBLE) + word[at:]

    return each_word(text, 0.4, random, change)
