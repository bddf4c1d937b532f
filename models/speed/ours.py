"""Penjaga as a worker uses it, for new messages and for a stream that is mostly repeats."""

from __future__ import annotations

from collections.abc import Sequence

from models import calibration, fingerprint, garbage
from models.fingerprint import Fingerprint
from models.matching import Matcher
from models.near_copies import nearness
from models.speed.material import Archive
from models.speed.system import CHUNK, TOP, Setting
from models.types import Entry

_MOST = 50  # look-alikes that are compared, as in `triage.grouping`


class Penjaga:
    """Everything that the product does for a message that is new: matched, weighed and explained."""

    def __init__(self, setting: Setting, archive: Archive) -> None:
        self.encoder = setting.load()
        self.calibration = calibration.load(setting.calibration)
        self.matcher = Matcher(self.encoder, self.calibration)
        titles = archive.titles()
        for start in range(0, len(titles), CHUNK):
            some = titles[start : start + CHUNK]
            entries = [Entry(str(start + number), (title,)) for number, title in enumerate(some)]
            vectors = archive.vectors(start, start + len(some), self.encoder.dimension)
            self.matcher.index.update(entries, vectors)
        self.matcher.index.snapshot()
        garbage.spare_loaded()

    def answer(self, messages: Sequence[str]) -> None:
        """Match messages."""
        self.matcher.match(messages, TOP)


class Recogniser:
    """Messages seen before, by the rule of `triage.grouping`; dictionaries stand for the store's indexes."""

    def __init__(self, penjaga: Penjaga) -> None:
        self._penjaga = penjaga
        self._digests: set[str] = set()
        self._bands: dict[int, list[Fingerprint]] = {}
        self.matched = 0

    def answer(self, messages: Sequence[str]) -> None:
        """Recognise each message, or match and remember it."""
        for message in messages:
            print_ = fingerprint.fingerprint(message)
            if not self._is_known(print_):
                self._penjaga.answer([message])
                self.matched += 1
            self._remember(print_)

    def _is_known(self, print_: Fingerprint) -> bool:
        if print_.digest in self._digests:
            return True
        alike = {each.digest: each for key in print_.bands for each in self._bands.get(key, ())}
        return any(nearness(each, print_) for each in list(alike.values())[:_MOST])

    def _remember(self, print_: Fingerprint) -> None:
        if print_.digest not in self._digests:
            self._digests.add(print_.digest)
            for key in set(print_.bands):
                self._bands.setdefault(key, []).append(print_)
