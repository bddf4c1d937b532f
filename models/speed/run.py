"""All measurements of one run: each system in a process of its own, one after the other."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from models.encoders import Encoder, Progress
from models.speed import material
from models.speed.figures import Figures
from models.speed.material import Archive, Texts
from models.speed.peers import PEERS, TORCH
from models.speed.system import OURS, Setting

LARGEST = 270_000


class MeasuringFailed(Exception):
    """A system could not be measured; the message is the last that its process said."""


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by size of the archive and by system, and the peers that are not installed."""

    figures: dict[int, dict[str, Figures]]
    missing: tuple[str, ...]


def sizes(largest: int) -> tuple[int, int, int]:
    """Return the sizes of the archive that are measured: a tenth, a third and all of the largest."""
    return largest // 10, largest // 3, largest


def compare(texts: Texts, setting: Setting, encoder: Encoder, largest: int, progress: Progress) -> Report:
    """Measure Penjaga at three sizes of the archive, peers at the smallest and the largest.

    The stream of repeats is measured at the smallest. Raises MeasuringFailed.
    """
    installed = [name for name, peer in PEERS.items() if importlib.util.find_spec(peer.package)]
    small, middle, large = sizes(largest)
    todo = [(size, name) for size in (small, large) for name in (OURS, *installed)]
    todo.insert(1 + len(installed), (middle, OURS))
    found: dict[int, dict[str, Figures]] = {size: {} for size in (small, middle, large)}
    with tempfile.TemporaryDirectory(prefix="penjaga-bench-") as folder:
        material.write(texts, largest, encoder, Path(folder), progress)
        for done, (size, name) in enumerate(todo):
            progress(f"{name} against {size:,} entries", done / len(todo))
            with_stream = size == small and name in (OURS, TORCH)
            found[size][name] = _measure(name, setting, Archive(Path(folder), size), with_stream)
    return Report(found, tuple(name for name in PEERS if name not in installed))


def _measure(name: str, setting: Setting, archive: Archive, with_stream: bool) -> Figures:
    asked = {
        "system": name,
        "setting": setting.as_json(),
        "folder": str(archive.folder),
        "entries": archive.entries,
        "stream": with_stream,
        "started": time.time(),
    }
    child = subprocess.run(
        [sys.executable, "-m", "models.speed.child"],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if child.returncode:
        said = child.stderr.strip().splitlines() or [f"ended with {child.returncode}"]
        raise MeasuringFailed(f"{name}: {said[-1]}")
    return Figures.from_json(json.loads(child.stdout.splitlines()[-1]))
