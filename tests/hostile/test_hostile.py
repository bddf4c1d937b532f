"""Hostile requests and texts: no server error, no protection missing, nothing of theirs shown as markup."""

from __future__ import annotations

from tests.hostile.drive import drive
from tests.hostile.place import Place
from tests.hostile.reading import read_hostile
from triage.config import Config
from triage.db import Store

REQUESTS = 1_500
TEXTS = 500


def test_no_request_is_a_server_error(config: Config, any_store: Store) -> None:
    place = Place(config, any_store)
    outcome = drive(place, REQUESTS, seed=11)
    place.close()
    assert outcome.wrong == []
    assert outcome.inputs == REQUESTS
    # Requests that get nowhere prove nothing: each way to be answered must have been taken.
    assert {200, 202, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422} <= set(outcome.statuses)


def test_no_text_stops_a_worker() -> None:
    assert read_hostile(TEXTS, seed=11).texts == TEXTS
