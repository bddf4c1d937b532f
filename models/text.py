"""From what people type to what can be compared: cleaning, normal form, words, numbers and links.

Everything here is linear in the length of the text and never raises on any string.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from models import amounts, lexicon, spelling
from models.lookalikes import latin

# Grows with every change to what this module, `amounts`, `lookalikes` and `spelling` make of a text.
_RULES = 4
_KEPT = 512  # texts in normal form; 10 MB when all are as long as a message may be
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
_SLASHES = re.compile("/{2,}")
_PATH_SAFE = "/%:@!$&(*+,;=~-._"
_TRACKING = re.compile(
    "utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mibextid|sfnsn|extid|"
    "_gl|_ga|mc_cid|mc_eid|ref|ref_src|ref_url|share_?id|si|amp|outputtype",
    re.IGNORECASE | re.DOTALL,
)
_IDLE_HOSTS = ("www.", "m.", "amp.", "mobile.")

_MARKUP_INSIDE = re.compile(r"(?<=\w)[*~`]+(?=\w)")
_MARKUP = re.compile("[*~`_]+")
_APOSTROPHE = re.compile("(?<=[^\\W\\d_])['’‘ʼʻ´](?=[^\\W\\d_])")
_ROMAN = re.compile("[xvl]*i{3}")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
# "orang2" and "mudah2an" are how chats write "orang-orang" and "mudah-mudahan".
_REDUPLICATED = re.compile(r"(?<![^\W_])([^\W\d_]{3,30})2(an|nya|kan)?(?![^\W_])")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_TOKEN = re.compile(r"[0-9]+(?:[.,:][0-9]+)*|[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
_SENTENCE_END = re.compile(
    r"(?:[\n()\[\]|]|[.,!?;:…](?![^\W_])|(?<=[^\W\d_]{3})[.,!?;:…](?=[^\W\d_])|\s[-–—]\s)+"
)
# What WhatsApp puts before a message that is copied: when and by whom it was sent.
_STAMP = re.compile(
    r"^(?:\[[0-9]{1,2}[/.][0-9]{1,2}(?:[/.][0-9]{2,4})?,? [0-9]{1,2}[.:][0-9]{2}(?:[.:][0-9]{2})?"
    r"(?: ?[ap]m)?\] ?|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4},? [0-9]{1,2}[.:][0-9]{2}(?: ?[ap]m)? - )"
    r"[^:\n]{1,40}: ",
    re.IGNORECASE | re.MULTILINE,
)
# "kemarin.Info" is the end of a sentence and the next one's first word.
_NO_HOST = re.compile(r"[a-z]+\.[A-Z][a-z]+")


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
    path = _without_amp(quote(_SLASHES.sub("/", parts.path), safe=_PATH_SAFE))
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
    return tuple(dict.fromkeys(address for _, address in pieces(clean(text)) if address))


@lru_cache(maxsize=1)
def normal_form() -> str:
    """Return 8 hex digits that name the normal form: others whenever `normalise` may give others."""
    return hashlib.sha256(f"{_RULES} {lexicon.identity()}".encode()).hexdigest()[:8]


# A message is brought to this form by its fingerprint, by what compares it and by what tells its harm.
@lru_cache(_KEPT)
def normalise(text: str) -> str:
    """Return the form in which wordings are compared: lower-case words, plain numbers, canonical links.

    Accents, markup, punctuation, pictographs, stretched letters, chat abbreviations and sentences that
    only ask to pass the message on are gone, the last unless nothing else is there. Idempotent.
    """
    text = clean(text)
    return _normal(text, without_forwarding=True) or _normal(text, without_forwarding=False)


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Cut a cleaned text at its links: each piece with the canonical address, or None for what is no link."""
    end = 0
    for match in _URL.finditer(text):
        address = match.group().rstrip(_URL_TAIL)
        if _NO_HOST.fullmatch(address) or (canonical := canonical_url(address)) is None:
            continue
        yield text[end : match.start()], None
        end = match.start() + len(address)
        yield text[match.start() : end], canonical
    yield text[end:], None


