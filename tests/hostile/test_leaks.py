"""What answers must not give away: how near a receipt is to a right one, or a formula for spreadsheets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.hostile.patterns import sources
from tests.hostile.place import Place
from triage import receipts
from triage.config import Config
from triage.db import Store


@pytest.fixture
def place(config: Config, any_store: Store) -> Iterator[Place]:
    place = Place(config, any_store)
    yield place
    place.close()


@contextmanager
def _statements(place: Place) -> Iterator[list[str]]:
    """What the application asks its store meanwhile, without the values."""
    found: list[str] = []
    engine = place.app.extensions["penjaga"].store.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


WAYS = ["/status/{}", "/api/v1/submissions/{}", "/status/{}/simpan", "/status/{}/hapus"]


@pytest.mark.parametrize("way", WAYS)
def test_receipts_that_nobody_has_cost_and_tell_the_same(place: Place, way: str) -> None:
    """A receipt is looked for by its keyed hash: one that is right in all but a letter is no nearer."""
    real = place.receipts[0]
    near = real[:-1] + ("0" if real[-1] != "0" else "1")
    client = place.app.test_client()
    client.get("/")
    seen = []
    for receipt in (near, receipts.new_receipt(), "0000-0000-0000-0000"):
        with _statements(place) as asked:
            response = client.get(way.format(receipt))
        seen.append((response.status_code, response.get_data(as_text=True).replace(receipt, "?"), asked))
    assert seen[0][0] == 404
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0][2]) <= 4


def test_the_first_question_is_the_same_whether_a_receipt_exists(place: Place) -> None:
    client = place.app.test_client()
    first = []
    for receipt in (place.receipts[0], receipts.new_receipt()):
        with _statements(place) as asked:
            client.get(f"/api/v1/submissions/{receipt}")
        first.append(next(statement for statement in asked if "SELECT" in statement))
    assert first[0] == first[1]
    assert "receipt_hash IN" in first[0]


def test_one_module_alone_writes_spreadsheets() -> None:
    """What it writes, `tests/hostile/test_sheets.py` opens. Nothing else may make such files."""
    makers = {"writer", "DictWriter", "to_csv", "to_excel"}
    for module, source in sources().items():
        if module == "triage.sheets":
            continue
        writes = [
            node.lineno
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and node.attr in makers
        ]
        assert writes == [], module
        assert "xlsxwriter" not in source, module
        assert "openpyxl" not in source, module
        # Views name the type of what they send; only these bytes may go out under it.
        reads_only = module.startswith("triage.archive.")
        if "text/csv" in source or "spreadsheetml" in source:
            assert reads_only or "sheets" in source, module
