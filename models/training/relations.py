"""`python -m models.training.relations --data DIR --encoders DIR [--target FILE]`: fit the stance guard.

Same claim: training messages and their fact-checks, plain, warned of and asked about. Same topic: the likest
entry of another claim. Denial: the same messages within sentences that deny them. Frames are split, too: what
is printed was measured on messages and frames that training never saw.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models import benchmark, relation, retrieval
from models import features as feature
from models.benchmark import Pair
from models.encoders import load_encoder
from models.index import MatchIndex, Snapshot
from models.matching import encode_queries
from models.query import Query
from models.relation import RELATIONS, RelationModel, as_json
from models.training.calibrate import DATE
from models.training.compare import Encode, background_of
from models.training.frames import CLAIMS, DENIALS
from models.training.labels import Labels, label

TARGET = Path(__file__).parent.parent / "data" / "relation.json"
_SEED = 20261125
_MESSAGES = 1600
_LONGEST = 40  # words of a message that fits into a sentence
_DENIED_SAME = 0.01  # of messages that deny nothing so many may be taken for denials
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class _Said:
    """A message in a frame, what it is about, and what it does with the claim; `held`: kept from training."""

    query: Query
    about: Labels
    denies: bool
    held: bool


def main() -> None:
    """Fit on the files in --data and write to --target, by default what comes with the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoders", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    encoder = load_encoder("bundled", arguments.encoders)
    entries = benchmark.entries(arguments.data)
    index = MatchIndex(encoder.dimension)
    index.update(entries, encoder.encode([entry.texts[0] for entry in entries], "passage"))
    snapshot = index.snapshot()
    assert snapshot is not None, "the archive is empty"  # noqa: S101
    model = fit(
        snapshot, benchmark.pairs(arguments.data, "train"), lambda queries: encode_queries(encoder, queries)
    )
    arguments.target.write_text(as_json(model), "utf-8")
    sys.stderr.write(f"{arguments.target}: {model.figures}\n")


def fit(snapshot: Snapshot, pairs: Sequence[Pair], encode: Encode) -> RelationModel:
    """Fit the model on framed messages."""
    said = list(_framed(pairs, label(snapshot, pairs)))
    x, y, held = _examples(snapshot, said, encode)
    scaler = StandardScaler().fit(x[~held])
    model = LogisticRegression(max_iter=3000, class_weight="balanced").fit(
        scaler.transform(x[~held]), y[~held]
    )
    shares = model.predict_proba(scaler.transform(x))
    denial = shares[:, RELATIONS.index("denial")]
    is_denial = y == RELATIONS.index("denial")
    bound = float(np.quantile(denial[~held & (y == 0)], 1 - _DENIED_SAME))
    unseen = shares[held].argmax(axis=1)
    figures = {
        "messages_held_out": float(held.sum()),
        "accuracy": float((unseen == y[held]).mean()),
        "denials_seen": float((denial[held & is_denial] >= bound).mean()),
        "claims_taken_for_denials": float((denial[held & (y == 0)] >= bound).mean()),
    }
    return RelationModel(
        data="id_pairs.train in our own frames", date=DATE, denies_from=round(bound, 4),
        figures={name: round(value, 4) for name, value in figures.items()},
        intercepts=model.intercept_, weights=model.coef_, means=scaler.mean_, scales=scaler.scale_,
    )  # fmt: skip


def _framed(pairs: Sequence[Pair], labels: Sequence[Labels]) -> Iterator[_Said]:
    random = Random(_SEED)  # noqa: S311 - to be repeatable
    short = [number for number, pair in enumerate(pairs) if len(pair.query.split()) <= _LONGEST]
    for number in random.sample(short, min(_MESSAGES, len(short))):
        pair, held = pairs[number], crc32(pairs[number].strict.encode()) % 3 == 0
        for frames, denies in ((CLAIMS, False), (DENIALS, True)):
            frame = random.choice(frames[held::2])
            text = frame.format(pair.query.strip().rstrip(".!"))
            yield _Said(Query.of(text), labels[number], denies, held)


def _examples(
    snapshot: Snapshot, said: Sequence[_Said], encode: Encode
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.bool_]]:
    """Return inputs, relations by number, and what is held out, a row per message and entry."""
    background = background_of(snapshot, [each.query for each in said], encode)
    x, y, held = [], [], []
    for start in range(0, len(said), _AT_ONCE):
        some = said[start : start + _AT_ONCE]
        queries = [each.query for each in some]
        for each, score in zip(some, map(snapshot.scores, queries, encode(queries)), strict=True):
            candidates = retrieval.select(snapshot, score, background)
            compared = feature.matrix(snapshot, each.query, score, candidates)
            for place, kind in _judged(candidates.rows, each):
                wording = snapshot.wordings[candidates.rows[place]].normal
                x.append(relation.inputs(each.query, wording, compared[place]))
                y.append(RELATIONS.index(kind))
                held.append(each.held)
    return np.array(x), np.array(y), np.array(held)


def _judged(rows: NDArray[np.intp], said: _Said) -> Iterator[tuple[int, relation.Relation]]:
    """Yield the best right candidate, and for a claim the likest of another one, with what they are to it."""
    right = np.flatnonzero(np.isin(rows, list(said.about.right)))
    other = np.flatnonzero(~np.isin(rows, list(said.about.unsure)))
    if right.size:
        yield int(right[0]), "denial" if said.denies else "same"
    if other.size and not said.denies:
        yield int(other[0]), "topic"


if __name__ == "__main__":
    main()