def _normal(text: str, *, without_forwarding: bool) -> str:
    if without_forwarding:
        text = _STAMP.sub("", text)
    parts = (
        _normal_words(piece, without_forwarding) if address is None else address.lower()
        for piece, address in pieces(text)
    )
    return " ".join(part for part in parts if part)


def sentences(text: str) -> list[str]:
    """Split a cleaned text into sentences, each with what ends it."""
    return _SENTENCE.findall(text)


def words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of `text` in normal form, in order, without links."""
    return tuple(word for word in normalise(text).split() if "://" not in word)


def chat_spellings() -> dict[str, tuple[str, ...]]:
    """Return for each plain word the spellings that chats have for it."""
    found: dict[str, list[str]] = {}
    for short, word in lexicon.table().slang.items():
        found.setdefault(word, []).append(short)
    return {word: tuple(shorts) for word, shorts in found.items()}


def is_particle(word: str) -> bool:
    """Tell whether a word in normal form says nothing by itself, such as `yang` or `untuk`."""
    return word in lexicon.table().particles


def hosts(normal: str) -> tuple[str, ...]:
    """Return the host of each link in a text that is in normal form."""
    return tuple(word.split("/", 3)[2] for word in normal.split() if "://" in word)


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of `text` in order: `2 juta`, `2jt` and `2.000.000` are all `2000000`."""
    return normal_numbers(normalise(text))


def normal_numbers(normal: str) -> tuple[str, ...]:
    """Return the numbers of a text that is in normal form already."""
    return amounts.of(normal)


def _normal_words(text: str, without_forwarding: bool) -> str:
    text = _fold(text)
    text = _REDUPLICATED.sub(r"\1 \1\2", spelling.without_leet(text))
    if _REPEATED.search(text):
        text = _WORD.sub(_without_emphasis, text)
    text = _WORD.sub(lambda match: spelling.plain(match.group()), text)
    if without_forwarding:
        text = _without_forwarding(text)
    return " ".join(_with_covid(amounts.plain(spelling.joined(_TOKEN.findall(text)))))


def _with_covid(found: Iterable[str]) -> list[str]:
    """Leave the number out of the name, however the two were written: Covid-19, covid 19, COVID –19."""
    kept: list[str] = []
    for word in found:
        if word != "19" or kept[-1:] != ["covid"]:
            kept.append(word)
    return kept


def _fold(text: str) -> str:
    if text.isascii():
        return _without_markup(text).lower()
    text = unicodedata.normalize("NFKD", text).translate(_NO_MARKS)
    text = latin(_without_markup(text))
    for _ in range(2):  # folding case can bring back what decomposing takes apart
        text = unicodedata.normalize("NFKD", text).translate(_NO_MARKS).casefold()
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group(), "")), latin(text))


def _without_markup(text: str) -> str:
    return _APOSTROPHE.sub("", _MARKUP.sub(" ", _MARKUP_INSIDE.sub("", text)))


def _without_emphasis(match: re.Match[str]) -> str:
    word = match.group()
    # Three equal letters are meant in Roman numbers and in abbreviations such as "pppk".
    if _ROMAN.fullmatch(word) or _VOWELS.isdisjoint(word):
        return word
    single, double = _REPEATED.sub(r"\1", word), _REPEATED.sub(r"\1\1", word)
    return double if lexicon.is_known(double) and not lexicon.is_known(single) else single


def _without_forwarding(text: str) -> str:
    table = lexicon.table()
    kept: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        tokens = _TOKEN.findall(sentence)
        if not tokens:
            continue
        if table.forwarding_words.issuperset(tokens) and not table.forwarding_triggers.isdisjoint(tokens):
            continue
        if not kept:
            while tokens[0] in table.forwarding_marks:
                sentence = sentence[sentence.index(tokens[0]) + len(tokens[0]) :]  # noqa: PLW2901
                tokens = tokens[1:]
        kept.append(sentence)
    return "\n".join(kept)
