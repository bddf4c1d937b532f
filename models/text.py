"""From what people type to what can be compared: cleaning, normal form, words, numbers and links.

Everything here is linear in the length of the text and never raises on any string.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_DIGITS = frozenset("0123456789")
_VOWELS = frozenset("aeiou")
_BMP_END = "\uffff"
_MARK_RUN = 4  # Arabic stacks three marks; more only slows normalisation down (it sorts them)
_MARKS = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
_NO_MARKS = dict.fromkeys(map(ord, _MARKS))
# Two classes: `re` looks up the first in a table, but would walk through a list if both were one.
_TABLE, _LIST = (f"[{''.join(mark for mark in _MARKS if (mark > _BMP_END) is big)}]" for big in (False, True))
_EXTRA_MARKS = re.compile(f"({_TABLE}{{{_MARK_RUN}}}){_TABLE}+")
_EXTRA_OTHER_MARKS = re.compile(f"((?:{_TABLE}|{_LIST}){{{_MARK_RUN}}})(?:{_TABLE}|{_LIST})+")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, soft hyphen, zero-width and bidi characters, invisible operators, tags, noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
# A zero-width joiner has work to do only between two pictographs.
_IDLE_JOINER = re.compile(
    "(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)

_TLDS = (
    "com|net|org|info|biz|id|io|co|me|xyz|site|online|top|club|link|app|page|web|shop|store|live|my|sg|ly|gl|"
    "gle|be|cc|tv|us|uk|cn|ru|dev|blog|news|click|space|website|icu|vip|win|fun|pro|edu|gov|to|at|gg|ws|tk|ga|ml|cf"
)
_URL = re.compile(
    r"(?<![\w.@-])(?:https?://[^\s<>\"']+"
    r"|(?:[a-z0-9][a-z0-9-]{0,62}\.){1,5}(?:" + _TLDS + r")(?::[0-9]{1,5})?(?:[/?#][^\s<>\"']*|(?![\w.-])))",
    re.IGNORECASE,
)
_URL_TAIL = "/.,;:!?)]}*_~`…”’"
_HOST = re.compile(r"\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)+", re.ASCII)
_MAX_HOST = 253
_PATH_SAFE = "/%:@!$&(*+,;=~-._"
_TRACKING = re.compile(
    "utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mibextid|sfnsn|extid|"
    "_gl|_ga|mc_cid|mc_eid|ref|ref_src|ref_url|share_?id|si|amp|outputtype",
    re.IGNORECASE | re.DOTALL,
)
_IDLE_HOSTS = ("www.", "m.", "amp.", "mobile.")

_MARKUP_INSIDE = re.compile(r"(?<=\w)[*~`]+(?=\w)")
_MARKUP = re.compile("[*~`_]+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
# "orang2" and "mudah2an" are how chats write "orang-orang" and "mudah-mudahan".
_REDUPLICATED = re.compile(r"(?<![^\W_])([^\W\d_]{3,30})2(an|nya|kan)?(?![^\W_])")
_COVID = re.compile(r"(?<![^\W_])covid\W?19(?![0-9])")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_TOKEN = re.compile(r"[0-9]+(?:[.,:][0-9]+)*|[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")
_THOUSANDS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+)(?:\.00)?")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_SENTENCE_END = re.compile(r"(?:[\n()\[\]|]|[.,!?;:…](?=\s|$)|\s[-–—]\s)+")
_SCALES = {"ribu": 3, "rb": 3, "k": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "triliun": 12}
_NUMBER_WORDS = {
    "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6",
    "tujuh": "7", "delapan": "8", "sembilan": "9", "sepuluh": "10", "sebelas": "11",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Spelling:
    slang: dict[str, str]
    forwarding_marks: frozenset[str]
    forwarding_triggers: frozenset[str]
    forwarding_words: frozenset[str]
    particles: frozenset[str]


@lru_cache(maxsize=1)
def _spelling() -> _Spelling:
    table = json.loads(resources.files("models").joinpath("data/spelling.json").read_text("utf-8"))
    marks, triggers, fillers = (
        frozenset(table["forwarding"][key].split()) for key in ("marks", "triggers", "fillers")
    )
    slang = {short: word for word, shorts in table["slang"].items() for short in shorts.split()}
    particles = frozenset(table["particles"].split())
    return _Spelling(slang, marks, triggers | marks, triggers | marks | fillers, particles)


def clean(text: str) -> str:
    """Return `text` without what nobody sees or what breaks stores and screens; wording is kept.

    Lone surrogates become U+FFFD; NUL, controls (except newline and tab), bidi and zero-width characters
    go; line ends become newlines; Unicode NFC; no more than four combining marks in a row.
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    if not text.isascii():
        text = _IDLE_JOINER.sub("", text)
        extra = _EXTRA_OTHER_MARKS if max(text, default="") > _BMP_END else _EXTRA_MARKS
        text = extra.sub(r"\1", unicodedata.normalize("NFC", extra.sub(r"\1", text)))
    return text.strip()


