"""The life cycle table: every state can be reached, every step is guarded, and nothing else moves a state."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

from tests.factories import make_group, make_submission
from triage import states
from triage.db import Store
from triage.errors import Forbidden, IllegalTransition
from triage.permissions import PERMISSIONS, ROLES, Actor, Role
from triage.states import STATES, TRANSITIONS
from triage.tables import Event

START = {"submission": "received", "group": "assessed"}


def _actor(role: Role) -> Actor:
    return Actor(account_id=7, username="u", display_name="U", role=role)


@pytest.mark.parametrize("subject", ["submission", "group"])
def test_every_state_is_reachable_and_every_step_is_between_known_states(subject: states.Subject) -> None:
    steps = [step for step in TRANSITIONS if step.subject == subject]
    assert {step.target for step in steps} | {START[subject]} == STATES[subject]
    assert all(step.sources <= STATES[subject] for step in steps)
    reached = {START[subject]}
    while new := {step.target for step in steps if step.sources & reached} - reached:
        reached |= new
    assert reached == STATES[subject]


def test_no_two_steps_share_subject_and_event() -> None:
    keys = [(step.subject, step.event) for step in TRANSITIONS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: f"{step.subject}-{step.event}")
def test_each_step_is_taken_exactly_by_those_who_may_from_where_it_may(
    store: Store, step: states.Transition
) -> None:
    actors: list[Actor | str] = ["system", *(_actor(role) for role in ROLES)]
    with store.write() as session:
        for state, actor in product(sorted(STATES[step.subject]), actors):
            item = make_submission(session) if step.subject == "submission" else make_group(session)
            item.state = state
            before = session.query(Event).count()
            allowed = _allowed(step, actor) and state in step.sources
            if allowed:
                states.move(session, item, step.event, actor)
                assert item.state == step.target
            else:
                with pytest.raises((IllegalTransition, Forbidden)):
                    states.move(session, item, step.event, actor)
                assert item.state == state
            assert session.query(Event).count() == before + allowed


def _allowed(step: states.Transition, actor: Actor | str) -> bool:
    if isinstance(actor, str):
        return step.permission is None
    return step.permission is not None and actor.role in PERMISSIONS[step.permission]


def _assigns_a_state(tree: ast.AST) -> bool:
    targets = [
        target
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Assign)
        for root in statement.targets
        for target in ast.walk(root)
    ]
    return any(
        isinstance(target, ast.Attribute)
        and target.attr == "state"
        and isinstance(target.value, ast.Name)
        and target.value.id in ("group", "submission", "item", "into")
        for target in targets
    )


def test_states_are_assigned_in_one_place_only() -> None:
    triage = Path(states.__file__).parent
    modules = {path.name: ast.parse(path.read_text("utf-8")) for path in triage.rglob("*.py")}
    assert {name for name, tree in modules.items() if _assigns_a_state(tree)} == {"states.py"}
