"""`python -m models.training.calibrate --data DIR --encoders DIR [--encoder NAME] [--target FILE]`: fit.

Trees are fitted on `id_pairs.train`; the few numbers that weigh them against the vectors, lines and bands on
`id_pairs.dev`, whose candidates people have judged, and on `id_negatives.dev`. The figures that are printed
come from fits that had not seen the message; of absent texts also with bounds chosen on the other half. A
message of which every like entry is hidden stands for one that the archive does not know.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models import benchmark, noise
from models.benchmark import Pair
from models.calibration import Calibration, save
from models.encoders import Encoder, load_encoder
from models.index import MatchIndex, Snapshot
from models.matching import encode_entries, encode_queries
from models.query import Query
from models.retrieval import Background
from models.training import bands, rerank
from models.training.bands import Best
from models.training.compare import Compared, background_of, compare
from models.training.labels import Labels, label
from models.types import Entry

DATA = "id_pairs.train, id_pairs.dev, id_negatives.dev"
DATE = "2026-11"
TARGET = Path(__file__).parent.parent / "data" / "calibration.json"
_MIXED_EVERY = 2  # messages said half in Javanese or Madurese, for the class that there are too few of
_FOLDS = 5


def main() -> None:
    """Fit on the files in --data and write to --target, by default what comes with the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoders", type=Path, required=True)
    parser.add_argument("--encoder", default="bundled")
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder, arguments.encoders)
    measured, background = measure(arguments.data, encoder)
    folds = folds_of(benchmark.pairs(arguments.data, "dev"))
    calibration = fit(measured, background, folds, encoder.name)
    save(calibration, arguments.target)
    _say(f"{arguments.target}: {calibration.identity} {calibration.figures}")


@dataclass(frozen=True, slots=True)
class Measured:
    """Messages compared with the archive: `judged` with headings alone and, `told`, with explanations;
    against an archive that does not know them; by number, said in other languages; and unknown ones.
    """

    train: Sequence[Compared]
    judged: Sequence[Compared]
    told: Sequence[Compared]
    hidden: Sequence[Compared]
    mixed: dict[int, Compared]
    absent: Sequence[Compared]


def measure(data: Path, encoder: Encoder) -> tuple[Measured, dict[str, Background]]:
    """Compare all messages that are fitted on."""

    def encode(queries: Sequence[Query]) -> list[NDArray[np.float32]]:
        return encode_queries(encoder, queries)

    headings, told = (
        _snapshot(encoder, entries)
        for entries in (benchmark.entries(data), benchmark.entries_with_text(data))
    )
    train, dev = benchmark.pairs(data, "train"), benchmark.pairs(data, "dev")
    _say(f"comparing {len(train)} training messages")
    queries = [Query.of(pair.query) for pair in train]
    background = background_of(told, queries, encode)
    known = compare(told, queries, encode, background, label(told, train))
    _say(f"comparing {len(dev)} judged messages")
    asked = [Query.of(pair.query) for pair in dev]
    right = judged_labels(headings, dev)
    mixed = range(0, len(dev), _MIXED_EVERY)
    absent = benchmark.texts(data, "negatives")
    measured = Measured(
        train=known,
        judged=compare(headings, asked, encode, background, right),
        told=compare(told, asked, encode, background, judged_labels(told, dev)),
        hidden=compare(headings, asked, encode, background, right, hide=True),
        mixed=dict(
            zip(
                mixed,
                compare(
                    headings, [Query.of(_mixed(dev[number].query, number)) for number in mixed], encode,
                    background, [right[number] for number in mixed],
                ),
                strict=True,
            )
        ),
        absent=compare(headings, [Query.of(text) for text in absent], encode, background),
    )  # fmt: skip
    return measured, background


def fit(
    measured: Measured, background: dict[str, Background], folds: NDArray[np.intp], encoder: str
) -> Calibration:
    """Fit; `folds`: for each judged message the fold that it is left out with."""
    trees = rerank.fit_trees(measured.train)
    judged: dict[str, list[Best]] = {"judged": [], "hidden": [], "mixed": []}
    for fold in range(_FOLDS):
        others = np.flatnonzero(folds != fold).tolist()
        ranker = rerank.fit_layer(trees, _both(measured, others))
        own = np.flatnonzero(folds == fold).tolist()
        judged["judged"].append(bands.best(ranker, [measured.judged[number] for number in own]))
        judged["hidden"].append(bands.best(ranker, [measured.hidden[number] for number in own]))
        judged["mixed"].append(
            bands.best(ranker, [measured.mixed[number] for number in own if number in measured.mixed])
        )
    seen = {name: bands.joined(parts) for name, parts in judged.items()}
    ranker = rerank.fit_layer(trees, _both(measured, range(len(folds))))
    draft = Calibration(
        encoder=encoder, data=DATA, date=DATE, background=background, answer=1.0, review=1.0, figures={},
        trees=ranker.trees, intercept=ranker.intercept, weights=ranker.weights, means=ranker.means,
        scales=ranker.scales, neutral=_neutral(measured.train),
        lines=bands.lines(bands.joined([seen["judged"], seen["mixed"]])),
    )  # fmt: skip
    return bands.with_bands(draft, seen["judged"], seen["hidden"], bands.best(ranker, measured.absent))


def _both(measured: Measured, numbers: Iterable[int]) -> list[Compared]:
    return [each for number in numbers for each in (measured.judged[number], measured.told[number])]


def judged_labels(snapshot: Snapshot, pairs: Sequence[Pair]) -> list[Labels]:
    """Return the rows that answer judged messages; of these nobody is unsure."""
    place_of = {snapshot.wordings[row].target_id: place for place, row in enumerate(snapshot.starts)}
    found = []
    for pair in pairs:
        places = np.array(sorted(place_of[each] for each in pair.lenient if each in place_of), np.intp)
        rows = frozenset(snapshot.rows_of(places).tolist()) if places.size else frozenset()
        found.append(Labels(rows, rows))
    return found


def folds_of(pairs: Sequence[Pair]) -> NDArray[np.intp]:
    """Put messages about one fact-check in one fold."""
    return np.array([crc32(pair.strict.encode()) % _FOLDS for pair in pairs])


def _snapshot(encoder: Encoder, entries: Sequence[Entry]) -> Snapshot:
    _say(f"encoding {len(entries)} entries")
    index = MatchIndex(encoder.dimension)
    index.update(entries, encode_entries(encoder, entries))
    snapshot = index.snapshot()
    assert snapshot is not None, "the archive is empty"  # noqa: S101
    return snapshot


def _neutral(known: Sequence[Compared]) -> NDArray[np.float64]:
    """Return what features are for entries of another claim, in the middle."""
    wrong = np.concatenate([each.features[~each.unsure] for each in known])
    middle: NDArray[np.float64] = np.median(wrong, axis=0)
    return middle


def _mixed(text: str, number: int) -> str:
    mix = noise.KINDS["javanese_mixed"] if number % 2 else noise.KINDS["madurese_mixed"]
    return mix(text, Random(number))  # noqa: S311 - to be repeatable


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
