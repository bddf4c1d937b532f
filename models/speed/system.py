"""What is measured: something that finds the ten entries of an archive that are likest to a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.encoders import Encoder, load_encoder

OURS = "Penjaga"
TOP = 10
CHUNK = 5_000
"""Entries taken in at a time, as a worker does."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Which encoder, where its builds are, the same model in full precision, and the calibration."""

    encoder: str
    encoders: Path
    full: str
    calibration: Path | None

    def load(self) -> Encoder:
        """Load the encoder as the product does."""
        return load_encoder(self.encoder, self.encoders)

    def as_json(self) -> dict[str, str]:
        """Return what `from_json` reads."""
        chosen = str(self.calibration) if self.calibration else ""
        return {
            "encoder": self.encoder,
            "encoders": str(self.encoders),
            "full": self.full,
            "calibration": chosen,
        }

    @classmethod
    def from_json(cls, stored: dict[str, str]) -> Setting:
        """Read what `as_json` gave."""
        chosen = stored["calibration"]
        return cls(
            encoder=stored["encoder"], encoders=Path(stored["encoders"]), full=stored["full"],
            calibration=Path(chosen) if chosen else None,
        )  # fmt: skip


class System(Protocol):
    """Something that answers messages."""

    def answer(self, messages: Sequence[str]) -> None:
        """Find the ten best entries for each message."""
