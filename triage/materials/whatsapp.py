"""A fact-check as a message for WhatsApp: the verdict first, then what is true and what to do."""

from __future__ import annotations

from triage.forwards import unmarked
from triage.gist import Gist, first_of, shortened
from triage.materials.javanese import glossed
from triage.materials.phrases import Language, phrases

MAX_CHARACTERS = 700
_CLAIM, _TODO, _SOURCE, _OFFICE = 90, 90, 50, 60
# How much of the truth is told: as much as leaves the message short enough.
_TRUTH = (400, 320, 250, 190, 140, 100, 70)


def whatsapp(said: Gist, office: str, address: str, language: Language) -> str:
    """Write the message; of a language other than Indonesian, a draft.

    At most `MAX_CHARACTERS`, where the address leaves the room. `office`: who passes it on.
    """
    made = ""
    for characters in _TRUTH:
        made = _message(said, office, address, language, characters)
        if len(made) <= MAX_CHARACTERS:
            break
    return made


def _message(said: Gist, office: str, address: str, language: Language, characters: int) -> str:
    words = phrases(language)
    mark = words.verdicts[said.code]
    put = glossed if language == "jv" else str
    # The claim stays in the words in which it goes round.
    claim = shortened(unmarked(said.claim), _CLAIM, "…")
    truth = put(_part(said.truth, characters, words.more))
    todo = put(_part(said.what_to_do, _TODO, words.more)) or (words.do if said.contradicted else "")
    parts = (
        f"{said.sign} *{mark.word.upper()}*: {mark.meaning}",
        f"{words.claim_label}: _“{claim}”_" if claim else "",
        f"*{words.truth_label if said.contradicted else words.explained_label}:* {truth}" if truth else "",
        f"*{words.todo_label}:* {todo}" if todo else "",
        "\n".join(filter(None, (*_origin(said, office, language), address))),
    )
    return "\n\n".join(filter(None, parts))


def _origin(said: Gist, office: str, language: Language) -> tuple[str, str]:
    words = phrases(language)
    if said.from_starter:
        return words.starter, ""
    source = shortened(unmarked(", ".join(said.sources)), _SOURCE, "…")
    by = shortened(unmarked(said.publisher or office), _OFFICE, "…")
    checked = words.checked.format(by=by, day=said.day) if said.day else ""
    return words.source.format(source=source) if source else "", checked


def _part(sentences: tuple[str, ...], characters: int, more: str) -> str:
    text, cut = first_of((unmarked(one) for one in sentences), characters)
    return f"{text}… ({more})" if cut else text
