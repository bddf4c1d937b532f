"""A reporter's numbers are masked on every page for every role, and who they are stands nowhere."""

from __future__ import annotations

import io
import itertools
import logging
import zipfile
from collections.abc import Callable, Iterator

import pytest
import structlog
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tests import canaries
from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, tell
from tests.web.pages import Browser
from triage import logs, receipts, review
from triage.config import Config
from triage.db import Store
from triage.permissions import ROLES, Role
from triage.review import Draft
from triage.tables import Base, ClaimGroup, Submission

HEADING = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"
HEADERS = {"User-Agent": canaries.AGENT, "X-Forwarded-For": canaries.ADDRESS}
# The receipt's own pages show its sender what they sent.
OWN = {
    "warga.status", "kiriman.save", "kiriman.ask_to_erase", "kiriman.erase", "kiriman.object_to",
    "kiriman.data", "kiriman.data_file", "submissions.status", "submissions.data",
}  # fmt: skip
NUMBERS = (1, 2, 3, 4)


def _send(app: Flask, words: str) -> str:
    client = app.test_client()
    client.set_cookie("penjaga_device", canaries.DEVICE)
    response = client.post(
        "/", headers=HEADERS, environ_base={"REMOTE_ADDR": canaries.ADDRESS},
        data={"text": words, "url": canaries.URL, "remark": canaries.REMARK, "seen": "wa-group"},
    )  # fmt: skip
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.headers["Location"].rpartition("/")[2]


def _whole(words: str) -> str:
    return f"{words}\n{canaries.URL}"


@pytest.fixture
def secrets(app: Flask, store: Store, config: Config) -> list[str]:
    """Messages with canaries in every state; gives their receipts and all keyed hashes."""
    with store.write() as session:
        number = make_fact_check(session, HEADING).id
        siti, dewi = make_account(session), make_account(session, "penyetuju")
    words = [f"{canaries.TEXT} nomor {n} {w}" for n, w in enumerate(("beras", "minyak", "gula", "telur"), 1)]
    matching = ScriptedMatching()
    matching.expect(_whole(words[0]), "answer", (number, 0.99))
    for one in words[1:]:
        matching.expect(_whole(one), "review", (number, 0.6))
    given = [_send(app, one) for one in (*words, "beras?")]
    drain(store, matching)
    with store.read() as session:
        waiting = session.scalars(
            select(ClaimGroup.id).where(ClaimGroup.state == "queued").order_by(ClaimGroup.id)
        ).all()
    review.confirm(store, siti, waiting[0], 2)
    tell(store)
    review.save_draft(store, siti, waiting[1], {"headline": "Judul"})
    evidence = ({"label": "Kantor desa", "url": "https://contoh.example/b", "archived": ""},)
    draft = Draft(
        "hoaks", "Bantuan tunai dibagikan", "Judul", "Tidak benar.", "Tanya desa.", evidence, "fraud"
    )
    review.decide(store, siti, waiting[1], draft)
    with store.read() as session:
        rows = session.execute(select(Submission.receipt_hash, Submission.reporter_hash)).all()
    hashes = [value for row in rows for value in row if value]
    assert len(hashes) == 2 * len(given)
    assert dewi.role == "penyetuju"
    return [*given, *(one.replace("-", "") for one in given), *hashes]


def _addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Give every route with every number that may stand in it: endpoint, method, path."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OWN:
            continue
        names = sorted(rule.arguments - {"filename"})
        for numbers in itertools.product(NUMBERS, repeat=len(names)):
            values = dict(zip(names, map(str, numbers), strict=True))
            if "filename" in rule.arguments:
                values["filename"] = "penjaga.css"
            with app.test_request_context():
                path = app.url_for(rule.endpoint, **values)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, path


# After these somebody else's session, or none, would be walked with.
ENDING = ("auth.sign_out", "auth.change_password", "kim.sign_out_everywhere", "second_step.set_up")


def _content(response: TestResponse) -> str:
    """What can be read of an answer; of a workbook, what its parts say."""
    kind, data = str(response.content_type), response.get_data()
    if "image" in kind:
        return ""
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(part) for part in book.namelist())
    return data.decode("utf-8", "replace")


def _walk(app: Flask, browser: Browser, token: str, bearer: str, never: list[str]) -> set[str]:
    """Open every route; return the endpoints that answered with content."""
    opened = set()
    for endpoint, method, path in _addresses(app):
        if endpoint in ENDING:
            continue
        headers = {"Authorization": f"Bearer {bearer}"} if bearer and path.startswith("/api/") else {}
        if path.startswith("/api/") and method == "POST":
            response = browser.client.open(path, method=method, json={}, headers=headers)
        else:
            data = {"csrf_token": token} if method == "POST" else None
            response = browser.client.open(path, method=method, data=data, headers=headers)
        content = _content(response)
        found = canaries.given_away(f"{response.headers}\n{content}", *never)
        assert found == [], (endpoint, method, path)
        assert response.status_code < 500, (endpoint, method, path)
        if response.status_code == 200:
            opened.add(endpoint)
    return opened


