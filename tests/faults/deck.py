"""Which faults happen in a run, when, and for how long: dealt from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

Kind = Literal[
    "kill web", "kill worker", "kill beat", "kill broker", "kill database",
    "broker away", "database away", "disk full", "clock stepped", "stop at work", "odd deliveries",
    "slow encoder",
]  # fmt: skip
KILLS: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind.startswith("kill"))
# Seconds in a run of `FULL_S`; in a shorter one each is shorter by as much. The encoder stands still for
# longer than a claim lasts, so that the work is taken from under it.
SPANS: dict[Kind, float] = {
    "broker away": 30, "database away": 30, "disk full": 15, "clock stepped": 16, "stop at work": 1,
    "odd deliveries": 4, "slow encoder": 66,
}  # fmt: skip
FULL_S = 120.0
# Messages come without faults before the first and after the last.
_QUIET_S = 4.0
_GAPS_S = (1.0, 4.0)
_KILL_S = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: when it begins, in seconds from the start of the run, and how long it lasts."""

    kind: Kind
    at: float
    lasts: float


def deal(seed: str, turn: int, seconds: float) -> list[Fault]:
    """Deal the faults of a run: every kill once, lasting ones by turns, then kills at random.

    `turn` numbers the runs on one kind of place: over seven turns every lasting fault comes at least once.
    """
    chance = Random(f"{seed} faults")
    scale = min(1.0, seconds / FULL_S)
    end = seconds - _QUIET_S * scale
    lasting = list(SPANS)
    first = turn * 3 % len(lasting)
    room = end - _QUIET_S * scale - len(KILLS) * (_KILL_S + _GAPS_S[1]) * scale
    chosen: list[Kind] = list(KILLS)
    for kind in lasting[first:] + lasting[:first]:
        takes = (SPANS[kind] + _GAPS_S[1]) * scale
        if takes <= room:
            chosen.append(kind)
            room -= takes
    chance.shuffle(chosen)
    faults, at = [], _QUIET_S * scale
    while at < end:
        kind = chosen.pop() if chosen else chance.choice(KILLS)
        lasts = SPANS.get(kind, _KILL_S) * scale
        if at + lasts > end:
            break
        faults.append(Fault(kind, at, lasts))
        at += lasts + chance.uniform(*_GAPS_S) * scale
    return faults
