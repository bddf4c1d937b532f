"""Suggestions: what matching found for a group, kept for the people who decide, and owed again if need be."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy.orm import Session

from models.features import FEATURE_SET
from models.matching import by_words_alone
from models.types import MatchResult
from triage import outbox
from triage.archive import entries
from triage.columns import now
from triage.tables import ClaimGroup, SuggestedMatch

# Until an encoder that was away may be back, or a person has let go of the message.
LATER = timedelta(seconds=60)


def suggest(session: Session, group: ClaimGroup, result: MatchResult) -> None:
    """Keep what was found, inside the caller's transaction; found without an encoder, it is owed again."""
    session.add_all(
        SuggestedMatch(
            group_id=group.id,
            fact_check_id=int(match.target_id),
            rank=rank,
            probability=match.probability,
            likely=match.likely,
            reasons=[asdict(reason) for reason in match.reasons],
            features=list(match.features),
            feature_set=FEATURE_SET if match.features else "",
            model_version=result.model_version,
            state="suggested",
            created_at=now(),
        )
        for rank, match in enumerate(result.matches, start=1)
    )
    if by_words_alone(result.model_version):
        outbox.add(session, "rematch", group.id, after=LATER)


def answering(session: Session, result: MatchResult) -> int | None:
    """Return the fact-check that answers by itself, if one certainly does and still may."""
    if result.band != "answer":
        return None
    best = int(result.matches[0].target_id)
    return best if entries.current(session, best).answers_alone else None


def doubt(result: MatchResult) -> float:
    """Return how much is open about a message: 1 where nothing is like it."""
    return 1.0 - (result.matches[0].probability if result.matches else 0.0)
