"""The bundled model as a sentence-transformers folder, in full precision."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from models.encoders.api import PREFIX
from models.encoders.q4file import Q4File
from models.encoders.unigram import build_tokenizer

TOKENIZER = "tokenizer.json"

_STEPS = {
    "": "sentence_transformers.models.Transformer",
    "1_Pooling": "sentence_transformers.models.Pooling",
    "2_Normalize": "sentence_transformers.models.Normalize",
}
LAYER_PARTS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
"""What transformers calls the parts of a layer, and what the weights file calls them."""


def full_weights(source: Q4File) -> dict[str, NDArray[np.float32]]:
    """Dequantise all tensors under the names that a BERT model of transformers has."""
    sizes = source.header
    hidden, wide = sizes.hidden, sizes.feed_forward
    weights = {
        "embeddings.word_embeddings.weight": source.matrix("emb.word", sizes.vocabulary, hidden),
        "embeddings.position_embeddings.weight": source.plain("emb.pos", sizes.positions, hidden),
        "embeddings.token_type_embeddings.weight": source.plain("emb.type", sizes.types, hidden),
        "embeddings.LayerNorm.weight": source.plain("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": source.plain("emb.ln.b", hidden),
        # Mean pooling never reads BERT's own pooler; without it loading warns.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    shapes = {"fi": (wide, hidden), "fo": (hidden, wide)}
    for layer in range(sizes.layers):
        for part, short in LAYER_PARTS.items():
            there, here = f"encoder.layer.{layer}.{part}", f"l{layer}.{short}"
            rows, columns = shapes.get(short, (hidden, hidden))
            weights[f"{there}.bias"] = source.plain(f"{here}.b", rows)
            weights[f"{there}.weight"] = (
                source.plain(f"{here}.w", rows)
                if short.endswith("ln")
                else source.matrix(f"{here}.w", rows, columns)
            )
    return weights


def _configuration(source: Q4File) -> dict[str, object]:
    sizes, words = source.header, source.vocabulary
    special = {
        "bos_token": words.pieces[words.begin],
        "cls_token": words.pieces[words.begin],
        "eos_token": words.pieces[words.end],
        "sep_token": words.pieces[words.end],
        "pad_token": words.pieces[words.padding],
        "unk_token": words.pieces[words.unknown],
    }
    model = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.feed_forward,
        "layer_norm_eps": sizes.epsilon,
        "max_position_embeddings": sizes.positions,
        "num_attention_heads": sizes.heads,
        "num_hidden_layers": sizes.layers,
        "pad_token_id": words.padding,
        "type_vocab_size": sizes.types,
        "vocab_size": sizes.vocabulary,
        "torch_dtype": "float32",
        # Without a version transformers takes any large tokenizer for a faulty Mistral one.
        "transformers_version": "4.57.0",
    }
    steps = [
        {"idx": number, "name": str(number), "path": path, "type": kind}
        for number, (path, kind) in enumerate(_STEPS.items())
    ]
    return {
        "config.json": model,
        "special_tokens_map.json": special,
        "tokenizer_config.json": {
            **special,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": sizes.positions,
            "clean_up_tokenization_spaces": False,
        },
        "modules.json": steps,
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": dict(PREFIX), "similarity_fn_name": "cosine"},
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }


def write_torch_folder(source: Q4File, folder: Path) -> None:
    """Make `folder` one that `SentenceTransformer(folder)` loads, without a network.

    Raises OSError when it cannot be written.
    """
    folder.mkdir()
    (folder / TOKENIZER).write_text(build_tokenizer(source).to_str(pretty=False), encoding="utf-8")
    for name, content in _configuration(source).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    try:
        save_file(full_weights(source), str(folder / "model.safetensors"), metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(str(error)) from error
