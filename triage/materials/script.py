"""A fact-check as a script of half a minute, to be read aloud at a village meeting.

It greets, says what was found before it says what was claimed, and ends with what to do and whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from triage.gist import Gist
from triage.materials.javanese import glossed
from triage.materials.phrases import Language, Phrases, phrases
from triage.materials.speaking import spoken

# At some 140 words a minute: 26 to 32 seconds.
LEAST_WORDS, MOST_WORDS, WORDS_A_MINUTE = 60, 75, 140
_CLAIM, _AT_COMMA, _WHOM = 14, 18, 9
_STOPS = ".!?…"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What of a fact-check is told, in Indonesian, as it is spoken. `whom` to ask: '' is nobody named."""

    claim: str
    claim_cut: bool
    truth: str
    todo: str
    whom: str


def script(said: Gist, language: Language) -> str:
    """Write the script: from `LEAST_WORDS` to `MOST_WORDS` in Indonesian; in Javanese a draft of the same."""
    indonesian = phrases("id")
    parts = _parts(said, indonesian)
    more = _more(said, parts, indonesian)
    if language == "id":
        return " ".join(_told(said, parts, more, indonesian, str))
    return " ".join(_told(said, parts, more, phrases(language), glossed))


def words_in(text: str) -> int:
    """Count words as they are read aloud."""
    return sum(any(one.isalnum() for one in word) for word in text.split())


def seconds(text: str) -> int:
    """Return how long it takes to read a text aloud."""
    return round(words_in(text) * 60 / WORDS_A_MINUTE)


def _parts(said: Gist, words: Phrases) -> _Parts:
    claim, cut = _claim(said)
    whom = _whom(said.ask)
    left = MOST_WORDS - words_in(" ".join(_told(said, _Parts(claim, cut, "", "", whom), (), words, str)))
    left -= words_in(words.truth.format(truth=""))
    first, left = _fitting(said.truth[:1], left)
    # Where the sentence is too long to be heard, the page is named instead.
    left -= 0 if first else words_in(words.read)
    todo, left = _fitting(said.what_to_do[:1], left)
    rest, left = _fitting(said.truth[1:], left) if first else ("", left)
    more, left = _fitting(said.what_to_do[1:], left) if todo else ("", left)
    return _Parts(claim, cut, f"{first} {rest}".strip(), f"{todo} {more}".strip(), whom)


def _told(
    said: Gist, parts: _Parts, more: tuple[str, ...], words: Phrases, put: Callable[[str], str]
) -> Iterable[str]:
    yield words.greeting
    yield words.verdicts[said.code].sentence
    if parts.claim:
        claim = parts.claim.rstrip(_STOPS + ",;:")
        yield words.claim.format(claim=f"{claim}, {words.and_so_on}." if parts.claim_cut else f"{claim}.")
    if parts.truth:
        frame = words.truth if said.contradicted else words.explained
        yield frame.format(truth=put(parts.truth))
    if parts.todo:
        yield put(parts.todo)
    yield from (getattr(words, name) for name in more)
    yield words.ask.format(ask=put(parts.whom) if parts.whom else words.whom)


def _more(said: Gist, parts: _Parts, words: Phrases) -> tuple[str, ...]:
    """Choose fixed sentences, until the script is long enough: first what must not be missing."""
    chosen: list[str] = [] if parts.truth else ["read"]
    for name in ("stop", "alike", "pass_on", "read", "habit", "thanks"):
        if name in chosen or (name == "stop" and not said.contradicted):
            continue
        length = words_in(" ".join(_told(said, parts, tuple(chosen), words, str)))
        needed = name == "stop" and not parts.todo
        if (length < LEAST_WORDS or needed) and length + words_in(getattr(words, name)) <= MOST_WORDS:
            chosen.append(name)
    return tuple(chosen)


def _claim(said: Gist) -> tuple[str, bool]:
    """Return the claim, and whether it is cut: at a comma, where one is near the end."""
    words = spoken(said.claim).split()
    if len(words) <= _CLAIM:
        return " ".join(words), False
    at_comma = (
        place
        for place in range(min(_AT_COMMA, len(words) - 1), _CLAIM // 2, -1)
        if words[place - 1][-1] in ",;.!?"
    )
    return " ".join(words[: next(at_comma, _CLAIM)]), True


def _whom(ask: str) -> str:
    """Return whom to ask: all who are named, or the first; '' where that takes too many words."""
    told = spoken(ask).rstrip(_STOPS)
    for one in (told, told.split(" atau ")[0], told.split(",")[0]):
        if 0 < words_in(one) <= _WHOM:
            return one
    return ""


def _fitting(sentences: tuple[str, ...], left: int) -> tuple[str, int]:
    """Return the first whole sentences that fit into so many words, and how many are left then."""
    kept: list[str] = []
    for sentence in map(spoken, sentences):
        length = words_in(sentence)
        if length > left:
            # Of what comes later, a sentence may hang on the one that is left out.
            break
        kept.append(sentence if sentence[-1:] in _STOPS else f"{sentence}.")
        left -= length
    return " ".join(kept), left
