"""The fixed sentences of the texts, in Indonesian and Javanese (`triage/data/materials.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["id", "jv"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a verdict is said: its word, what that means in a few words, and a sentence for a meeting."""

    word: str
    meaning: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language; names in braces are filled in."""

    verdicts: dict[str, Mark]
    claim_label: str
    truth_label: str
    explained_label: str
    todo_label: str
    do: str
    source: str
    checked: str
    starter: str
    more: str
    greeting: str
    claim: str
    and_so_on: str
    truth: str
    explained: str
    read: str
    stop: str
    pass_on: str
    alike: str
    habit: str
    thanks: str
    ask: str
    whom: str


@cache
def phrases(language: Language) -> Phrases:
    """Return the sentences of a language."""
    table = json.loads(files("triage").joinpath("data/materials.json").read_text("utf-8"))[language]
    marks = {code: Mark(*said) for code, said in table.pop("verdicts").items()}
    return Phrases(verdicts=marks, **table)
