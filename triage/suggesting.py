"""Suggestions: what matching found for a group, kept for the people who decide, and owed again if need be."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy.orm import Session

from models.features import FEATURE_SET
from models.matching import by_words_alone
from models.types import MatchResult
from triage import disagreement, outbox
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.peers import trust
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
    """Return the fact-check that answers by itself, if one certainly does and still may.

    Of several that say the same for certain it is the first that may: that another office, which is only to
    suggest, says it too, keeps nobody's own fact-check from answering. None may where another office, of
    whatever is likely to be about the same, has come to another verdict: that is for a person.
    """
    if result.band != "answer":
        return None
    likely = [match for match in result.matches if match.likely]
    found = entries.several(session, [int(match.target_id) for match in likely])
    used = trust.used(session, found.values())
    first, *others = likely
    for match in (first, *(other for other in others if other.certain)):
        best = used.get(int(match.target_id))
        if best is not None and may_answer(session, best):
            return None if disagreement.with_any(best, used.values()) else best.id
    return None


def may_answer(session: Session, entry: CurrentFactCheck) -> bool:
    """Tell whether an entry may answer what no person has looked at, and its office, if it is another's."""
    return entry.answers_alone and trust.answers(session, entry.peer_id)


def doubt(result: MatchResult) -> float:
    """Return how much is open about a message: 1 where nothing is like it."""
    return 1.0 - (result.matches[0].probability if result.matches else 0.0)
