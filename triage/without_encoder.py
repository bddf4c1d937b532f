"""Matching while no encoder can be loaded: the archive by its words and letters alone, never an answer."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import calibration
from models.encoders.words_alone import WordsAlone
from models.matching import Matcher
from models.types import Entry, MatchResult
from triage.config import Config
from triage.db import Store
from triage.matcher import LOAD_CHUNK, SUGGESTIONS
from triage.peers import trust
from triage.tables import ClaimText, FactCheck


class WordsMatcher:
    """Matching over the store's archive without an encoder; safe to share between threads.

    Raises `CalibrationRefused` where the fitted numbers cannot be read.
    """

    has_meaning = False

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._encoder = WordsAlone()
        self._matcher = Matcher(self._encoder, calibration.load(config.calibration))
        self._refreshing = threading.Lock()
        self._last_seq = 0
        self._unused: frozenset[int] = frozenset()

    def match(self, texts: Sequence[str]) -> list[MatchResult]:
        """Match texts against the archive as it stands now (see `triage.assess.Matching`)."""
        self.refresh()
        return self._matcher.match(texts, top=SUGGESTIONS)

    def refresh(self) -> None:
        """Bring the index up to the store."""
        with self._refreshing:
            self._follow_trust()
            while self._load_some():
                pass

    def _follow_trust(self) -> None:
        with self._store.read() as session:
            unused, gone, back = trust.turned(session, self._unused)
        self._matcher.index.remove([str(number) for number in gone])
        for start in range(0, len(back), LOAD_CHUNK):
            with self._store.read() as session:
                entries = _entries(session, back[start : start + LOAD_CHUNK])
            self._matcher.index.update(entries, self._matcher.encode_entries(entries))
        self._unused = unused

    def _load_some(self) -> bool:
        with self._store.read() as session:
            changed = session.execute(
                select(FactCheck.id, FactCheck.seq, FactCheck.searchable, FactCheck.peer_id)
                .where(FactCheck.seq > self._last_seq)
                .order_by(FactCheck.seq)
                .limit(LOAD_CHUNK)
            ).all()
            kept = {row.id for row in changed if row.searchable and row.peer_id not in self._unused}
            entries = _entries(session, kept)
        if not changed:
            return False
        self._matcher.index.remove([str(row.id) for row in changed if row.id not in kept])
        self._matcher.index.update(entries, self._matcher.encode_entries(entries))
        self._last_seq = changed[-1].seq
        return True


def _entries(session: Session, fact_checks: Collection[int]) -> list[Entry]:
    rows = session.execute(
        select(ClaimText.fact_check_id, ClaimText.text, ClaimText.told, ClaimText.unproven)
        .join(FactCheck, FactCheck.id == ClaimText.fact_check_id)
        .where(ClaimText.fact_check_id.in_(fact_checks), FactCheck.searchable.is_(True))
        .order_by(ClaimText.fact_check_id, ClaimText.position)
    ).all()
    entries = []
    for number, own in groupby(rows, key=lambda row: row.fact_check_id):
        texts = list(own)
        proven = tuple(row.text for row in texts if not row.told and not row.unproven)
        told = next((row.text for row in texts if row.told), "")
        unproven = tuple(row.text for row in texts if row.unproven and not row.told)
        if proven:
            entries.append(Entry(str(number), proven, told, unproven))
    return entries
