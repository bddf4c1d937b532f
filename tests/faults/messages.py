"""What the reporters of a fault run send: made up from a seed, in our own words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from random import Random
from typing import Literal

Kind = Literal["viral", "near", "new", "thin"]

# Claims that go round at the same time, and how often each is sent: one far more often than the next.
VIRAL = 6
SHARES: tuple[tuple[Kind, float], ...] = (("viral", 0.80), ("near", 0.11), ("new", 0.06), ("thin", 0.03))
# Of the messages so many come from a browser that keeps them until they are accepted, under a key.
KEYED = 0.6
ERASED = 0.02
_OPENINGS = (
    "Assalamualaikum, ",
    "INFO PENTING!! ",
    "Mohon dibaca: ",
    "Dari grup sebelah. ",
    "Tolong sebarkan. ",
)
_CLOSINGS = (
    " Sebarkan ke keluarga.",
    " Semoga bermanfaat 🙏",
    " Jangan berhenti di Anda!",
    " Copas dari teman.",
)
_WHO = ("Kepala pasar", "Panitia hajatan", "Petugas kecamatan", "Pak RT", "Pengurus koperasi", "Juru parkir")
_WHAT = ("membagikan minyak goreng", "menutup jalan", "menarik iuran", "membuka lowongan", "memasang kamera")
_WHERE = (
    "di balai desa",
    "dekat jembatan lama",
    "di lapangan kecamatan",
    "di samping puskesmas",
    "di terminal",
)
_WHEN = ("besok pagi", "malam ini", "mulai Senin", "akhir bulan", "setelah magrib", "hari Jumat")
_THING = ("kupon", "karung", "kotak", "motor", "warga", "lembar formulir", "rumah", "sumur")
_THIN = ("cek", "ini benar?", "???", "tolong", "hoaks?")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the plan. `key`: its idempotency key, None where it is sent once and for all.

    `erase`: its sender takes it back once it is accepted.
    """

    number: int
    kind: Kind
    text: str
    key: str | None
    erase: bool


def plan(seed: str, count: int) -> list[Message]:
    """Make up `count` messages; the same ones for the same seed."""
    chance = Random(f"{seed} messages")
    viral = _viral(chance)
    # Each claim half as often as the one before, as a rumour of the day and what is left of older ones.
    weights = [2.0**-place for place in range(VIRAL)]
    kinds, shares = zip(*SHARES, strict=True)
    found = []
    for number in range(count):
        kind: Kind = chance.choices(kinds, shares)[0]
        (claim,) = chance.choices(viral, weights)
        if kind == "new":
            claim = _new(chance)
        elif kind != "viral":
            claim = _near(chance, claim) if kind == "near" else chance.choice(_THIN)
        key = f"{seed}-{number:06d}" if chance.random() < KEYED else None
        found.append(Message(number, kind, claim, key, chance.random() < ERASED))
    return found


def _viral(chance: Random) -> list[str]:
    """Return claims of the starter archive and as many that nobody has checked."""
    lines = resources.files("triage.archive").joinpath("starter.jsonl").read_text("utf-8").splitlines()
    known = [json.loads(line)["claim"] for line in chance.sample(lines, VIRAL // 2)]
    return [text for pair in zip(known, (_new(chance) for _ in known), strict=True) for text in pair]


def _near(chance: Random, claim: str) -> str:
    return f"{chance.choice(_OPENINGS)}{claim}{chance.choice(_CLOSINGS)}"


def _new(chance: Random) -> str:
    parts = [chance.choice(each) for each in (_WHO, _WHAT, _WHERE, _WHEN)]
    return (
        f"{' '.join(parts)}, katanya ada {chance.randrange(2, 9000)} {chance.choice(_THING)} "
        f"untuk {chance.randrange(2, 900)} keluarga. Yang tidak datang dianggap menolak."
    )
