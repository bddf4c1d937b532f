"""How fast the bundled encoder is, beside its peers, in one run on one machine.

`python -m models.encoders.speed FOLDER` prints the table; FOLDER is a build, the one with
the manifest in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from models.encoders.api import MAX_TOKENS, PREFIX
from models.encoders.bundled import FULL, INT8
from models.encoders.onnx_encoder import VOCABULARY, OnnxEncoder
from models.encoders.segmenter import Segmenter

THREADS = 2
_BLOCKS = 3
_REST_S = 0.5
_OPENINGS = ("Katanya", "Kabar dari grup RT:", "Tolong sebarkan,", "Info dari saudara,", "Hati-hati,")
_CLAIMS = (
    "minum {thing} tiap pagi bisa menyembuhkan {illness} tanpa perlu ke puskesmas",
    "bantuan untuk warga {place} cair besok, asal mendaftar lewat tautan berikut",
    "petugas palsu berkeliling di {place} meminta foto KTP dan kode OTP warga",
    "suntikan dari posyandu {place} membuat anak terkena {illness}",
    "pasar {place} ditutup seminggu karena ada pedagang yang sakit {illness}",
)
_THINGS = ("rebusan daun sirih", "air kelapa muda", "jamu kunyit asam", "madu dan bawang putih")
_ILLNESSES = ("kencing manis", "demam berdarah", "darah tinggi", "lumpuh layu", "asam urat", "campak")
_PLACES = ("Gempol", "Purwosari", "Bangil", "Sukorejo", "Nguling", "Tosari", "Kejayan")

Encode = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class SpeedRow:
    """Median milliseconds of one workload; `tokens` is the mean length of its texts."""

    workload: str
    texts: int
    tokens: float
    peer: str
    int8_ms: float
    peer_ms: float

    @property
    def ratio(self) -> float:
        """How many times as long the peer takes."""
        return self.peer_ms / self.int8_ms


def claim(number: int) -> str:
    """Return one of some thousand made-up claims."""
    return _CLAIMS[number % len(_CLAIMS)].format(
        thing=_THINGS[number % len(_THINGS)],
        illness=_ILLNESSES[number % len(_ILLNESSES)],
        place=_PLACES[number % len(_PLACES)],
    )


def sentence(number: int) -> str:
    """Return a rumour of about 25 tokens with its prefix."""
    return f"{_OPENINGS[number // 3 % len(_OPENINGS)]} {claim(number)}."


def long_texts(count: int = 120) -> list[str]:
    """Return `count` texts of about 75 tokens with their prefix."""
    return [
        f"{sentence(4 * number)} Juga {', '.join(claim(4 * number + more) for more in (1, 2, 3))}."
        for number in range(count)
    ]


def _median_ms(runs: dict[str, Encode], texts: Sequence[str], repeats: int) -> dict[str, float]:
    """Time all of `runs` in turn, in blocks, `repeats` times in all, so that each meets the same weather."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(_BLOCKS):
        for name, encode in runs.items():
            # Threads of the peer before go on spinning for a while; and the first call finds cold caches.
            time.sleep(_REST_S)
            encode(texts)
            for _ in range(-(-repeats // _BLOCKS)):
                started = time.perf_counter()
                encode(texts)
                taken[name].append(1000 * (time.perf_counter() - started))
    return {name: median(times) for name, times in taken.items()}


def _torch_peer(folder: Path) -> Encode:
    import torch  # noqa: PLC0415 - the encoder must do without
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - the same

    torch.set_num_threads(THREADS)
    model = SentenceTransformer(str(folder / FULL), device="cpu", local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    return lambda texts: model.encode([PREFIX["passage"] + text for text in texts], show_progress_bar=False)


def compare(encoder_folder: Path, texts: Sequence[str] | None = None, *, repeats: int = 15) -> list[SpeedRow]:
    """Time the int8 encoder of a build against its peers, all on THREADS threads.

    The peer is sentence-transformers on torch in full precision, from the same build. Both
    get a single sentence and, as one batch, `texts`: 120 texts of about 75 tokens unless
    others are given. One row per workload and peer.
    """
    own = OnnxEncoder(encoder_folder / INT8, "timed", threads=THREADS)
    segmenter = Segmenter(encoder_folder / INT8 / VOCABULARY)
    runs: dict[str, Encode] = {
        "": lambda batch: own.encode(batch, "passage"),
        "sentence-transformers, torch fp32": _torch_peer(encoder_folder),
    }
    rows: list[SpeedRow] = []
    for workload, batch, times in (
        ("one text", [sentence(5)], 4 * repeats),
        ("batch", list(texts or long_texts()), max(3, repeats // 3)),
    ):
        taken = _median_ms(runs, batch, times)
        tokens = fmean(len(segmenter.ids(PREFIX["passage"] + text, MAX_TOKENS)) for text in batch)
        rows.extend(
            SpeedRow(workload, len(batch), tokens, peer, taken[""], taken[peer]) for peer in runs if peer
        )
    return rows


def main(folder: str) -> None:
    """Print one line per workload and peer."""
    for row in compare(Path(folder)):
        sys.stdout.write(
            f"{row.workload}: {row.texts} x {row.tokens:.0f} tokens, int8 {row.int8_ms:.1f} ms, "
            f"{row.peer} {row.peer_ms:.1f} ms, ratio {row.ratio:.2f}\n"
        )


if __name__ == "__main__":
    main(sys.argv[1])
