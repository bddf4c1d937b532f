"""Any other model: a small one made here, damaged folders, and names that nobody has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.encoders import Encoder, EncoderDamaged, EncoderMissing, load_encoder
from models.encoders.api import MAX_TOKENS

TEXTS = ["air laut surut", "Awas! bantuan palsu", "", "\ud83d air", "\0", "😀" * 10_000, "air " * 5_000]
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "air",
    "laut",
    "surut",
    "awas",
    "bantuan",
    "palsu",
    "query",
    ":",
    "!",
]


def _save(folder: Path, seed: int = 1, **declared: Any) -> Path:
    """Save a BERT of a few thousand random weights; `declared` are its prompts and their default."""
    import torch  # noqa: PLC0415 - seconds, as the next three
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer  # noqa: PLC0415
    from transformers import BertConfig, BertModel, BertTokenizerFast  # noqa: PLC0415

    torch.manual_seed(seed)
    parts = folder.parent / f"{folder.name}-parts"
    parts.mkdir(parents=True)
    (parts / "vocab.txt").write_text("\n".join([*WORDS, *"abcdefghijklmnopqrstuvwxyz"]), "utf-8")
    BertTokenizerFast(vocab_file=str(parts / "vocab.txt")).save_pretrained(parts)
    config = BertConfig(
        vocab_size=len(WORDS) + 26,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
    )
    BertModel(config).save_pretrained(parts)
    transformer = Transformer(str(parts))
    steps = [transformer, Pooling(transformer.get_embedding_dimension())]
    SentenceTransformer(modules=steps, device="cpu", **declared).save(str(folder), create_model_card=False)
    shutil.rmtree(parts)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model that declares no prompts."""
    return _save(tmp_path_factory.mktemp("plain") / "kecil")


@pytest.fixture(scope="module")
def kecil(plain: Path) -> Encoder:
    return load_encoder(str(plain), plain)


def _expected(folder: Path, text: str) -> np.ndarray:
    """What the library itself gives for a text, prompt included."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds

    model = SentenceTransformer(str(folder), device="cpu")
    return model.encode(text, prompt="", normalize_embeddings=True)


def test_a_folder_is_loaded_and_gives_unit_vectors(kecil: Encoder) -> None:
    assert kecil.dimension == 16
    for role in ("query", "passage"):
        vectors = kecil.encode(TEXTS, role)
        assert vectors.shape == (len(TEXTS), 16)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert kecil.encode([], role).shape == (0, 16)


def test_long_texts_are_cut_at_the_limit_of_all_encoders(kecil: Encoder) -> None:
    words = ["air"] * (MAX_TOKENS - 2)
    short, long, other = kecil.encode(
        [" ".join(words), " ".join([*words, "palsu"]), " ".join(["palsu", *words])], "query"
    )
    assert short == pytest.approx(long, abs=1e-6)
    assert short != pytest.approx(other, abs=1e-3)


def test_the_name_changes_with_the_weights_and_with_nothing_else(
    plain: Path, kecil: Encoder, tmp_path: Path
) -> None:
    again = shutil.copytree(plain, tmp_path / "copy" / "kecil")
    (again / "CATATAN.md").write_text("catatan", "utf-8")
    assert load_encoder(str(again), tmp_path).name == kecil.name
    other = load_encoder(str(_save(tmp_path / "other" / "kecil", seed=2)), tmp_path)
    assert other.name.startswith("kecil-")
    assert kecil.name.startswith("kecil-")
    assert other.name != kecil.name
    assert other.encode(["air"], "query") != pytest.approx(kecil.encode(["air"], "query"), abs=1e-3)


def test_e5_models_get_their_prefixes_and_others_none(plain: Path, kecil: Encoder, tmp_path: Path) -> None:
    bare, prefixed = _expected(plain, "air"), _expected(plain, "query: air")
    assert bare != pytest.approx(prefixed, abs=1e-3)
    for name, expected in [("tiny-e5-kecil", prefixed), ("E5", prefixed), ("e500", bare), ("ace5", bare)]:
        encoder = load_encoder(str(shutil.copytree(plain, tmp_path / name)), tmp_path)
        assert encoder.encode(["air"], "query")[0] == pytest.approx(expected, abs=1e-5), name
    assert kecil.encode(["air"], "query")[0] == pytest.approx(bare, abs=1e-5)
    assert kecil.encode(["air"], "passage")[0] == pytest.approx(bare, abs=1e-5)


def test_declared_prompts_are_used_once_and_no_others(tmp_path: Path) -> None:
    prompts = {"query": "awas ", "document": "palsu ", "other": "surut "}
    folder = _save(tmp_path / "e5-lain", prompts=prompts, default_prompt_name="other")
    encoder = load_encoder(str(folder), tmp_path)
    for role, whole in (("query", "awas air"), ("passage", "palsu air")):
        assert encoder.encode(["air"], role)[0] == pytest.approx(_expected(folder, whole), abs=1e-5), role


def test_a_default_prompt_of_another_role_is_left_out(tmp_path: Path) -> None:
    folder = _save(tmp_path / "lain", prompts={"query": "awas "}, default_prompt_name="query")
    encoder = load_encoder(str(folder), tmp_path)
    assert encoder.encode(["air"], "passage")[0] == pytest.approx(_expected(folder, "air"), abs=1e-5)


def _step(kind: str) -> str:
    return json.dumps([{"idx": 0, "name": "0", "path": "", "type": kind}])


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"catatan.txt": "halo"},
        {"config.json": "{}"},
        {"config.json": "[]"},
        {"config.json": '{"model_type": "bert"}'},
        {"modules.json": "{"},
        {"modules.json": "[]"},
        {"modules.json": '["x"]'},
        {"modules.json": _step("tidak.Ada")},
        {"modules.json": _step("sentence_transformers.models.TidakAda")},
        {"modules.json": _step("sentence_transformers.models.Normalize")},
    ],
    ids=str,
)
def test_a_folder_that_holds_no_model_is_damaged(tmp_path: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(EncoderDamaged, match=f"PENJAGA_ENCODER={tmp_path}"):
        load_encoder(str(tmp_path), tmp_path)


def test_weights_cut_short_are_damaged(plain: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(plain, tmp_path / "kecil")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(EncoderDamaged, match=f"PENJAGA_ENCODER={folder}"):
        load_encoder(str(folder), tmp_path)


def test_a_path_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match=f"PENJAGA_ENCODER={tmp_path / 'tidak-ada'}: no such folder"):
        load_encoder(str(tmp_path / "tidak-ada"), tmp_path)


def test_a_name_that_nobody_has_ends_in_one_clear_line(tmp_path: Path) -> None:
    environ = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path),
        "PENJAGA_DATA": str(tmp_path / "data"),
        "PENJAGA_ENCODER": "penjaga/tidak-ada",
    }
    done = subprocess.run(
        [sys.executable, "-m", "triage.cli", "encoder", "build"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "penjaga: PENJAGA_ENCODER=penjaga/tidak-ada: no such folder, and no model" in done.stderr
    assert "Traceback" not in done.stderr
