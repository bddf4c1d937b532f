"""`python -m models.training.harms --data DIR [--target FILE]`: learn which harm a message may do.

The archive has no such labels. Our word lists give the first ones; a model that is not shown the listed words
learns from what stands around them, and labels what the lists do not know where it is sure; the final model
learns from both, all words shown. What is printed was measured on rows that people had read and labelled.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report

from models import benchmark, harms, priority
from models.harms import HarmModel, as_json, terms, vectoriser
from models.text import words
from models.types import HARMS

DATE = "2026-11"
TARGET = Path(__file__).parent.parent / "data" / "harms.json"
_CLAIMS = (("id_archive.jsonl", "title"), ("id_pairs.train.jsonl", "query"))
_EVERYDAY = (
    ("style_pairs.jsonl", "informal"),
    ("lang_pairs.train.jsonl", "ind"),
    ("lang_pairs.train.jsonl", "tgt"),
)
_SURE = 0.8
_INVERSE_PENALTY = 8.0
_OTHER = HARMS.index("other")


def main() -> None:
    """Fit on the files in --data, write to --target, and print both ways on what people labelled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    model = fit(_texts(arguments.data, _CLAIMS), _texts(arguments.data, _EVERYDAY))
    arguments.target.write_text(as_json(model), "utf-8")
    harms.fitted.cache_clear()
    asked, labels = labelled(arguments.data)
    for name, said in (
        ("word lists", [priority.listed_harm(each)[0] for each in asked]),
        ("learned", [harms.likeliest(words(each), priority.LEAST_SURE) for each in asked]),
    ):
        sys.stdout.write(f"{name}, {len(asked)} rows of id_pairs.dev and id_negatives.dev\n")
        sys.stdout.write(classification_report(labels, said, labels=list(HARMS), zero_division=0.0) + "\n")


def fit(claims: Sequence[Sequence[str]], everyday: Sequence[Sequence[str]]) -> HarmModel:
    """Fit on texts in words of normal form: what was fact-checked, and sentences of daily life.

    A sentence of daily life in which the lists know nothing does no harm.
    """
    texts = [*claims, *everyday]
    listed = [priority.listed_words(each) for each in texts]
    found = np.array([HARMS.index(priority.harm_of_words(each)) for each in listed])
    known = (found != _OTHER) | (np.arange(len(texts)) >= len(claims))
    hidden = [
        [word for word in text if word not in seen]
        for text, seen in zip(texts, (frozenset(" ".join(each).split()) for each in listed), strict=True)
    ]
    around = _rows(hidden)
    first = LogisticRegression(C=_INVERSE_PENALTY, max_iter=400).fit(around[known], found[known])
    shares = first.predict_proba(around)
    best, sure = first.classes_[shares.argmax(axis=1)], shares.max(axis=1) >= _SURE
    labels = np.where(known, found, best)
    # What the lists do not know and the first model is of two minds about teaches nothing.
    told = known | sure
    final = LogisticRegression(C=_INVERSE_PENALTY, max_iter=400).fit(_rows(texts)[told], labels[told])
    counts: dict[str, float] = {
        name: float((labels[told] == number).sum()) for number, name in enumerate(HARMS)
    }
    order = np.argsort(final.classes_)
    return HarmModel(
        data="id_archive, id_pairs.train, style_pairs, lang_pairs.train", date=DATE, figures=counts,
        intercepts=final.intercept_[order], weights=final.coef_[order].astype(np.float32),
    )  # fmt: skip


def labelled(folder: Path) -> tuple[list[str], list[str]]:
    """Return the messages that people labelled, and their labels."""
    stored = json.loads(resources.files("models").joinpath("data/harm_labels.json").read_text("utf-8"))
    label_of = {row: name for name in HARMS for row in stored[name].split()}
    found = []
    for file, key, field in (
        ("id_pairs.dev.jsonl", "query_id", "query"), ("id_negatives.dev.jsonl", "neg_id", "text"),
    ):  # fmt: skip
        found += [
            (row.text(field), label_of[row.text(key)])
            for row in benchmark.rows(folder / file)
            if row.text(key) in label_of
        ]
    return [text for text, _ in found], [label for _, label in found]


def _rows(texts: Sequence[Sequence[str]]) -> csr_matrix:
    return vectoriser().transform([terms(each) for each in texts])


def _texts(folder: Path, fields: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [words(row.text(field)) for file, field in fields for row in benchmark.rows(folder / file)]


if __name__ == "__main__":
    main()
