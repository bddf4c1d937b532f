"""The adapter: training makes one, its file keeps it, and merged it does what training taught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from models.encoders import EncoderDamaged
from models.encoders.adapter import load_adapter, save
from models.encoders.bundled import ADAPTER
from models.encoders.q4file import Q4File, parse_q4
from models.encoders.torch_folder import write_torch_folder
from models.training.finetune import train
from models.training.pairs import Batch
from tests.tiny_q4 import HIDDEN, TinyQ4

TEXTS = ["air laut", "tali rusa", "ular lari"]


@pytest.fixture(scope="module")
def tiny() -> Q4File:
    return parse_q4(TinyQ4().pack(), "tiny")


def _model(source: Q4File, folder: Path) -> SentenceTransformer:
    write_torch_folder(source, folder)
    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = 12
    return model


def test_merged_weights_do_what_the_trained_model_does(tiny: Q4File, tmp_path: Path) -> None:
    model = _model(tiny, tmp_path / "base")
    before = model.encode(TEXTS)
    batch = Batch(queries=["air laut", "tali"], passages=["laut", "tali rusa"], others=["ular", "lari"])
    adapter = train(model, [batch] * 12)
    trained = model.encode(TEXTS)
    assert not np.allclose(trained, before, atol=1e-3)

    path = tmp_path / "adapter.safetensors"
    save(adapter, path, {"seed": "1"})
    merged = replace(tiny, changes=load_adapter(path))
    after = _model(merged, tmp_path / "merged").encode(TEXTS)
    np.testing.assert_allclose(after, trained, atol=2e-3)


def test_training_brings_together_what_belongs_together(tiny: Q4File, tmp_path: Path) -> None:
    model = _model(tiny, tmp_path / "base")
    batch = Batch(queries=["air laut", "tali rusa"], passages=["ular", "lari"], others=[])

    def apart() -> float:
        query = model.encode(["query: air laut", "query: tali rusa"], prompt="")
        passage = model.encode(["passage: ular", "passage: lari"], prompt="")
        likeness = query @ passage.T
        return float(np.trace(likeness) - likeness[0, 1] - likeness[1, 0])

    before = apart()
    train(model, [batch] * 40)
    assert apart() > before


def test_a_change_that_does_not_fit_its_tensor_is_refused(tiny: Q4File) -> None:
    wrong = replace(tiny, changes={"l0.q.w": (np.ones((HIDDEN + 1, 2)), np.ones((2, HIDDEN)))})
    with pytest.raises(EncoderDamaged, match=r"l0\.q\.w has shapes \(33, 2\)"):
        wrong.matrix("l0.q.w", HIDDEN, HIDDEN)


@pytest.mark.parametrize("content", [None, b"", b"no adapter"])
def test_what_is_no_adapter_is_refused_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "adapter.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EncoderDamaged, match=r"adapter\.safetensors"):
        load_adapter(path)


def test_the_adapter_that_comes_with_the_program_is_small_and_changes_every_layer() -> None:
    adapter = load_adapter(ADAPTER)
    assert {name.split(".")[0] for name in adapter} == {f"l{layer}" for layer in range(12)}
    assert {name.split(".")[1] for name in adapter} == {"q", "k", "v", "ao", "fi", "fo"}
    assert ADAPTER.stat().st_size < 4_000_000
    assert all(np.abs(up @ down).max() > 0 for up, down in adapter.values())
