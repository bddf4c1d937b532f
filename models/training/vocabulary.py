"""`python -m models.training.vocabulary --data DIR`: what a smaller vocabulary would save.

The bundled encoder knows pieces of a hundred languages. Kept here: pieces without a letter of another script
than Latin, and every piece that the measuring texts use. Printed: how many that leaves, what they weigh on
disk and in memory, and how many texts would be split into other pieces.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tracemalloc
import unicodedata
from pathlib import Path

from models import benchmark
from models.encoders.api import MAX_TOKENS, PREFIX
from models.encoders.bundled import find_bundled
from models.encoders.q4file import BLOCK, BLOCK_DTYPE, Q4File, read_q4
from models.encoders.segmenter import Segmenter, write_vocabulary

_FIELDS = {
    "id_archive.jsonl": ("title", "text"),
    "id_pairs.train.jsonl": ("query",),
    "lang_pairs.train.jsonl": ("ind", "tgt"),
    "style_pairs.jsonl": ("informal", "formal"),
}
_MEGABYTE = 1e6


def main() -> None:
    """Print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    source = read_q4(find_bundled().weights)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.json"
        write_vocabulary(source, path)
        whole, whole_memory = _measured(path)
        kept = {number for number, piece in enumerate(source.vocabulary.pieces) if _is_plain(piece)}
        texts = [PREFIX["query"] + text for text in _texts(arguments.data)]
        used = {number for text in texts for number in whole.ids(text, MAX_TOKENS)}
        special = (source.vocabulary.begin, source.vocabulary.end, source.vocabulary.unknown)
        kept |= used | set(special)
        _cut(path, kept)
        cut, cut_memory = _measured(path)
    order = sorted(kept)
    other = sum(
        whole.ids(text, MAX_TOKENS) != [order[number] for number in cut.ids(text, MAX_TOKENS)]
        for text in texts
    )
    pieces = len(source.vocabulary.pieces)
    _say(f"pieces: {pieces:,}, kept {len(kept):,}, used by {len(texts):,} texts {len(used):,}")
    _say(f"embedding table: {_table(source, pieces):.1f} MB, cut {_table(source, len(kept)):.1f} MB")
    _say(f"segmenter in memory: {whole_memory:.1f} MB, cut {cut_memory:.1f} MB")
    _say(f"texts split otherwise by the cut vocabulary: {other} of {len(texts):,}")


def _texts(folder: Path) -> list[str]:
    return [
        text
        for name, fields in _FIELDS.items()
        for row in benchmark.rows(folder / name)
        for text in (row.text(field) for field in fields)
        if text
    ]


def _is_plain(piece: str) -> bool:
    return all(not each.isalpha() or unicodedata.name(each, "").startswith("LATIN") for each in piece)


def _cut(path: Path, kept: set[int]) -> None:
    content = json.loads(path.read_text("utf-8"))
    order = sorted(kept)
    for name in ("pieces", "scores"):
        content[name] = [content[name][number] for number in order]
    place = {number: new for new, number in enumerate(order)}
    for name in ("begin", "end", "unknown"):
        content[name] = place[content[name]]
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _measured(path: Path) -> tuple[Segmenter, float]:
    tracemalloc.start()
    segmenter = Segmenter(path)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return segmenter, held / _MEGABYTE


def _table(source: Q4File, rows: int) -> float:
    return rows * source.header.hidden / BLOCK * BLOCK_DTYPE.itemsize / _MEGABYTE


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
