"""Hostile texts through all that workers do with a message before and after they compare it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from models import amounts, language, priority, stance
from models.changes import changes
from models.fingerprint import fingerprint
from models.near_copies import nearness
from models.query import Query
from models.side_by_side import side_by_side
from models.text import canonical_url, clean, normalise, sentences, urls, words
from tests.hostile.texts import text
from triage.assess import missing_from
from triage.masking import masked, without_people

_OTHER = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"

_STEPS: dict[str, Callable[[str], object]] = {
    "clean": clean, "normalise": normalise, "words": words, "urls": urls, "canonical_url": canonical_url,
    "sentences": sentences, "amounts": lambda given: amounts.of(normalise(given)), "fingerprint": fingerprint,
    "masked": masked, "without_people": without_people, "missing_from": lambda given: missing_from(given,
    None),
    "harm": priority.likely_harm, "query": Query.of, "language": language.of, "denials": stance.denials,
    "nearness": lambda given: nearness(fingerprint(given), fingerprint(_OTHER)),
    "changes": lambda given: changes(given[:5_000], _OTHER),
    "side_by_side": lambda given: side_by_side(given, _OTHER),
}  # fmt: skip


@dataclass
class Reading:
    """What became of a run: how many texts were read, and which step took longest over one."""

    texts: int = 0
    longest_s: float = 0.0
    longest: str = ""

    def __str__(self) -> str:
        return f"texts {self.texts}, longest {self.longest_s:.2f} s ({self.longest})"


def read_hostile(count: int, seed: int) -> Reading:
    """Read `count` texts made from the seed; whatever a step raises comes out."""
    for step in _STEPS.values():
        step("Kabar pertama: yang memuat kamus tidak dihitung")
    reading = Reading()
    for number in range(count):
        given = text(Random(f"text {seed} {number}"))
        reading.texts += 1
        for name, step in _STEPS.items():
            began = time.perf_counter()
            step(given)
            took = time.perf_counter() - began
            if took > reading.longest_s:
                reading.longest_s, reading.longest = took, f"{name}, text {number}"
    return reading
