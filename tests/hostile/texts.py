"""Texts that break programs: each from a seed, the same one every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

# Shown raw by a page, this would be an element; nothing of ours is called so.
CANARY = "<kenari-x7>"
LONG = 12_000
_WORDS = (
    "bantuan",
    "tunai",
    "segera",
    "daftar",
    "banjir",
    "vaksin",
    "gempa",
    "besok",
    "2 juta",
    "tidak",
    "benar",
)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164"
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_SURROGATES = ("\ud800", "\udfff", "\udc00\ud83d", "\ud83d")
_CONTROLS = "".join(map(chr, (*range(32), 0x7F, *range(0x80, 0xA0))))
# What grows when it is decomposed or folded, and what changes its length with its case.
_GROWING = (
    "\ufdfa",
    "\u0390",
    "\ufb03",
    "\u1e9e",
    "\u0149",
    "\u0130",
    "\u1fb7",
    "\u2a74",
    "\u337f",
    "\U0001f1ee",
)
_FIXED = (
    CANARY, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<!--", "]]>", "</textarea><b>",
    "javascript:alert(1)", "' OR 1=1 --", "'; DROP TABLE submission; --", "%' ESCAPE '\\", "\\", "\\x00",
    "{{7*7}}", "{% for x in y %}", "${7*7}", "#{7*7}", "%(text)s", "%s%s%s%n", "{0.__class__}", "{}", "{",
    "%",
    "../../etc/passwd", "..\\..\\", "/", "//evil.example", "file:///etc/passwd", "\r\nSet-Cookie: a=b",
    "=HYPERLINK(\"http://evil.example\",\"x\")", "+1-1", "-1+1", "@SUM(1)", "|cmd", "\t=1",
    "http://[", "http://[::1", "http://a:99999999/", "https://user:pass@evil.example/", "http://xn--a/",
    "https://" + "a." * 200 + "id", "https://a.id/?" + "x=1&" * 300, "\ufffd", "null", "true", "[]", "NaN",
    "Infinity", "-0", "1e309", "9" * 40, "0x7f", "٣٤٥", "௧௨", "²", "½", "Ⅷ", "-1", "9223372036854775808",
    "\x1b[31mmerah\x1b[0m", "\x1b]0;judul\x07", "\x9b31m", "\u2028", "\u2029", "\x85", "\x0b", "\x0c",
)  # fmt: skip
# Repeated, these make a careless regular expression slow.
_PUMPED = (
    "a", "a1", "4a", " ", "\t", "\n", "\n ", ".", "..", "a.", "-", "--", "1.", "1,", "08", "0 8", "+62 ",
    "(", "[", "<",
    "<a ", "<script", "&", "&#", "&amp;", "http://", "www.", "a.com/", "https://a.id/amp/", "*", "_", "*a",
    "a*",
    "'", "a'", "iii", "xvl", "ha", "\u0301", "a\u0301", "\U0001e8d0", "\u200d", "😀\u200d", "\u0f71\u0f72",
    "한", "ﷺ",
    "A", "Ａ", "а", "\U0001f150", "satu ", "dua puluh ", "tidak ", "di ", "k a n ", "[1/1/26, 1.1] a: ",
    "covid 19", "2nya",
)  # fmt: skip


def text(rng: Random, longest: int = LONG) -> str:
    """Make one text of up to about `longest` characters, lone surrogates and NULs included."""
    made = rng.choice(_FAMILIES)(rng)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3))):
        other = rng.choice(_FAMILIES)(rng)
        at = rng.randint(0, len(made))
        made = made[:at] + other + made[at:]
    if rng.random() < 0.04 and made:
        made *= rng.randint(2, 1 + longest // len(made)) if len(made) < longest else 1
    return made[:longest]


def short(rng: Random) -> str:
    """Make a text as a name, a number or a word in an address may be."""
    return text(rng, rng.choice((1, 3, 12, 40, 200)))


def _sentence(rng: Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(0, 40)))


def _fixed(rng: Random) -> str:
    return rng.choice(_FIXED)


def _pumped(rng: Random) -> str:
    times = rng.choice((3, 30, 300, 3_000))
    return rng.choice(_PUMPED) * times + rng.choice(("", "!", "x", "\n", "0", ">"))


def _sprinkled(alphabet: Sequence[str]) -> Callable[[Random], str]:
    def make(rng: Random) -> str:
        return "".join(letter + rng.choice(("", "", rng.choice(alphabet))) for letter in _sentence(rng))

    return make


def _any_characters(rng: Random) -> str:
    return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randint(0, 200)))


def _one_block(rng: Random) -> str:
    start = rng.randrange(0, 0x30000, 0x80)
    return "".join(chr(start + rng.randrange(0x80)) for _ in range(rng.randint(0, 80)))


def _misread(rng: Random) -> str:
    """Text in one encoding read as another."""
    written, read = rng.choice(
        (("utf-8", "latin-1"), ("utf-16", "latin-1"), ("utf-8", "cp1252"), ("utf-7", "utf-8"))
    )
    return (
        ("Héboh — banjir di Lumajang 😀 " + _sentence(rng)).encode(written, "replace").decode(read, "replace")
    )


def _stacked(rng: Random) -> str:
    marks = "".join(chr(rng.randrange(0x300, 0x370)) for _ in range(rng.choice((5, 50, 500))))
    return f"a{marks}b"


_FAMILIES: tuple[Callable[[Random], str], ...] = (
    _sentence, _sentence, _fixed, _fixed, _fixed, _pumped, _pumped, _any_characters, _one_block, _misread,
    _stacked,
    _sprinkled(_INVISIBLE), _sprinkled(_BIDI), _sprinkled(_SURROGATES), _sprinkled(_CONTROLS),
    _sprinkled(_GROWING),
)  # fmt: skip
