"""How commands get a matcher with an archive in it."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence

from models import calibration
from models.encoders import Encoder, Progress, load_encoder
from models.matching import Matcher
from models.types import Entry
from triage.config import Config
from triage.encoding import encoder_errors

_CHUNK = 1024


def encoder(config: Config, progress: Progress) -> Encoder:
    """Load the encoder of this installation, building it if it has to be."""
    with encoder_errors():
        return load_encoder(config.encoder, config.encoders, progress)


def matcher(config: Config, progress: Progress) -> Matcher:
    """Return a matcher with the encoder and the calibration of this installation, and an empty archive."""
    with encoder_errors():
        return Matcher(encoder(config, progress), calibration.load(config.calibration))


def fill(matcher: Matcher, entries: Sequence[Entry], progress: Progress) -> None:
    """Encode entries and put them into the matcher's index."""
    for start in range(0, len(entries), _CHUNK):
        chunk = entries[start : start + _CHUNK]
        matcher.index.update(chunk, matcher.encode_entries(chunk))
        done = start + len(chunk)
        progress(f"archive: {done:,} of {len(entries):,} entries encoded", done / len(entries))


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
