"""From log-odds to bands: a line for each class of messages, and the probabilities where bands begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.calibration import CLASSES, Calibration, Line, class_of
from models.training.compare import Compared
from models.training.rerank import Ranker

# Messages whose known entries are hidden are looked at as well, but nothing is chosen on them: of 25 of them
# that were answered, all read by hand, 20 had found an entry for the same hoax that nobody had linked.
ANSWERED_ABSENT = 0.001
SHOWN_ABSENT = 0.14
ANSWERED_RIGHT = 0.98
"""Least share of answers that are right or may be."""
_LEAST_OF_CLASS = 60
_PARTS = 20


@dataclass(frozen=True, slots=True)
class Best:
    """The best candidate of each message, every array of shape (messages,).

    `odds`: its log-odds; `kind`: place of the message's class in `calibration.CLASSES`.
    """

    odds: NDArray[np.float64]
    kind: NDArray[np.intp]
    right: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    barred: NDArray[np.bool_]


def best(ranker: Ranker, compared: Sequence[Compared]) -> Best:
    """Return the best candidate of each message by a ranker that has not seen these messages."""
    return Best(*(np.array(column) for column in zip(*_each(ranker, compared), strict=True)))


def joined(parts: Sequence[Best]) -> Best:
    """Return all messages of `parts`."""
    names = ("odds", "kind", "right", "unsure", "barred")
    return Best(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _each(ranker: Ranker, compared: Sequence[Compared]) -> Iterator[tuple[float, int, bool, bool, bool]]:
    for each in compared:
        odds = ranker.log_odds(each.features)
        place = int(np.argmax(odds))
        kind = CLASSES.index(class_of(each.features))
        right, unsure, barred = (bool(told[place]) for told in (each.right, each.unsure, each.barred))
        yield float(odds[place]), kind, right, unsure, barred


def lines(known: Best) -> dict[str, Line]:
    """Fit a line per class on the best candidates of messages that the archive knows.

    Those of which nobody knows whether they are right are left out.
    """
    found = {}
    for place, name in enumerate(CLASSES):
        own = (known.kind == place) & (known.right | ~known.unsure)
        if own.sum() < _LEAST_OF_CLASS:
            own = known.right | ~known.unsure
        line = LogisticRegression(C=100.0).fit(known.odds[own, np.newaxis], known.right[own])
        found[name] = Line(float(line.coef_[0, 0]), float(line.intercept_[0]))
    return found


def probabilities(fitted: dict[str, Line], found: Best) -> NDArray[np.float64]:
    """Return the calibrated probability of each best candidate."""
    slopes, intercepts = np.array([fitted[name] for name in CLASSES]).T
    odds: NDArray[np.float64] = slopes[found.kind] * found.odds + intercepts[found.kind]
    return 1.0 / (1.0 + np.exp(-odds))


def with_bands(draft: Calibration, known: Best, hidden: Best, absent: Best) -> Calibration:
    """Choose where `answer` and `review` begin, and say what that does to the messages it was chosen on."""
    of_known, of_hidden, of_absent = (probabilities(draft.lines, each) for each in (known, hidden, absent))
    answerable = [
        np.where(each.barred, 0.0, p)
        for each, p in ((known, of_known), (hidden, of_hidden), (absent, of_absent))
    ]
    precise = _precise_from(answerable[0], known.right | known.unsure)
    answer = max(_rarer(answerable[2], ANSWERED_ABSENT), precise)
    review = _rarer(of_absent, SHOWN_ABSENT)
    answered = answerable[0] >= answer
    figures = {
        "messages": len(of_known),
        "answered": answered.mean(),
        "answered_right": known.right[answered].mean(),
        "answered_right_or_unsure": known.unsure[answered].mean(),
        "answered_or_shown": (of_known >= review).mean(),
        "hidden_answered": (answerable[1] >= answer).mean(),
        "hidden_answered_or_shown": (of_hidden >= review).mean(),
        "absent": len(of_absent),
        "absent_answered": (answerable[2] >= answer).mean(),
        "absent_answered_or_shown": (of_absent >= review).mean(),
        "absent_answered_unseen": _unseen(answerable[2], ANSWERED_ABSENT, precise),
        "absent_answered_or_shown_unseen": _unseen(of_absent, SHOWN_ABSENT, 0.0),
    }
    rounded = {name: round(float(value), 4) for name, value in figures.items()}
    # Upwards: a message exactly at the bound was counted as outside.
    return replace(draft, answer=round(answer + 5e-5, 4), review=round(review, 4), figures=rounded)


def _rarer(probability: NDArray[np.float64], share: float) -> float:
    """Return the bound that no more than `share` of some messages reach: halfway to the next one below."""
    allowed = int(share * probability.size)
    above, below = np.sort(np.append(probability, 1.0))[::-1][allowed : allowed + 2]
    return float(above + below) / 2


def _unseen(probability: NDArray[np.float64], share: float, least: float) -> float:
    """Return which share reaches a bound that was chosen without them: each of some parts on the others."""
    part = np.arange(probability.size) % _PARTS
    bounds = [max(_rarer(probability[part != own], share), least) for own in range(_PARTS)]
    return float((probability >= np.array(bounds)[part]).mean())


def _precise_from(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the least probability from which on the wanted share of answers is right."""
    order = np.argsort(-probability)
    share = np.cumsum(right[order]) / np.arange(1, order.size + 1)
    enough = np.flatnonzero(share >= ANSWERED_RIGHT)
    return float(probability[order[enough[-1]]]) if enough.size else 1.0
