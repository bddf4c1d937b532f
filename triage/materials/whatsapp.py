"""A fact-check as a message for WhatsApp: the verdict first, then what is true and what to do."""

from __future__ import annotations

from triage.forwards import unmarked
from triage.gist import Gist, first_of, shortened
from triage.materials.javanese import glossed
from triage.materials.phrases import Language, phrases

MAX_CHARACTERS = 700
_CLAIM, _TODO, _SOURCE, _OFFICE = 110, 120, 70, 90
# So much of the truth is told in any case.
_LEAST_TRUTH = 120


def whatsapp(said: Gist, office: str, address: str, language: Language) -> str:
    """Write the message; of a language other than Indonesian, a draft.

    At most `MAX_CHARACTERS`, where the address leaves the room. `office`: who passes it on.
    """
    words = phrases(language)
    mark = words.verdicts[said.code]
    put = glossed if language == "jv" else str
    # The claim stays in the words in which it goes round.
    claim = shortened(unmarked(said.claim), _CLAIM, "…")
    todo = _part(said.what_to_do, _TODO, words.more) or (words.do if said.contradicted else "")
    head = f"{said.sign} *{mark.word.upper()}*: {mark.meaning}"
    rest = [
        f"{words.claim_label}: _“{claim}”_" if claim else "",
        f"*{words.todo_label}:* {put(todo)}" if todo else "",
        "\n".join(filter(None, (*_origin(said, office, language), address))),
    ]
    label = words.truth_label if said.contradicted else words.explained_label
    frame = len("\n\n".join(filter(None, (head, *rest)))) + len(f"\n\n*{label}:* ")
    # Javanese of the word list may be longer than what it stands for.
    room = max(_LEAST_TRUTH, (MAX_CHARACTERS - frame) * (4 if language == "jv" else 5) // 5)
    truth = f"*{label}:* {put(_part(said.truth, room, words.more))}"
    return "\n\n".join(filter(None, (head, rest[0], truth, *rest[1:])))


def _origin(said: Gist, office: str, language: Language) -> tuple[str, str]:
    words = phrases(language)
    if said.from_starter:
        return words.starter, ""
    source = shortened(unmarked(", ".join(said.sources)), _SOURCE, "…")
    by = shortened(unmarked(said.publisher or office), _OFFICE, "…")
    checked = words.checked.format(by=by, day=said.day) if said.day else ""
    return words.source.format(source=source) if source else "", checked


def _part(sentences: tuple[str, ...], characters: int, more: str) -> str:
    ending = f"… ({more})"
    text, cut = first_of((unmarked(one) for one in sentences), characters - len(ending))
    return text + ending if cut else text
