"""`python -m models.training.finetune --data DIR [--target FILE]`: train the bundled encoder's adapter.

Low-rank changes to every linear layer of the bundled weights, learned from messages and the fact-checks that
answer them, from what the archive says of itself, and from sentences in Javanese, Madurese and informal
Indonesian. Needs the extra `train`; takes about an hour on two cores. The adapter is merged into the
weights when the encoder is built.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch.nn.attention import SDPBackend, sdpa_kernel

from models import benchmark
from models.encoders.adapter import Adapter, save
from models.encoders.api import PREFIX
from models.encoders.bundled import ADAPTER, find_bundled
from models.encoders.q4file import read_q4
from models.encoders.torch_folder import LAYER_PARTS, write_torch_folder
from models.index import MatchIndex
from models.training import pairs
from models.training.pairs import Batch, Example
from models.types import Entry

SEED = 20261125
RANK, ALPHA = 16, 32
_PARTS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]
_RATE, _WARM_UP, _DECAY, _CLIP = 6e-4, 0.05, 0.01, 1.0
_TEMPERATURE = 0.03
_MESSAGE_TOKENS, _ENTRY_TOKENS = 96, 40
_LONG, _SHORT = 64, 128  # rows of a batch of messages, and of sentences
_MESSAGE_ROUNDS, _SENTENCE_ROUNDS, _STYLE_ROUNDS = 3, 2, 1
_SAID_EVERY = 20


def main() -> None:
    """Train on the files in --data and write the adapter to --target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=ADAPTER)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    bundled = find_bundled()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        write_torch_folder(read_q4(bundled.weights), base)
        model = SentenceTransformer(str(base), device="cpu")
    entries = benchmark.entries(arguments.data)
    _say(f"encoding {len(entries)} entries")
    planned = plan(arguments.data, entries, vectors(model, [entry.texts[0] for entry in entries]))
    _say(f"{len(planned)} batches")
    adapter = train(model, planned)
    save(adapter, arguments.target, {"weights": bundled.sha256, "seed": str(SEED)})
    _say(f"{arguments.target} written")


def vectors(model: SentenceTransformer, texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode entries as the model does before training, shape (texts, dimension)."""
    model.max_seq_length = _ENTRY_TOKENS
    found: NDArray[np.float32] = model.encode(
        [PREFIX["passage"] + text for text in texts], prompt="", convert_to_numpy=True
    )
    return found


def plan(data: Path, entries: Sequence[Entry], encoded: NDArray[np.float32]) -> list[Batch]:
    """Return all batches in the order in which they are trained on; `encoded`: a vector per entry."""
    index = MatchIndex(encoded.shape[1])
    index.update(entries, encoded)
    snapshot = index.snapshot()
    assert snapshot is not None, "the archive is empty"  # noqa: S101
    known = pairs.messages(snapshot, benchmark.pairs(data, "train"))
    sentences = pairs.languages(data)
    random = Random(SEED)  # noqa: S311 - to be repeatable, not to be secret
    found = pairs.batches(pairs.archive(snapshot, data), _LONG, random)
    for _ in range(_MESSAGE_ROUNDS):
        found += pairs.batches(known, _LONG, random, noisy=True)
    found += _rounds(sentences, _SENTENCE_ROUNDS, random) + _rounds(pairs.styles(data), _STYLE_ROUNDS, random)
    random.shuffle(found)
    return found


def _rounds(examples: Sequence[Example], rounds: int, random: Random) -> list[Batch]:
    return [batch for _ in range(rounds) for batch in pairs.batches(examples, _SHORT, random)]


def train(model: SentenceTransformer, planned: Sequence[Batch]) -> Adapter:
    """Train low-rank changes of `model` on the batches in order.

    Without dropout, whose random numbers take as long as the products of a layer.
    """
    settings = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=_PARTS)
    first: Any = model[0]
    first.auto_model = get_peft_model(first.auto_model, settings)
    model.eval()
    loss = MultipleNegativesRankingLoss(
        model,
        scale=1 / _TEMPERATURE,
        directions=("query_to_doc", "doc_to_query"),
        partition_mode="per_direction",
    )
    learned = [each for each in model.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=_RATE, weight_decay=_DECAY)
    warm_up = max(int(_WARM_UP * len(planned)), 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm_up, (len(planned) - step) / (len(planned) - warm_up))
    )
    started, total = time.monotonic(), 0.0
    for number, batch in enumerate(planned, start=1):
        # The fused kernel's way back takes several times as long on processors.
        with torch.autocast("cpu", dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
            found = loss(_columns(model, batch), torch.empty(0))
        optimiser.zero_grad()
        found.backward()
        torch.nn.utils.clip_grad_norm_(learned, _CLIP)
        optimiser.step()
        schedule.step()
        total += found.item()
        if number % _SAID_EVERY == 0:
            seconds = time.monotonic() - started
            _say(f"batch {number}: loss {total / _SAID_EVERY:.3f}, {seconds / number:.2f} s each")
            total = 0.0
    return _adapter(model)


def _columns(model: SentenceTransformer, batch: Batch) -> list[dict[str, torch.Tensor]]:
    columns = [
        (PREFIX["query"], batch.queries, _MESSAGE_TOKENS),
        (PREFIX["passage"], batch.passages, _ENTRY_TOKENS),
        (PREFIX["passage"], batch.others, _ENTRY_TOKENS),
    ]
    first: Any = model[0]
    places = first.auto_model.config.max_position_embeddings
    found = []
    for prefix, texts, tokens in columns:
        if texts:
            model.max_seq_length = min(tokens, places)
            found.append(model.preprocess([prefix + text for text in texts]))
    return found


def _adapter(model: SentenceTransformer) -> Adapter:
    """Take the low-rank matrices out of the model, scale multiplied in, under the names of the weights."""
    first: Any = model[0]
    state: dict[str, NDArray[np.float32]] = {
        name: value.detach().numpy() for name, value in first.auto_model.named_parameters()
    }
    changes: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    for name, down in state.items():
        if ".lora_A." not in name:
            continue
        layer, part = name.split("encoder.layer.")[1].split(".lora_A")[0].split(".", 1)
        up = state[name.replace(".lora_A.", ".lora_B.")]
        changes[f"l{layer}.{LAYER_PARTS[part]}.w"] = (up * np.float32(ALPHA / RANK), down)
    return changes


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
