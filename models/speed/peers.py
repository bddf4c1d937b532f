"""Others that find the like of a message in an archive, each as its own documentation has it used.

Each is loaded from an archive whose vectors are there already; all that a message costs is in `answer`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from models import cores
from models.encoders.api import MAX_TOKENS, PREFIX
from models.speed.material import Archive
from models.speed.system import CHUNK, TOP, Setting, System


class TorchCosine:
    """sentence-transformers on torch in full precision, and its own exact search."""

    def __init__(self, setting: Setting, archive: Archive) -> None:
        import torch  # noqa: PLC0415 - only this system has need of it
        from sentence_transformers import SentenceTransformer, util  # noqa: PLC0415 - the same

        torch.set_num_threads(cores.available())
        self._model = SentenceTransformer(setting.full, device="cpu", local_files_only=True)
        self._model.max_seq_length = MAX_TOKENS
        dimension = self._model.get_sentence_embedding_dimension()
        self._vectors = torch.from_numpy(archive.vectors(0, archive.entries, dimension))
        self._util: Any = util

    def answer(self, messages: Sequence[str]) -> None:
        """Encode messages and compare them with all vectors."""
        texts = [PREFIX["query"] + message for message in messages]
        queries = self._model.encode(texts, convert_to_tensor=True, show_progress_bar=False)
        self._util.semantic_search(
            queries, self._vectors, top_k=TOP, corpus_chunk_size=10**6, score_function=self._util.dot_score
        )


class FaissFlat:
    """The product's encoder and faiss's exact index."""

    def __init__(self, setting: Setting, archive: Archive) -> None:
        import faiss  # noqa: PLC0415 - only this system has need of it

        faiss.omp_set_num_threads(cores.available())
        self._encoder = setting.load()
        self._index = faiss.IndexFlatIP(self._encoder.dimension)
        for start in range(0, archive.entries, CHUNK):
            end = min(start + CHUNK, archive.entries)
            self._index.add(archive.vectors(start, end, self._encoder.dimension))

    def answer(self, messages: Sequence[str]) -> None:
        """Encode messages and look them up."""
        self._index.search(self._encoder.encode(messages, "query"), TOP)


class Bm25:
    """BM25 by bm25s, over words as they are written."""

    def __init__(self, setting: Setting, archive: Archive) -> None:  # noqa: ARG002 - one shape for all
        import bm25s  # noqa: PLC0415 - only this system has need of it

        self._split: Callable[..., Any] = bm25s.tokenize
        self._index = bm25s.BM25()
        titles = self._split(archive.titles(), stopwords=None, show_progress=False)
        self._index.index(titles, show_progress=False)

    def answer(self, messages: Sequence[str]) -> None:
        """Look messages up."""
        words = self._split(list(messages), stopwords=None, show_progress=False)
        self._index.retrieve(words, k=TOP, show_progress=False)


class TokenSet:
    """rapidfuzz's token_set_ratio with every title."""

    def __init__(self, setting: Setting, archive: Archive) -> None:  # noqa: ARG002 - one shape for all
        from rapidfuzz import fuzz, process, utils  # noqa: PLC0415 - only this system has need of it

        self._prepare: Callable[[str], str] = utils.default_process
        self._titles = [self._prepare(title) for title in archive.titles()]
        self._extract: Callable[..., Any] = process.extract
        self._scorer = fuzz.token_set_ratio

    def answer(self, messages: Sequence[str]) -> None:
        """Compare messages with all titles."""
        for message in messages:
            self._extract(self._prepare(message), self._titles, scorer=self._scorer, limit=TOP)


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: its name where figures are printed, the package that it comes with, how it is loaded."""

    name: str
    package: str
    load: Callable[[Setting, Archive], System]


TORCH = "torch"
PEERS = {
    TORCH: Peer("sentence-transformers on torch fp32, exact cosine", "sentence_transformers", TorchCosine),
    "faiss": Peer("our encoder, faiss IndexFlatIP", "faiss", FaissFlat),
    "bm25s": Peer("bm25s, BM25", "bm25s", Bm25),
    "rapidfuzz": Peer("rapidfuzz token_set_ratio, all titles", "rapidfuzz", TokenSet),
}
