"""Does anything get lost? Faults on a real installation under load, run after run from a seed.

`python -m tests.faults --runs 20 --seed 1 [--seconds 120] [--rate 50]`. Runs are by turns on the embedded
installation and on Redis + PostgreSQL; meanwhile people decide. Ends with 1 if something was lost, done
twice, or does not add up.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.faults import deck, messages, places
from tests.faults.breaking import cause
from tests.faults.places import EMBEDDED, OUTGROWN, Place
from tests.faults.reporters import Reporters
from tests.faults.verdict import Verdict, judge, owed
from tests.faults.verifiers import Verifiers, undone

# Within this time everybody with a key has been heard, and everything owed is done.
HEARD_S, DRAINED_S = 120.0, 900.0
SHOWN = 10


@dataclass(slots=True)
class Sums:
    """What all runs came to."""

    runs: int = 0
    accepted: int = 0
    lost: int = 0
    twice: int = 0
    chain: bool = True
    adds_up: bool = True
    drained_s: float = 0.0

    def add(self, verdict: Verdict, drained_s: float) -> None:
        """Add a run."""
        self.runs += 1
        self.accepted += verdict.accepted
        self.lost += len(verdict.lost)
        self.twice += len(verdict.twice)
        self.chain &= verdict.broken_at is None
        self.adds_up &= verdict.accounts is not None and verdict.accounts.adds_up
        self.drained_s = max(self.drained_s, drained_s)

    @property
    def good(self) -> bool:
        """True if nothing was lost, done twice, or does not add up."""
        return not self.lost and not self.twice and self.chain and self.adds_up

    def __str__(self) -> str:
        """Write the closing line."""
        chain = "ok" if self.chain else "broken"
        return (
            f"runs {self.runs}, accepted {self.accepted}, lost {self.lost}, twice {self.twice}, "
            f"chain {chain}, drained in {self.drained_s:.0f} s"
        )


def main() -> None:
    """Run the faults and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--seconds", type=float, default=deck.FULL_S)
    parser.add_argument("--rate", type=float, default=50.0)
    given = parser.parse_args()
    # Stopped from outside, it takes everything that it started with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    left_out = places.missing()
    for what, why in left_out.items():
        print(f"left out: {what} ({why})")
    names = [name for name in (EMBEDDED, OUTGROWN) if name not in left_out]
    sums = Sums()
    for number in range(given.runs):
        name = names[number % len(names)]
        seed, turn = f"{given.seed}-{number + 1}", number // len(names)
        verdict, drained_s = run(name, seed, turn, given.seconds, given.rate, frozenset(left_out))
        sums.add(verdict, drained_s)
    print(sums)
    sys.exit(0 if sums.good else 1)


def run(
    name: str, seed: str, turn: int, seconds: float, rate: float, left_out: frozenset[str] = frozenset()
) -> tuple[Verdict, float]:
    """Do one run; return what was found, and in how many seconds all that was owed then was done."""
    encoders = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    plan = messages.plan(seed, round(seconds * rate))
    faults = [fault for fault in deck.deal(seed, turn, seconds) if fault.kind not in left_out]
    print(f"run {seed} on {name}", flush=True)
    with places.place(name, encoders, [fault.kind for fault in faults]) as where:
        store = where.store()
        reporters, verifiers = Reporters(where.url, plan, rate, seed), Verifiers(where, store, seed)
        reporters.start()
        verifiers.start()
        try:
            cause(where, faults, seed, lambda line: print(line, flush=True))
            places.recover(where)
            open_ones = reporters.finish(HEARD_S)
            verifiers.finish()
            began = time.monotonic()
            while owed(store)[0] and time.monotonic() < began + DRAINED_S:
                time.sleep(0.2)
            drained_s = time.monotonic() - began
            verdict = judge(store, where.config, where.url, plan, reporters.ledger)
            if left := owed(store)[0]:
                verdict.lost.append(f"{left} pieces of work were not done within {DRAINED_S:.0f} s")
            with store.read() as session:
                verdict.lost += undone(session, verifiers.minutes)
            _print(where, faults, reporters, verifiers, verdict, drained_s, open_ones, owed(store)[1])
        finally:
            verifiers.finish()
            store.close()
    return verdict, drained_s


def _print(
    where: Place,
    faults: list[deck.Fault],
    reporters: Reporters,
    verifiers: Verifiers,
    verdict: Verdict,
    drained_s: float,
    open_ones: int,
    parked: int,
) -> None:
    ledger, sums = reporters.ledger, verdict.accounts
    kinds = Counter(fault.kind for fault in faults)
    print(
        f"  sent {ledger.sent} (again {ledger.resent}, latest {ledger.late_s:.1f} s late), "
        f"answers {dict(ledger.answers.most_common())}, unheard {verdict.unheard}, still open {open_ones}\n"
        f"  decided {len(verifiers.minutes.done)} steps, answers "
        f"{dict(verifiers.minutes.answers.most_common())}\n"
        f"  {sums}, parked {parked}\n"
        f"  {where.name}: {', '.join(f'{kind} {often}' for kind, often in kinds.items())}: "
        f"accepted {verdict.accepted}, lost {len(verdict.lost)}, twice {len(verdict.twice)}, "
        f"chain {'ok' if verdict.broken_at is None else f'broken at {verdict.broken_at}'}, "
        f"{'adds up' if sums is not None and sums.adds_up else 'does NOT add up'}, "
        f"drained in {drained_s:.1f} s",
        flush=True,
    )
    for each in (verdict.lost + verdict.twice)[:SHOWN]:
        print(f"    {each}")


if __name__ == "__main__":
    main()
