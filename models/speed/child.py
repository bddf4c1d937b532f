"""`python -m models.speed.child`: measure one system in a process of its own, as `models.speed.run` asks.

Takes what is to be measured as JSON on its standard input, and writes what was found on its standard output.
No more is imported than the system needs: the rest would count as its memory and its time to be ready.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from models.speed.figures import Figures, Stream
from models.speed.material import Archive
from models.speed.peers import PEERS
from models.speed.system import OURS, Setting, System

_WARM_UP = 3
_BATCH = 30


def main() -> None:
    """Measure what standard input names."""
    asked = json.load(sys.stdin)
    archive = Archive(Path(asked["folder"]), asked["entries"])
    measure = _ours if asked["system"] == OURS else _peer(asked["system"])
    figures = measure(Setting.from_json(asked["setting"]), archive, asked["started"], asked["stream"])
    json.dump(asdict(figures), sys.stdout)


def _ours(setting: Setting, archive: Archive, started: float, with_stream: bool) -> Figures:
    from models.speed.ours import Penjaga, Recogniser  # noqa: PLC0415 - a peer must do without

    penjaga = Penjaga(setting, archive)
    figures = _answer(penjaga, archive, started)
    if with_stream:
        recogniser = Recogniser(penjaga)
        taken, matched = [], []
        for message in archive.stream():
            before = recogniser.matched
            taken.append(_milliseconds(recogniser, [message]))
            matched.append(recogniser.matched > before)
        repeats = [each for each, was_matched in zip(taken, matched, strict=True) if not was_matched]
        figures.stream = Stream(len(taken), sum(taken), sum(matched), sum(repeats) / max(len(repeats), 1))
    from models.speed.steps import costs  # noqa: PLC0415 - no part of being ready

    figures.steps_ms = costs(penjaga, archive.messages())
    return figures


def _peer(name: str) -> Callable[[Setting, Archive, float, bool], Figures]:
    def measure(setting: Setting, archive: Archive, started: float, with_stream: bool) -> Figures:
        system = PEERS[name].load(setting, archive)
        figures = _answer(system, archive, started)
        if with_stream:
            # It does not tell a repeat from a new message.
            taken = [_milliseconds(system, [message]) for message in archive.stream()]
            figures.stream = Stream(len(taken), sum(taken), len(taken), 0.0)
        return figures

    return measure


def _answer(system: System, archive: Archive, started: float) -> Figures:
    messages = archive.messages()
    system.answer(messages[:1])
    ready = time.time() - started
    system.answer(messages[:_WARM_UP])
    each = [_milliseconds(system, [message]) for message in messages]
    batches = [messages[start : start + _BATCH] for start in range(0, len(messages), _BATCH)]
    together = sum(_milliseconds(system, batch) for batch in batches) / len(messages)
    return Figures(ready, tuple(each), together, _peak_megabytes())


def _milliseconds(system: System, messages: Sequence[str]) -> float:
    started = time.perf_counter()
    system.answer(messages)
    return 1000 * (time.perf_counter() - started)


def _peak_megabytes() -> float:
    try:
        # Unlike the peak that `resource` tells, without that of the process that this one was forked from.
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    main()
