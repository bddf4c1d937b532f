"""The life cycle: one table says event, from, to, who may. `move` is the only way to change a state."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from sqlalchemy.orm import Session

from triage import events
from triage.errors import IllegalTransition
from triage.permissions import Actor, Permission, require
from triage.tables import ClaimGroup, Submission

Subject = Literal["submission", "group"]


class Transition(NamedTuple):
    """One allowed step. `permission` None: only the system (or the reporter, for erasure) takes it."""

    subject: Subject
    event: str
    sources: frozenset[str]
    target: str
    permission: Permission | None


def _step(
    subject: Subject, event: str, sources: str, target: str, permission: Permission | None
) -> Transition:
    return Transition(subject, event, frozenset(sources.split()), target, permission)


TRANSITIONS: tuple[Transition, ...] = (
    _step("submission", "assess", "received parked", "assessed", None),
    _step("submission", "answer", "assessed answered", "answered", None),
    _step("submission", "reopen", "answered", "assessed", None),
    _step("submission", "park", "received assessed", "parked", None),
    _step("submission", "unpark", "parked", "received", "parked.manage"),
    _step("submission", "hand_on", "parked", "assessed", "parked.manage"),
    _step("submission", "erase", "received assessed answered parked", "erased", None),
    _step("submission", "expire", "answered", "erased", None),
    _step("group", "queue", "assessed", "queued", None),
    _step("group", "answer", "assessed approved published", "answered", None),
    _step("group", "rematch", "queued", "assessed", None),
    _step("group", "lease", "queued", "leased", "group.lease"),
    _step("group", "release", "leased", "queued", "group.lease"),
    _step("group", "expire", "leased", "queued", None),
    _step("group", "confirm", "leased", "approved", "match.judge"),
    _step("group", "propose", "leased", "decided", "match.judge"),
    _step("group", "decide", "leased", "decided", "decision.write"),
    _step("group", "undo", "approved", "leased", "match.judge"),
    _step("group", "unapprove", "approved", "decided", "decision.approve"),
    _step("group", "return", "decided", "queued", "decision.approve"),
    _step("group", "revise", "answered", "decided", "fact.correct"),
    _step("group", "keep", "decided", "answered", "decision.approve"),
    _step("group", "approve", "decided", "approved", "decision.approve"),
    _step("group", "publish", "approved", "published", None),
    _step("group", "withdraw", "approved answered", "queued", "match.judge"),
    _step("group", "reopen", "decided approved published answered", "queued", None),
    _step("group", "retract", "decided approved published answered", "queued", "fact.retract"),
    _step("group", "merge", "queued leased", "merged", "decision.write"),
    _step("group", "split", "merged", "queued", "decision.write"),
    _step("group", "link", "queued", "merged", None),
    _step("group", "empty", "queued leased", "erased", None),
)
_BY_EVENT = {(step.subject, step.event): step for step in TRANSITIONS}
STATES: dict[Subject, frozenset[str]] = {
    "submission": frozenset({"received", "assessed", "answered", "parked", "erased"}),
    "group": frozenset(
        {"assessed", "queued", "leased", "decided", "approved", "published", "answered", "merged", "erased"}
    ),
}
# Groups whose senders can be told what the fact-check says, if they have one. One that was decided has one
# while a correction of it waits for approval: until then what was published holds.
ANSWERABLE = ("decided", "published", "answered")


def move(
    session: Session,
    item: Submission | ClaimGroup,
    event: str,
    actor: Actor | str,
    data: dict[str, Any] | None = None,
) -> None:
    """Take one step of the life cycle and log it, inside the caller's write transaction.

    Raises `Forbidden` if the actor's role may not, `IllegalTransition` if the state does not allow it.
    """
    subject: Subject = "submission" if isinstance(item, Submission) else "group"
    step = _BY_EVENT[subject, event]
    if isinstance(actor, Actor):
        if step.permission is None:
            raise IllegalTransition(f"{subject} {event} is taken by the system, not by a person.")
        require(actor, step.permission)
    elif step.permission is not None:
        raise IllegalTransition(f"{subject} {event} needs a person.")
    if item.state not in step.sources:
        raise IllegalTransition(f"A {subject} in state {item.state} cannot {event}.")
    before, item.state = item.state, step.target
    events.append(
        session,
        actor=actor.label if isinstance(actor, Actor) else actor,
        subject=subject,
        subject_id=item.id,
        name=event,
        from_state=before,
        to_state=step.target,
        data=data,
    )
