"""The API against its own description, with every check that schemathesis has, as each kind of caller."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.hostile.place import Place
from triage.config import Config
from triage.db import Store
from triage.permissions import ROLES, Role

# For each route, caller and kind; the same ones every time.
EXAMPLES = 15
BY_RECEIPT = ("GET /submissions/{receipt}", "GET /submissions/{receipt}/data")
PUBLIC = (
    "POST /sessions", "POST /submissions", *BY_RECEIPT, "GET /fact-checks",
    "GET /fact-checks/{fact_check_id}",
)  # fmt: skip
PROTECTED = (
    "GET /queue", "POST /queue/{group_id}/lease", "POST /groups/{group_id}/decisions",
    "POST /decisions/{decision_id}/approve",
)  # fmt: skip
CALLS = [(name, None) for name in PUBLIC] + [(name, role) for name in PROTECTED for role in (None, *ROLES)]


@pytest.fixture
def place(config: Config, store: Store) -> Iterator[Place]:
    place = Place(config, store)
    yield place
    place.close()


def _operations(place: Place) -> dict[str, schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", place.app)
    # A text that is too long is refused as what it is.
    refused = schema.config.checks.negative_data_rejection
    refused.expected_statuses = [*refused.expected_statuses, "413"]
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{each.method.upper()} {each.path.removeprefix('/api/v1')}": each for each in found}


def test_every_operation_is_tried(place: Place) -> None:
    assert set(_operations(place)) == {*PUBLIC, *PROTECTED}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("name", "role"), CALLS, ids=lambda each: each or "nobody")
def test_the_api_does_what_its_description_says(
    place: Place, name: str, role: Role | None, mode: GenerationMode
) -> None:
    if mode is GenerationMode.NEGATIVE and name in BY_RECEIPT:
        pytest.skip("any text is a receipt to ask for")
    (person,) = [person for person in place.people if person.role == role]
    headers = {"Authorization": f"Bearer {person.token}"} if role else {}

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=_operations(place)[name].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        response = case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
        # Instead of that check: what the description allows is never refused as malformed. It may be refused
        # for what no description can say, such as a village elsewhere, under a name of its own.
        if mode is GenerationMode.POSITIVE and response.status_code in (400, 415, 422):
            said = response.json()
            assert said["type"] not in ("invalid-request", "http-400", "http-415"), (
                said,
                case.path_parameters,
            )

    ask()
