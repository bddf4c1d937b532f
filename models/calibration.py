"""The fitted part of matching: one versioned file that names its encoder, its data and its date."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features import NAMES
from models.retrieval import Background

_FILE = "calibration.json"


class CalibrationRefused(ValueError):
    """A calibration cannot be read, or was fitted on other features than this version computes."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over standardised features, and the probabilities from which bands begin.

    `weights`, `means`, `scales`: shape (len(features.NAMES),). `answer`, `review`: probabilities, 0 to 1.
    """

    encoder: str
    data: str
    date: str
    intercept: float
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    background: dict[str, Background]
    answer: float
    review: float
    figures: dict[str, float]

    def contributions(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each feature adds to the log-odds, shape (candidates, features)."""
        added: NDArray[np.float64] = (features - self.means) / self.scales * self.weights
        return added

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each candidate, shape (candidates,)."""
        odds: NDArray[np.float64] = self.contributions(features).sum(axis=1) + self.intercept
        return 1.0 / (1.0 + np.exp(-odds))

    @property
    def identity(self) -> str:
        """Short name that changes with any fitted number."""
        return hashlib.sha256(_as_json(self).encode()).hexdigest()[:8]


def load(path: Path | None = None) -> Calibration:
    """Read a calibration, by default the one that comes with the program. Raises `CalibrationRefused`."""
    source = resources.files("models").joinpath("data", _FILE) if path is None else path
    try:
        return _from_json(json.loads(source.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CalibrationRefused(f"{source} is no calibration for this version ({error!r})") from error


def _from_json(stored: dict[str, Any]) -> Calibration:
    if tuple(stored["features"]) != NAMES:
        raise ValueError("fitted on other features: run `python -m models.training.calibrate`")
    columns = np.array(
        [[each["weight"], each["mean"], each["scale"]] for each in stored["features"].values()]
    )
    background = {name: Background(**each) for name, each in stored["background"].items()}
    return Calibration(
        encoder=stored["encoder"], data=stored["data"], date=stored["date"], intercept=stored["intercept"],
        weights=columns[:, 0], means=columns[:, 1], scales=columns[:, 2], background=background,
        answer=stored["answer"], review=stored["review"], figures=stored["figures"],
    )  # fmt: skip


def save(calibration: Calibration, path: Path) -> None:
    """Write a calibration in the form that `load` reads."""
    path.write_text(_as_json(calibration), "utf-8")


def _as_json(calibration: Calibration) -> str:
    columns = zip(calibration.weights, calibration.means, calibration.scales, strict=True)
    stored: dict[str, Any] = {
        "encoder": calibration.encoder,
        "data": calibration.data,
        "date": calibration.date,
        "answer": calibration.answer,
        "review": calibration.review,
        "figures": calibration.figures,
        "background": {
            name: {"mean": each.mean, "spread": each.spread} for name, each in calibration.background.items()
        },
        "intercept": round(calibration.intercept, 5),
        "features": {
            name: {"weight": round(float(w), 5), "mean": round(float(m), 5), "scale": round(float(s), 5)}
            for name, (w, m, s) in zip(NAMES, columns, strict=True)
        },
    }
    return json.dumps(stored, indent=2) + "\n"
