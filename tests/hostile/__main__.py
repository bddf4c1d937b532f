"""`python -m tests.hostile --inputs 100000 --seed 1`: the run that `make hostile` makes."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections import Counter

import click

from tests.hostile.drive import Outcome, drive
from tests.hostile.place import Place
from tests.hostile.reading import read_hostile
from triage import logs, schema
from triage.config import load_config
from triage.db import Store

_SHOWN = 20


@click.command()
@click.option("--inputs", default=100_000, show_default=True, help="Requests to send.")
@click.option("--texts", default=10_000, show_default=True, help="Texts to read as workers do.")
@click.option("--seed", default=1, show_default=True)
def main(inputs: int, texts: int, seed: int) -> None:
    """Send hostile requests to the real application, on a store of its own, and read hostile texts."""
    logs.configure()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        config = load_config({"PENJAGA_DATA": folder})
        store = Store(config.database_url)
        schema.upgrade(store)
        place = Place(config, store)
        outcome = drive(place, inputs, seed)
        place.close()
        store.close()
    _print(outcome)
    print(read_hostile(texts, seed))
    sys.exit(1 if outcome.wrong else 0)


def _print(outcome: Outcome) -> None:
    classes: Counter[int] = Counter()
    for status, number in outcome.statuses.items():
        classes[status // 100] += number
    print(f"inputs {outcome.inputs}, 5xx {outcome.failures}, longest {outcome.longest_s:.2f} s")
    print(f"longest: {outcome.longest}")
    for leading, number in sorted(classes.items()):
        of_class = (
            f"{status}: {count}"
            for status, count in sorted(outcome.statuses.items())
            if status // 100 == leading
        )
        print(f"{leading}xx {number:>7}  {', '.join(of_class)}")
    for line in outcome.wrong[:_SHOWN]:
        print(f"WRONG {line}")


if __name__ == "__main__":
    main()