VIEWS = ("waiting", "urgent", "area", "frequent", "late", "mine", "approval", "answered")


@pytest.mark.parametrize("role", ROLES)
def test_every_page_for_every_role(
    app: Flask, store: Store, signed_in: Callable[[Role], Browser], secrets: list[str], role: Role
) -> None:
    browser = signed_in(role)
    token = browser.get("/kata-sandi").form("/keluar").fields["csrf_token"]
    cookie = browser.client.get_cookie("penjaga_session")
    assert cookie is not None
    opened = _walk(app, browser, token, cookie.value, secrets)
    assert {"kim.queue", "kim.group", "kim.own", "queue.queue", "library.fact", "warga.home"} <= opened
    shown = ""
    for view in VIEWS:
        for path in (f"/kim?view={view}", f"/api/v1/queue?view={view}"):
            headers = {"Authorization": f"Bearer {cookie.value}"}
            content = browser.client.get(path, headers=headers).get_data(as_text=True)
            assert canaries.given_away(content, *secrets) == [], path
            shown += content
    # The walk saw the messages themselves, masked.
    assert "bantuan tunai dibagikan malam ini" in shown
    assert "Kenarisari" in shown, "names stay for the verifier"


def test_every_page_for_nobody(app: Flask, browser: Browser, secrets: list[str]) -> None:
    token = browser.get("/masuk").form("/masuk").fields["csrf_token"]
    opened = _walk(app, browser, token, "", secrets)
    assert {"library.facts", "warga.about_data"} <= opened


def test_the_receipt_shows_its_sender_what_is_theirs_and_no_more(
    app: Flask, browser: Browser, secrets: list[str]
) -> None:
    receipt = secrets[0]
    hashes = [one for one in secrets if len(one) == 64]
    for path in (f"/status/{receipt}", f"/status/{receipt}/data", f"/status/{receipt}/data.json",
                 f"/api/v1/submissions/{receipt}/data"):  # fmt: skip
        response = browser.client.get(path)
        content = response.get_data(as_text=True)
        assert response.status_code == 200
        assert canaries.PHONE in content
        found = canaries.given_away(content, *secrets[1:5], *hashes)
        assert not set(found) & {*canaries.NEVER, *secrets[1:5], *hashes}, path
        assert "Akun" not in content, "no name of staff"


def test_events_and_numbers_by_which_people_are_counted_name_nobody(store: Store, secrets: list[str]) -> None:
    with store.read() as session:
        everything = {
            table.name: "\n".join(
                repr(tuple(row)) for row in session.execute(text(f"SELECT * FROM {table.name}"))
            )
            for table in Base.metadata.sorted_tables
        }
    assert canaries.given_away(everything["event"], *secrets) == []
    assert canaries.given_away(everything["claim_text"], *secrets) == []
    # Receipt, browser number, address and program are in no table at all; text where it is worked on.
    numbers = {"81277665544", canaries.NIK, "85711223344"}
    plain = [one for one in secrets if len(one) < 64]
    found = {name: set(canaries.given_away(content, *plain)) for name, content in everything.items()}
    assert set().union(*found.values()) <= numbers
    assert {name for name, what in found.items() if what} <= {"submission", "submission_note", "fingerprint"}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the logs hold, configured as for a service."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure()
    yield stream
    root.handlers, root.level = before, level
    structlog.configure(**configured)


@pytest.mark.embedded
def test_refusals_and_errors_quote_nobody(
    app: Flask, store: Store, secrets: list[str], logged: io.StringIO
) -> None:
    client = app.test_client()
    for body in (
        {"text": canaries.TEXT, "village": canaries.PHONE}, {"text": canaries.TEXT, "channel": canaries.NIK},
        {"text": [canaries.TEXT]}, {canaries.NIK: canaries.TEXT}, {"text": canaries.TEXT * 200},
    ):  # fmt: skip
        refused = client.post("/api/v1/submissions", json=body, headers=HEADERS)
        assert 400 <= refused.status_code < 500
        assert canaries.given_away(refused.get_data(as_text=True)) == [], body
    with store.write() as session:
        session.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
    client.set_cookie("penjaga_device", canaries.DEVICE)
    failed = client.post(
        "/api/v1/submissions", json={"text": canaries.TEXT, "url": canaries.URL}, headers=HEADERS
    )
    assert failed.status_code >= 500
    assert canaries.given_away(failed.get_data(as_text=True)) == []
    client.get(f"/status/{secrets[0]}", headers=HEADERS)
    written = logged.getvalue()
    assert "store_unavailable" in written
    assert canaries.given_away(written, *secrets) == []


def test_the_canaries_are_seen_where_they_stand() -> None:
    assert canaries.given_away(canaries.TEXT) == ["81277665544", canaries.NIK]
    assert canaries.given_away("nomor 0857 1122 3344, +62 812.7766.5544") == ["81277665544", "85711223344"]
    assert canaries.given_away(canaries.DEVICE.upper()) == [canaries.DEVICE]
    assert receipts.canonical("0123456789ABCDEF") is not None
