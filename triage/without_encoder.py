"""Matching while no encoder can be loaded: the archive by its words and letters alone, never an answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
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

    def match(self, texts: Sequence[str]) -> list[MatchResult]:
        """Match texts against the archive as it stands now (see `triage.assess.Matching`)."""
        self.refresh()
        return self._matcher.match(texts, top=SUGGESTIONS)

    def refresh(self) -> None:
        """Bring the index up to the store."""
        with self._refreshing:
            while self._load_some():
                pass

    def _load_some(self) -> bool:
        with self._store.read() as session:
            changed = session.execute(
                select(FactCheck.id, FactCheck.seq, FactCheck.searchable)
                .where(FactCheck.seq > self._last_seq)
                .order_by(FactCheck.seq)
                .limit(LOAD_CHUNK)
            ).all()
            entries = _entries(session, [row.id for row in changed if row.searchable])
        if not changed:
            return False
        self._matcher.index.remove([str(row.id) for row in changed if not row.searchable])
        self._matcher.index.update(entries, self._matcher.encode_entries(entries))
        self._last_seq = changed[-1].seq
        return True


def _entries(session: Session, fact_checks: Sequence[int]) -> list[Entry]:
    rows = session.execute(
        select(ClaimText.fact_check_id, ClaimText.text, ClaimText.told, ClaimText.unproven)
        .where(ClaimText.fact_check_id.in_(fact_checks))
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
