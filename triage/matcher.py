"""The live matcher: the matching library kept in step with the archive in the store.

One per worker process: the encoder and the index are loaded once. The index follows the store by the number
of the newest vector it has seen, so a refresh reads only what is new.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import takewhile

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from models import calibration, garbage
from models.encoders import Encoder, EncoderError, load_encoder
from models.matching import Matcher
from models.types import Entry, MatchResult
from triage import calibrations, outbox
from triage.config import Config
from triage.db import Store
from triage.metrics import CountedEncoder
from triage.nearest import NearestInStore
from triage.outbox import Job
from triage.peers import trust
from triage.tables import ClaimText, ClaimVector, FactCheck

# Texts encoded between two writes: about two seconds of work, so that intake never waits long.
EMBED_CHUNK = 512
# Fact-checks read into the index at a time; bounds memory while a large archive loads.
LOAD_CHUNK = 5_000
# Vectors removed between two writes.
DROP_CHUNK = 2_000
SUGGESTIONS = 5
_PROBE = "apakah kabar ini benar"
_FLOAT16 = np.dtype("<f2")
_log = structlog.get_logger(__name__)


class LiveMatcher:
    """Matching over the store's archive; safe to share between the threads of a worker.

    `has_meaning`: the encoder works. Where it fails, texts are matched by words alone and never answered.
    """

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._encoder = CountedEncoder(load_encoder(config.encoder, config.encoders))
        self._packaged = calibration.load(config.calibration)
        self._follows_learning = config.calibration is None
        self._calibration_number = 0
        self._search = (
            NearestInStore.opened(store, self._encoder.name, self._encoder.dimension)
            if config.vectors == "pgvector"
            else None
        )
        self._matcher = Matcher(self._encoder, self._packaged, self._search)
        self.has_meaning = True
        self._refreshing = threading.Lock()
        self._last_vector = 0
        self._last_seq = 0
        self._unused: frozenset[int] = frozenset()
        self._owe_missing_vectors()

    def match(self, texts: Sequence[str]) -> list[MatchResult]:
        """Match texts against the archive as it stands now (see `triage.assess.Matching`)."""
        self.refresh()
        # Read once: the numbers and the name of a result must be of one version, whatever comes meanwhile.
        matcher = self._matcher
        if self.has_meaning:
            try:
                return matcher.match(texts, top=SUGGESTIONS)
            except EncoderError as error:
                _log.warning("encoder_failed", reason=str(error), texts=len(texts))
                # Whether it fails on these texts or on any.
                self.ask_encoder()
        return matcher.by_words().match(texts, top=SUGGESTIONS)

    def ask_encoder(self) -> bool:
        """Try whether the encoder works; while it does not, messages are matched by their words alone."""
        try:
            self._encoder.encode([_PROBE], "query")
        except EncoderError:
            self.has_meaning = False
        else:
            self.has_meaning = True
        return self.has_meaning

    def refresh(self) -> None:
        """Bring the index up to the store: new vectors come in, entries no longer searched go.

        So do the numbers learned from decisions, unless a setting names others.
        """
        with self._refreshing:
            if self._follows_learning:
                self._follow_learning()
            if self._search is not None:
                self._search.take_in()
            self._follow_trust()
            loads = 0
            while self._load_some():
                loads += 1
            if loads > 1:
                # Once the index has worked them in: what it was filled from is gone then.
                self._matcher.index.snapshot()
                garbage.spare_loaded()

    def _follow_learning(self) -> None:
        with self._store.read() as session:
            use = calibrations.newest(session)
            number = calibrations.number(use)
            if number == self._calibration_number:
                return
            chosen = calibrations.read(session, use, self._packaged)
        if chosen.refusal:
            _log.warning("calibration_passed_over", reason=chosen.refusal)
        self._matcher = self._matcher.with_calibration(chosen.calibration)
        self._calibration_number = number

    def _follow_trust(self) -> None:
        """Let go of what offices said that are not used any more, and take back what others said."""
        with self._store.read() as session:
            unused, gone, back = trust.turned(session, self._unused)
        self._matcher.index.remove([str(number) for number in gone])
        for start in range(0, len(back), LOAD_CHUNK):
            some = set(back[start : start + LOAD_CHUNK])
            with self._store.read() as session:
                entries, vectors, keys = _entries(session, self._encoder, some, unused)
            if entries:
                self._matcher.index.update(entries, vectors, keys)
        self._unused = unused

    def embed(self, jobs: Sequence[Job]) -> None:
        """Encode archive wordings that have no vector yet; `ref` is the sequence number to reach."""
        for job in jobs:
            with self._store.read() as session:
                texts = list(
                    session.execute(
                        _unencoded(self._encoder.name).where(FactCheck.seq <= job.ref).limit(EMBED_CHUNK)
                    )
                )
            vectors = self._encoder.encode([row.text for row in texts], "passage").astype(_FLOAT16)
            with self._store.write() as session:
                if not outbox.settle(session, job):
                    continue
                # Changed meanwhile, or encoded by another worker: those need nothing more.
                still = _unencoded(self._encoder.name).where(ClaimText.id.in_([row.id for row in texts]))
                wanted = {row.id for row in session.execute(still)}
                session.add_all(
                    ClaimVector(claim_text_id=row.id, encoder=self._encoder.name, vector=vector.tobytes())
                    for row, vector in zip(texts, vectors, strict=True)
                    if row.id in wanted
                )
                if len(texts) == EMBED_CHUNK:
                    outbox.add(session, "embed", job.ref)

    def drop_earlier_vectors(self) -> None:
        """Remove what earlier encoders left, a chunk at a time, once this one has encoded every wording.

        Only vectors that are older than all of this encoder's: while one encoder takes over from another, the
        old one's worker must not remove what the new one's has begun.
        """
        while earlier := self._earlier_vectors():
            with self._store.write() as session:
                session.execute(delete(ClaimVector).where(ClaimVector.id.in_(earlier)))

    def _earlier_vectors(self) -> list[int]:
        with self._store.read() as session:
            oldest = session.execute(
                select(ClaimVector.id, ClaimVector.encoder).order_by(ClaimVector.id).limit(DROP_CHUNK)
            ).all()
            earlier = [row.id for row in takewhile(lambda row: row.encoder != self._encoder.name, oldest)]
            if earlier and session.execute(_unencoded(self._encoder.name).limit(1)).first() is not None:
                return []
        return earlier

    def _owe_missing_vectors(self) -> None:
        # After a change of encoder the whole archive needs new vectors, and no import will ask for them.
        with self._store.read() as session:
            missing = session.execute(_unencoded(self._encoder.name).limit(1)).first() is not None
        if missing:
            with self._store.write() as session:
                newest = session.scalar(select(func.max(FactCheck.seq))) or 0
                if not outbox.owed(session, "embed", newest):
                    outbox.add(session, "embed", newest)

    def _load_some(self) -> bool:
        with self._store.read() as session:
            newest = session.scalar(select(func.max(FactCheck.seq))) or 0
            gone = session.scalars(
                select(FactCheck.id).where(FactCheck.seq > self._last_seq, FactCheck.searchable.is_(False))
            ).all()
            fresh = session.execute(
                select(ClaimVector.id, ClaimText.fact_check_id)
                .join(ClaimText, ClaimText.id == ClaimVector.claim_text_id)
                .where(ClaimVector.encoder == self._encoder.name, ClaimVector.id > self._last_vector)
                .order_by(ClaimVector.id)
                .limit(LOAD_CHUNK)
            ).all()
            changed = {row.fact_check_id for row in fresh}
            entries, vectors, keys = _entries(session, self._encoder, changed, self._unused)
        if gone:
            self._matcher.index.remove([str(number) for number in gone])
        self._last_seq = newest
        if entries:
            self._matcher.index.update(entries, vectors, keys)
        if fresh:
            self._last_vector = fresh[-1].id
        return bool(fresh)


def _entries(
    session: Session, encoder: Encoder, fact_checks: set[int], unused: frozenset[int]
) -> tuple[list[Entry], NDArray[np.float32], NDArray[np.int64]]:
    """Load fact-checks whose every own wording is encoded, with their vectors and the numbers of these.

    The others come with their last vector. Offices that are not used (any more) have no entries.

    An explanation and learned wordings need not be there yet. One with a damaged vector is left out, with a
    warning: the others can still be matched.
    """
    rows = session.execute(
        select(
            ClaimText.fact_check_id,
            ClaimText.text,
            ClaimText.told,
            ClaimText.submission_id,
            ClaimText.unproven,
            ClaimVector.id,
            ClaimVector.vector,
        )
        .join(FactCheck, FactCheck.id == ClaimText.fact_check_id)
        .outerjoin(
            ClaimVector,
            (ClaimVector.claim_text_id == ClaimText.id) & (ClaimVector.encoder == encoder.name),
        )
        .where(ClaimText.fact_check_id.in_(fact_checks), FactCheck.searchable.is_(True))
        .where(or_(FactCheck.peer_id.is_(None), FactCheck.peer_id.not_in(unused)))
        .order_by(ClaimText.fact_check_id, ClaimText.told, ClaimText.unproven, ClaimText.position)
    ).all()
    decoded = [_decoded(row.vector, encoder.dimension) for row in rows]
    for row, vector in zip(rows, decoded, strict=True):
        if row.vector is not None and vector is None:
            _log.warning("vector_damaged", vector=row.id, fact_check=row.fact_check_id)
    left_out = {
        row.fact_check_id
        for row, vector in zip(rows, decoded, strict=True)
        if vector is None and row.submission_id is None and not row.told
    }
    texts: dict[int, list[str]] = {}
    unproven: dict[int, list[str]] = {}
    told: dict[int, str] = {}
    vectors: list[NDArray[np.float32]] = []
    keys: list[int] = []
    for row, vector in zip(rows, decoded, strict=True):
        if vector is not None and row.fact_check_id not in left_out:
            if row.told:
                told[row.fact_check_id] = row.text
            else:
                kind = unproven if row.unproven else texts
                kind.setdefault(row.fact_check_id, []).append(row.text)
            vectors.append(vector)
            keys.append(row.id)
    entries = [
        Entry(str(number), tuple(found), told.get(number, ""), tuple(unproven.get(number, ())))
        for number, found in texts.items()
    ]
    stacked = np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)
    return entries, stacked, np.array(keys, np.int64)


def _decoded(stored: bytes | None, dimension: int) -> NDArray[np.float32] | None:
    """Return the vector, or None where there is none or what is stored is none of this encoder."""
    if stored is None or len(stored) != dimension * _FLOAT16.itemsize:
        return None
    vector = np.frombuffer(stored, dtype=_FLOAT16).astype(np.float32)
    return vector if np.isfinite(vector).all() else None


def _unencoded(encoder: str) -> Select[int, str]:
    return (
        select(ClaimText.id, ClaimText.text)
        .join(FactCheck, FactCheck.id == ClaimText.fact_check_id)
        .outerjoin(
            ClaimVector, (ClaimVector.claim_text_id == ClaimText.id) & (ClaimVector.encoder == encoder)
        )
        .where(ClaimVector.id.is_(None), FactCheck.searchable.is_(True))
        .order_by(ClaimText.id)
    )