def canonical_url(url: str) -> str | None:
    """Return the identity of an http(s) address, or None if it is none. Never fetches.

    Two addresses of one page give the same string: scheme, case of host, default port, `www.`/`m.`/AMP,
    user names, fragment, trailing slash, tracking parameters and their order make no difference.
    """
    url = clean(url)
    if "://" not in url and not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, port = _canonical_host(parts.hostname or ""), parts.port
    except (ValueError, UnicodeError):  # malformed port, brackets or host name
        return None
    if parts.scheme.lower() not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    query = sorted(
        (
            (key, value)
            for key, value in parse_qsl(parts.query, keep_blank_values=True, errors="replace")
            if not _TRACKING.fullmatch(key)
        ),
        key=lambda pair: (pair[0].lower(), pair[1].lower(), pair),
    )
    address = f"https://{host}" + ("" if port in (None, 80, 443) else f":{port}")
    path = _without_amp(quote(re.sub("/{2,}", "/", parts.path), safe=_PATH_SAFE))
    return address + (f"{path}?{urlencode(query)}".rstrip(_URL_TAIL) if query else path)


def _without_amp(path: str) -> str:
    while (stem := path.rstrip(_URL_TAIL)) != path or stem[-4:].lower() == "/amp":
        path = stem[:-4] if stem[-4:].lower() == "/amp" else stem
    return path


def _canonical_host(host: str) -> str:
    if ":" in host:
        return f"[{host.lower()}]"
    if len(host) > _MAX_HOST:
        raise ValueError("host name too long")
    host = host.encode("idna").decode("ascii").lower().rstrip(".")
    while (prefix := next((p for p in _IDLE_HOSTS if host.startswith(p)), "")) and "." in host[len(prefix) :]:
        host = host[len(prefix) :]
    return host


def urls(text: str) -> tuple[str, ...]:
    """Return the canonical addresses in `text`, each once, in order."""
    found = (canonical_url(match.group().rstrip(_URL_TAIL)) for match in _URL.finditer(clean(text)))
    return tuple(dict.fromkeys(url for url in found if url))


def normalise(text: str) -> str:
    """Return the form in which wordings are compared: lower-case words, plain numbers, canonical links.

    Accents, markup, punctuation, pictographs, stretched letters, chat abbreviations and sentences that
    only ask to pass the message on are gone, the last unless nothing else is there. Idempotent.
    """
    text = clean(text)
    return _normal(text, without_forwarding=True) or _normal(text, without_forwarding=False)


def _normal(text: str, *, without_forwarding: bool) -> str:
    parts: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        address = match.group().rstrip(_URL_TAIL)
        if (canonical := canonical_url(address)) is None:
            continue
        parts += [_normal_words(text[end : match.start()], without_forwarding), canonical.lower()]
        end = match.start() + len(address)
    parts.append(_normal_words(text[end:], without_forwarding))
    return " ".join(part for part in parts if part)


def words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of `text` in normal form, in order, without links."""
    return tuple(word for word in normalise(text).split() if "://" not in word)


def chat_spellings() -> dict[str, tuple[str, ...]]:
    """Return for each plain word the spellings that chats have for it."""
    found: dict[str, list[str]] = {}
    for short, word in _spelling().slang.items():
        found.setdefault(word, []).append(short)
    return {word: tuple(shorts) for word, shorts in found.items()}


def is_particle(word: str) -> bool:
    """Tell whether a word in normal form says nothing by itself, such as `yang` or `untuk`."""
    return word in _spelling().particles


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of `text` in order: `2 juta`, `2jt` and `2.000.000` are all `2000000`."""
    return normal_numbers(normalise(text))


def normal_numbers(normal: str) -> tuple[str, ...]:
    """Return the numbers of a text that is in normal form already."""
    found = (_NUMBER_WORDS.get(word, word) for word in normal.split())
    return tuple(word for word in found if word[0] in _DIGITS)


def _normal_words(text: str, without_forwarding: bool) -> str:
    text = _MARKUP.sub(" ", _MARKUP_INSIDE.sub("", _fold(text)))
    text = _COVID.sub("covid", _REDUPLICATED.sub(r"\1 \1\2", text))
    if _REPEATED.search(text):
        text = _WORD.sub(_without_emphasis, text)
    slang = _spelling().slang
    text = _WORD.sub(lambda match: slang.get(match.group(), match.group()), text)
    if without_forwarding:
        text = _without_forwarding(text)
    return " ".join(_plain_numbers(_TOKEN.findall(text)))


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    for _ in range(2):  # folding case can bring back what decomposing takes apart
        text = unicodedata.normalize("NFKD", text).translate(_NO_MARKS).casefold()
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group(), "")), text)


def _without_emphasis(match: re.Match[str]) -> str:
    word = match.group()
    # Three equal letters are meant in "iii", the Roman number, and in abbreviations such as "pppk".
    return word if word == "iii" or _VOWELS.isdisjoint(word) else _REPEATED.sub(r"\1", word)


def _without_forwarding(text: str) -> str:
    spelling = _spelling()
    kept: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        tokens = _TOKEN.findall(sentence)
        if not tokens:
            continue
        if spelling.forwarding_words.issuperset(tokens) and not spelling.forwarding_triggers.isdisjoint(
            tokens
        ):
            continue
        if not kept:
            while tokens[0] in spelling.forwarding_marks:
                sentence = sentence[sentence.index(tokens[0]) + len(tokens[0]) :]  # noqa: PLW2901
                tokens = tokens[1:]
        kept.append(sentence)
    return "\n".join(kept)


def _plain_numbers(tokens: list[str]) -> list[str]:
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
