"""`python -m models.training.words --data DIR [--target FILE]`: which words are in use, and how often.

Counts the words of headings, messages and plain sentences in the measuring files, each word by itself, and
keeps those seen often enough to be no slip of the hand, by the power of two that their number reaches. Names
are left out: what is mostly written with a capital within sentences is one.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from models import benchmark
from models.text import clean

_SEEN = 4
_SEEN_SMALL = 3
_MOST_CAPITALS = 0.35  # of the words of a text, above which capitals say nothing of a word
_WORD = re.compile(r"(?<![^\W_])[a-z]{2,24}(?![^\W_])", re.IGNORECASE)
_WITHIN = re.compile(r"(?<=[^\W\d_,] )" + _WORD.pattern + r"|(?<=[^\W\d_], )" + _WORD.pattern, re.IGNORECASE)
_LINK = re.compile(r"\S*(?:://|www\.|@)\S*", re.IGNORECASE)
_FIELDS = (
    ("id_archive", "title"), ("id_pairs.train", "query"), ("lang_pairs.train", "ind"),
    ("style_pairs", "formal"),
)  # fmt: skip
_WITH_CAPITALS = (*_FIELDS, ("id_archive", "text"))


def main() -> None:
    """Count the words in --data and write them to --target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    target = Path(str(resources.files("models").joinpath("data", "words.json")))
    parser.add_argument("--target", type=Path, default=target)
    arguments = parser.parse_args()
    arguments.target.write_text(json.dumps(count(arguments.data), indent=1) + "\n", "utf-8")


def count(folder: Path) -> dict[str, object]:
    """Return what is written: words by power of two, each power's in alphabetical order."""
    seen = Counter(word.lower() for text in _texts(folder, _FIELDS) for word in _WORD.findall(text))
    names = _names(folder)
    powers: dict[int, list[str]] = {}
    for word in sorted(word for word, times in seen.items() if times >= _SEEN and not names(word)):
        powers.setdefault(seen[word].bit_length() - 1, []).append(word)
    return {
        "about": "Words in use that are no names; they were seen 2 to the power of the key times or more.",
        "data": ", ".join(f"{name}.{field}" for name, field in _FIELDS),
        "date": datetime.now(UTC).strftime("%Y-%m"),
        "words": {str(power): " ".join(powers[power]) for power in sorted(powers)},
    }


def _names(folder: Path) -> Callable[[str], bool]:
    """Return what tells whether a word, in lower case, is hardly ever written small within a sentence."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for text in _texts(folder, _WITH_CAPITALS):
        words = _WORD.findall(text)
        capitals = sum(word[0].isupper() for word in words)
        if not 0 < capitals <= _MOST_CAPITALS * len(words):
            continue
        for word in _WITHIN.findall(text):
            (capital if word[0].isupper() else small)[word.lower()] += 1
    return lambda word: small[word] < max(_SEEN_SMALL, capital[word])


def _texts(folder: Path, fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, field in fields:
        # A sentence that stands beside two languages is one sentence.
        for text in dict.fromkeys(row.text(field) for row in benchmark.rows(folder / f"{name}.jsonl")):
            yield _LINK.sub(" ", clean(text))


if __name__ == "__main__":
    main()
