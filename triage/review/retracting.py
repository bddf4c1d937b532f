"""Retracting: a fact-check of our own holds no longer, and everybody who was answered by it is told so."""

from __future__ import annotations

from triage import publish
from triage.db import Store
from triage.errors import Forbidden, IllegalTransition
from triage.masking import masked
from triage.permissions import Actor, require
from triage.publication.notices import give_notice
from triage.review import leases, reopening
from triage.review.decisions import MAX_REASON, written
from triage.tables import FactCheck


def retract(store: Store, actor: Actor, group_id: int, reason: str) -> None:
    """Retract what was decided on this very group and published, for a reason that readers are told.

    Its page stays and says so; it is suggested and answers no more. Every message that it answered waits
    again, in whatever group. Numbers of persons in the reason are masked. Raises `DecisionRefused` without a
    reason, `IllegalTransition` where nothing of our own answers the group, `NotFound`, and `Forbidden` also
    for what was not seen in one's area.
    """
    require(actor, "fact.retract")
    # No second person reads it before everybody does.
    reason = masked(written(reason, "retraction", MAX_REASON))
    with store.write() as session:
        group = leases.find(session, group_id)
        if group.fact_check_id is None or publish.home_of(session, group) != group.id:
            raise IllegalTransition("What answers this item was not decided on it.")
        if not leases.within_area(session, actor, group.id):
            raise Forbidden("This claim was not seen in the approver's area.", "outside-area")
        fact_check = session.get_one(FactCheck, group.fact_check_id)
        reopening.close(session, fact_check)
        reopening.take_back(session, fact_check.id, actor, "retracted")
        give_notice(
            session, fact_check, "retracted", reason, actor.account_id, actor.label, {"group": group.id}
        )
