"""A message taken apart: its words, stems, passages, numbers, links and names, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby, pairwise

from models import language, stance
from models.text import clean, hosts, normal_numbers, normalise, sentences

# So much of a message is laid side by side: of longer ones each twice costs four times.
_MESSAGE_WORDS = 400
_STEM = 5  # letters that decide whether two words are forms of one
_SKELETON = 3  # consonants from which a word is known without its vowels
_KEPT_WORDS = 32768  # some 5 MB
_LONG = 60  # words from which a message is matched by its parts as well
_PARTS, _PART_WORDS, _LEAST_WORDS = 6, 36, 6
_NO_VOWELS = str.maketrans("", "", "aeiou")


@dataclass(frozen=True, slots=True)
class Query:
    """A message taken apart once, for all candidates; `opening` is as much of it as is laid side by side.

    `parts`: passages of a long message, each of which may be the claim; none for a short one. `marks`: its
    numbers, links, hosts and names.
    """

    text: str
    normal: str
    parts: tuple[str, ...]
    opening: tuple[str, ...]
    words: tuple[str, ...]
    stems: frozenset[str]
    skeletons: frozenset[str]
    places: dict[str, list[int]]
    pairs: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    links: frozenset[str]
    names: dict[str, frozenset[str]]
    marks: str
    denials: tuple[str, ...]
    asks: bool
    foreign: float

    @classmethod
    def of(cls, text: str) -> Query:
        """Take a message apart. Any string will do."""
        cleaned = clean(text)
        normal = normalise(text)
        pieces = normal.split()
        words = tuple(word for word in pieces if "://" not in word)
        stems = [stem_of(word) for word in words[:_MESSAGE_WORDS]]
        numbers, names = frozenset(normal_numbers(normal)), stance.names(normal)
        links = frozenset(word for word in pieces if "://" in word)
        places: dict[str, list[int]] = {}
        for place, stem in enumerate(stems):
            places.setdefault(stem, []).append(place)
        return cls(
            text=cleaned,
            normal=normal,
            parts=_parts(cleaned) if len(words) > _LONG else (),
            opening=tuple(pieces[:_MESSAGE_WORDS]),
            words=words,
            stems=frozenset(map(stem_of, words)),
            skeletons=frozenset(map(skeleton_of, words)) - {""},
            places=places,
            pairs=frozenset(pairwise(stems)),
            numbers=numbers,
            links=links,
            names=names,
            marks=" ".join(sorted({*numbers, *links, *hosts(normal), *chain(*names.values())})),
            denials=stance.denials(cleaned),
            asks=stance.asks(cleaned),
            foreign=language.regional_share(cleaned),
        )


def stem_of(word: str) -> str:
    """Return the letters by which forms of one word are known as such."""
    return word[:_STEM]


@lru_cache(_KEPT_WORDS)
def skeleton_of(word: str) -> str:
    """Return the consonants of a word, doubles once; nothing when they are too few to know it by."""
    consonants = word.translate(_NO_VOWELS)
    single = "".join(letter for letter, _ in groupby(consonants))
    return single if len(single) >= _SKELETON else ""


def _parts(text: str) -> tuple[str, ...]:
    """Split a long message into passages of some sentences, the first ones when there are many."""
    parts: list[list[str]] = [[]]
    for sentence in sentences(text):
        words = sentence.split()
        for start in range(0, len(words), _PART_WORDS):
            piece = words[start : start + _PART_WORDS]
            if len(parts[-1]) + len(piece) > _PART_WORDS and len(parts[-1]) >= _LEAST_WORDS:
                parts.append([])
            parts[-1] += piece
        if len(parts) > _PARTS:
            break
    if len(parts) > 1 and len(parts[-1]) < _LEAST_WORDS:
        rest = parts.pop()
        parts[-1] += rest
    return tuple(" ".join(part) for part in parts[:_PARTS])
