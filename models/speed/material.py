"""What speed is measured on: an archive that grows by copies in other words, new messages, and repeats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from models import benchmark, noise
from models.encoders import Encoder, Progress
from models.noise import layout, letters
from models.noise.apart import Noise

MESSAGES = 60
REPEATS = 19  # of each message of the stream: 95 % of it
_STREAM = 20  # messages that are repeated
_SEED = 20261125
_MADE_UP = 3_000  # made-up headings that are encoded; the others are copies
_STRAY = 0.3  # how far the vector of a copy lies from that of the heading
_CHUNK = 1_024
_WHAT = (
    "Bantuan untuk lansia", "Undian kulkas", "Kuota gratis", "Gempa besar", "Lahar dingin", "Penculik anak",
    "Vaksin campak", "Rebusan daun sirih", "Kartu sehat baru", "Tarif parkir", "Telur plastik", "Air sumur",
    "Surat suara", "Listrik padam", "Jembatan gantung", "Pendaftaran prajurit", "Obat nyamuk",
)  # fmt: skip
_DOES = (
    "dibagikan lewat tautan berikut", "datang nanti malam", "membuat ginjal rusak", "ditutup selama sebulan",
    "menyembuhkan kencing manis", "sudah dicoblos semua", "hanya untuk kartu lama", "naik dua kali lipat",
    "berkeliling memakai mobil putih", "dihapus mulai tahun depan", "menelan korban di kampung sebelah",
)  # fmt: skip
_WHERE = (
    "Gempol", "Purwosari", "Bangil", "Sukorejo", "Nguling", "Tosari", "Kejayan", "Wonorejo", "Beji",
    "Lekok", "Grati", "Winongan", "Pandaan", "Prigen", "Tutur", "Puspo", "Lumbang", "Rejoso", "Kraton",
)  # fmt: skip
# What forwarding does to a message that is sent again; half of the repeats are word for word.
_FORWARDING: tuple[Noise, ...] = (layout.forwarded, layout.emoji, layout.capitals, letters.stretched)


@dataclass(frozen=True, slots=True)
class Texts:
    """Headings of an archive, messages that are about some of them, and a stream with 95 % repeats."""

    headings: tuple[str, ...]
    messages: tuple[str, ...]
    stream: tuple[str, ...]


def made_up() -> Texts:
    """Return made-up headings and messages about them."""
    headings = [
        f"{what} nomor {number % 97} {does} di {where}"
        for number, (what, does, where) in enumerate(product(_WHAT, _DOES, _WHERE))
    ]
    draw = _random()
    draw.shuffle(headings)
    messages = [f"Tolong dibaca ya!! {heading}, sudah ramai di grup RT" for heading in headings[:MESSAGES]]
    changed = [letters.mistyped(message, draw) for message in messages]
    return Texts(tuple(headings[:_MADE_UP]), tuple(changed), _stream(changed, draw))


def measured(folder: Path) -> Texts:
    """Return the archive and messages of the measuring files. Raises `benchmark.BenchmarkDataError`."""
    headings = [entry.texts[0] for entry in benchmark.entries(folder)]
    queries = [pair.query for pair in benchmark.pairs(folder, "dev")]
    messages = queries[:: max(1, len(queries) // MESSAGES)][:MESSAGES]
    return Texts(tuple(headings), tuple(messages), _stream(messages, _random()))


def _random() -> Random:
    return Random(_SEED)  # noqa: S311 - to be repeatable


def _stream(messages: Sequence[str], draw: Random) -> tuple[str, ...]:
    stream = []
    for message in messages[:_STREAM]:
        stream.append(message)
        stream += [
            draw.choice(_FORWARDING)(message, draw) if number % 2 else message for number in range(REPEATS)
        ]
    return tuple(stream)


def write(texts: Texts, entries: int, encoder: Encoder, folder: Path, progress: Progress) -> None:
    """Write an archive of that many entries, the messages and the stream as `Archive` reads them.

    Copies come after all headings: the same heading with the noise of chats, and its vector a little astray.
    What vectors say does not change what comparing them costs, and encoding so many would take an hour.
    """
    headings = texts.headings[:entries]
    vectors = np.concatenate(list(_encoded(headings, encoder, progress)))
    draw = _random()
    kinds = tuple(noise.KINDS.values())
    copies = [draw.choice(kinds)(each, draw) for each in islice(cycle(headings), entries - len(headings))]
    (folder / _TITLES).write_text(json.dumps([*headings, *copies]), "utf-8")
    (folder / _MESSAGES).write_text(json.dumps([texts.messages, texts.stream]), "utf-8")
    with (folder / _VECTORS).open("wb") as file:
        for part in _grown(vectors, entries):
            file.write(part.astype(np.float16).tobytes())


def _encoded(headings: Sequence[str], encoder: Encoder, progress: Progress) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(headings), _CHUNK):
        progress(f"{start:,} of {len(headings):,} headings encoded", start / len(headings))
        yield encoder.encode(headings[start : start + _CHUNK], "passage")


def _grown(vectors: NDArray[np.float32], entries: int) -> Iterator[NDArray[np.float32]]:
    yield vectors
    draw = np.random.default_rng(_SEED)
    left = entries - len(vectors)
    while left > 0:
        some = vectors[:left]
        astray = draw.standard_normal(some.shape, dtype=np.float32)
        moved = some + astray * np.float32(_STRAY / some.shape[1] ** 0.5)
        yield moved / np.linalg.norm(moved, axis=1, keepdims=True)
        left -= len(some)


_TITLES, _MESSAGES, _VECTORS = "titles.json", "messages.json", "vectors.f16"


@dataclass(frozen=True, slots=True)
class Archive:
    """What `write` wrote, of which only the first `entries` are used."""

    folder: Path
    entries: int

    def titles(self) -> list[str]:
        """Return the titles."""
        titles: list[str] = json.loads((self.folder / _TITLES).read_text("utf-8"))
        return titles[: self.entries]

    def messages(self) -> list[str]:
        """Return messages that were never seen before."""
        messages: list[str] = json.loads((self.folder / _MESSAGES).read_text("utf-8"))[0]
        return messages

    def stream(self) -> list[str]:
        """Return messages of which each is repeated."""
        stream: list[str] = json.loads((self.folder / _MESSAGES).read_text("utf-8"))[1]
        return stream

    def vectors(self, start: int, end: int, dimension: int) -> NDArray[np.float32]:
        """Return the vectors of titles from `start` up to `end`, shape (titles, dimension)."""
        size = np.dtype(np.float16).itemsize * dimension
        found = np.fromfile(
            self.folder / _VECTORS, np.float16, (end - start) * dimension, offset=start * size
        )
        return found.reshape(-1, dimension).astype(np.float32)
