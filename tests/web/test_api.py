"""The API on a store of its own: what is accepted is stored, what is not gets a problem, nothing is half."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.factories import make_fact_check, make_group, make_submission, suggest
from tests.signing import CHOSEN, enter
from triage import accounts, receipt_view, schema
from triage.app import create_app
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.tables import Outbox, Submission

TEXT = "Semeru meletus besar nanti malam, warga Pronojiwo mengungsi sekarang"


@pytest.fixture
def client(store: Store, config: Config) -> Iterator[FlaskClient]:
    app = create_app(config)
    with app.test_client() as client:
        yield client
    services = app.extensions["penjaga"]
    services.waker.close()
    services.store.close()


def _post(
    client: FlaskClient,
    body: bytes | dict[str, object],
    content_type: str = "application/json",
    **headers: str,
):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/api/v1/submissions", data=data, content_type=content_type, headers=headers)


def _stored(store: Store) -> tuple[int, int]:
    with store.read() as session:
        return session.query(Submission).count(), session.query(Outbox).count()


def test_a_receipt_comes_only_with_a_stored_submission_even_without_a_broker(
    client: FlaskClient, store: Store, config: Config
) -> None:
    assert not config.broker_socket.exists()
    response = _post(client, {"text": TEXT, "village": "35.08.01.2001"})
    assert response.status_code == 202
    receipt = response.json["receipt"]
    assert response.json["status_url"] == f"/api/v1/submissions/{receipt}"
    assert _stored(store) == (1, 1)
    status = client.get(response.json["status_url"])
    assert status.json == {"status": "received", "answer": None, "missing": None}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        (b"", "application/json", 400, "not valid JSON"),
        (b'{"text": "a', "application/json", 400, "not valid JSON"),
        (b'{"text": "satu dua", "text": "tiga"}', "application/json", 400, "occurs twice"),
        (b'{"text": NaN}', "application/json", 400, "NaN"),
        (b'["a"]', "application/json", 400, "JSON object"),
        (b'"teks"', "application/json", 400, "JSON object"),
        (b"null", "application/json", 400, "JSON object"),
        (b"[" * 100_000, "application/json", 400, "nested too deeply"),
        (b'{"text": "\xff\xfe\xfa"}', "application/json", 400, "not UTF-8"),
        (b"text=halo", "application/x-www-form-urlencoded", 415, "Content-Type: application/json"),
        (b'{"text": 5}', "application/json", 422, "text"),
        (b'{"text": null}', "application/json", 422, "text"),
        (b'{"text": ["a"]}', "application/json", 422, "text"),
        (b'{"text": true}', "application/json", 422, "text"),
        (b"{}", "application/json", 422, "nothing to check"),
        (b'{"text": ""}', "application/json", 422, "nothing to check"),
        (b'{"text": " \\u0000\\u200b\\u202e"}', "application/json", 422, "nothing to check"),
        (b'{"txt": "salah nama"}', "application/json", 422, "txt"),
        (b'{"text": "a b c", "village": "99.99.99.9999"}', "application/json", 422, "village"),
        (b'{"text": "a b c", "channel": "burung"}', "application/json", 422, "channel"),
        (b'{"text": "a b c", "image": "AAAA"}', "application/json", 422, "Images are not accepted"),
        (b'{"url": "ftp://contoh.example/x"}', "application/json", 422, "http"),
        (json.dumps({"text": "a" * 10_001}).encode(), "application/json", 413, "10000"),
        (json.dumps({"text": "a" * 1_000_000}).encode(), "application/json", 413, "10,000"),
    ],
)
def test_what_cannot_be_accepted_gets_a_clear_problem_and_stores_nothing(
    client: FlaskClient, store: Store, body: bytes, content_type: str, status: int, says: str
) -> None:
    response = _post(client, body, content_type)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert set(response.json) >= {"type", "title", "status", "detail"}
    assert says in response.json["detail"]
    assert _stored(store) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"text": "😀" * 10_000},
        {"text": "<script>alert('x')</script>"},
        {"text": "harap \u202eis gnay\u202c dibaca"},
        {"url": "http://127.0.0.1:1/rahasia"},
        {"url": "http://[::ffff:169.254.169.254]/latest"},
    ],
)
def test_hostile_but_storable_input_is_kept(
    client: FlaskClient, store: Store, body: dict[str, object]
) -> None:
    assert _post(client, body).status_code == 202
    assert _stored(store) == (1, 1)


def test_a_cut_off_character_is_kept_as_a_mark(client: FlaskClient, store: Store, config: Config) -> None:
    response = _post(client, b'{"text": "terpotong di tengah \\ud83d"}')
    assert receipt_view.find(store, config, response.json["receipt"]).text == "terpotong di tengah \ufffd"


def test_an_idempotency_key_makes_repeating_safe(client: FlaskClient, store: Store) -> None:
    sent = [_post(client, {"text": TEXT}, **{"Idempotency-Key": "k1"}) for _ in range(3)]
    assert {response.status_code for response in sent} == {202}
    assert len({response.json["receipt"] for response in sent}) == 1
    other = _post(client, {"text": "lain"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json["type"]) == (422, "idempotency-key-reused")
    assert _post(client, {"text": TEXT}, **{"Idempotency-Key": "k" * 201}).status_code == 422
    assert _stored(store) == (1, 1)


def test_no_village_and_an_empty_one_are_the_same_request(client: FlaskClient, store: Store) -> None:
    bodies = [{"text": TEXT}, {"text": TEXT, "village": ""}, {"text": TEXT, "village": None}]
    sent = [_post(client, body, **{"Idempotency-Key": "k2"}) for body in bodies]
    assert [response.status_code for response in sent] == [202] * 3
    assert len({response.json["receipt"] for response in sent}) == 1


@pytest.mark.embedded
def test_a_full_disk_is_said_and_loses_nothing(client: FlaskClient, store: Store) -> None:
    first = _post(client, {"text": TEXT})
    pages = _pages(store)
    engine = client.application.extensions["penjaga"].store.engine
    engine.dispose()
    # SQLite's own limit raises the very error that a full disk raises.
    event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages}"))
    responses = [_post(client, {"text": f"{number} {TEXT}" * 20}) for number in range(200)]
    refused = [response for response in responses if response.status_code != 202]
    assert refused
    assert {(response.status_code, response.json["type"]) for response in refused} == {
        (503, "store-unavailable")
    }
    accepted = [first, *(response for response in responses if response.status_code == 202)]
    assert _stored(store) == (len(accepted), len(accepted))
    for response in accepted:
        assert client.get(response.json["status_url"]).status_code == 200


def _pages(store: Store) -> int:
    with store.read() as session:
        return int(session.connection().exec_driver_sql("PRAGMA page_count").scalar_one())


@pytest.mark.parametrize("receipt", ["0000-0000-0000-0000", "x", "%00", "0" * 500])
def test_an_unknown_receipt_is_not_found(client: FlaskClient, receipt: str) -> None:
    response = client.get(f"/api/v1/submissions/{receipt}")
    assert (response.status_code, response.json["type"]) == (404, "not-found")


def _token(client: FlaskClient, store: Store, role: Role) -> dict[str, str]:
    person = enter(store, client.application.extensions["penjaga"].config, f"{role}-uji", role)
    code = {"code": person.phone.code()} if person.phone else {}
    body = {"username": person.username, "password": CHOSEN, **code}
    signed_in = client.post("/api/v1/sessions", json=body)
    return {"Authorization": f"Bearer {signed_in.json['token']}"}


def test_two_people_decide_and_approve_over_the_api(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        group = make_group(session).id
    verifier, approver = (_token(client, store, role) for role in ("verifikator", "penyetuju"))
    queue = client.get("/api/v1/queue", headers=verifier)
    assert [item["group_id"] for item in queue.json["items"]] == [group]
    assert client.post(f"/api/v1/queue/{group}/lease", headers=verifier).status_code == 200
    assert client.post(f"/api/v1/queue/{group}/lease", headers=approver).status_code == 409
    draft = {"verdict": "hoaks", "claim": "k", "headline": "j", "explanation": "p"}
    incomplete = client.post(f"/api/v1/groups/{group}/decisions", json={"verdict": "x"}, headers=verifier)
    assert (incomplete.status_code, incomplete.json["type"]) == (422, "decision-refused")
    assert incomplete.json["field"] == "verdict"
    decided = client.post(f"/api/v1/groups/{group}/decisions", json=draft, headers=verifier)
    path = f"/api/v1/decisions/{decided.json['id']}/approve"
    assert client.post(path, headers=verifier).status_code == 403
    assert client.post(path, headers=approver).status_code == 200
    assert client.post(path, headers=approver).status_code == 409


def test_the_queue_masks_what_verifiers_need_not_know(client: FlaskClient, store: Store) -> None:
    text = "Hubungi 0812-3456-7890 atau siti.aminah@surat.id, NIK 3508010101900001, kata Pak Lurah"
    with store.write() as session:
        message = make_submission(session, text, state="assessed", url="https://wa.me/6281234567890")
        make_group(session, representative_id=message.id)
        make_group(session)
    queue = client.get("/api/v1/queue", headers=_token(client, store, "verifikator"))
    first, second = queue.json["items"]
    # Times have digits of their own.
    shown = re.sub(r'"[0-9-]{10}T[0-9:.]+(Z|[+-][0-9:]+)"', "", queue.get_data(as_text=True))
    assert shown != queue.get_data(as_text=True)
    for secret in ("3456", "34567", "siti.aminah", "3508010101900001"):
        assert secret not in shown
    assert first["text"].startswith("Hubungi 0812****7890 atau s***@surat.id, NIK 3508********0001")
    assert first["text"].endswith("kata Pak Lurah")
    assert first["url"] == "https://wa.me/0812****7890"
    assert second["url"] is None


def test_a_suggestion_is_confirmed_over_the_api(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        group = make_group(session, band="review")
        match, group_id = suggest(session, group, make_fact_check(session)).id, group.id
    verifier = _token(client, store, "verifikator")
    client.post(f"/api/v1/queue/{group_id}/lease", headers=verifier)
    confirmed = client.post(
        f"/api/v1/groups/{group_id}/decisions", json={"match_id": match}, headers=verifier
    )
    assert confirmed.json == {"id": group_id, "state": "answered"}
    again = client.post(f"/api/v1/groups/{group_id}/decisions", json={"match_id": match}, headers=verifier)
    assert again.status_code == 409


def test_a_faint_suggestion_needs_a_second_person_over_the_api_too(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        group = make_group(session, band="new")
        match, group_id = suggest(session, group, make_fact_check(session)).id, group.id
    verifier, approver = (_token(client, store, role) for role in ("verifikator", "penyetuju"))
    path = f"/api/v1/groups/{group_id}/decisions"
    proposed = client.post(path, json={"match_id": match}, headers=verifier).json
    assert proposed["state"] == "proposed"
    waiting = client.get("/api/v1/queue?view=approval", headers=approver).json["items"]
    assert [item["state"] for item in waiting] == ["decided"]
    approve = f"/api/v1/decisions/{proposed['id']}/approve"
    assert client.post(approve, headers=verifier).status_code == 403
    assert client.post(approve, headers=approver).status_code == 200
    with store.read() as session:
        assert sorted(row.task for row in session.query(Outbox)) == ["answer", "embed"]


def test_a_suggestion_of_another_item_decides_nothing(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        mine, other = make_group(session).id, make_group(session)
        match, other_id = suggest(session, other, make_fact_check(session)).id, other.id
    verifier = _token(client, store, "verifikator")
    for group in (mine, other_id):
        client.post(f"/api/v1/queue/{group}/lease", headers=verifier)
    response = client.post(f"/api/v1/groups/{mine}/decisions", json={"match_id": match}, headers=verifier)
    assert (response.status_code, response.json["type"]) == (404, "not-found")
    queue = client.get("/api/v1/queue", headers=verifier)
    assert {item["state"] for item in queue.json["items"]} == {"leased"}


def test_a_decision_takes_a_free_item_as_on_the_pages(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        free, held = make_group(session).id, make_group(session).id
    verifier, approver = (_token(client, store, role) for role in ("verifikator", "penyetuju"))
    client.post(f"/api/v1/queue/{held}/lease", headers=approver)
    draft = {"verdict": "hoaks", "claim": "k", "headline": "j", "explanation": "p"}
    answers = [
        client.post(f"/api/v1/groups/{group}/decisions", json=draft, headers=verifier).status_code
        for group in (free, held)
    ]
    assert answers == [200, 409]


@pytest.mark.parametrize("field", ["verdict", "claim", "harm", "evidence"])
def test_a_suggestion_and_a_draft_at_once_are_refused(client: FlaskClient, store: Store, field: str) -> None:
    draft = {"verdict": "hoaks", "claim": "k", "harm": "fraud", "evidence": [{"label": "Kantor desa"}]}
    with store.write() as session:
        group = make_group(session)
        match, path = (
            suggest(session, group, make_fact_check(session)).id,
            f"/api/v1/groups/{group.id}/decisions",
        )
    verifier = _token(client, store, "verifikator")
    both = client.post(path, json={"match_id": match, field: draft[field]}, headers=verifier)
    assert (both.status_code, both.json["type"]) == (422, "decision-refused")
    assert both.json["field"] == "match_id"
    assert "not both" in both.json["detail"]
    empty = {"match_id": match, "verdict": "", "claim": "", "harm": "other", "evidence": []}
    assert client.post(path, json=empty, headers=verifier).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/queue"),
        ("POST", "/api/v1/queue/1/lease"),
        ("POST", "/api/v1/groups/1/decisions"),
        ("POST", "/api/v1/decisions/1/approve"),
    ],
)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer salah"}, {"Authorization": "Basic YTpi"}])
def test_verification_is_closed_to_strangers(
    client: FlaskClient, method: str, path: str, header: dict[str, str]
) -> None:
    response = client.open(path, method=method, headers=header, json={} if "decisions" in path else None)
    assert (response.status_code, response.content_type) == (401, "application/problem+json")


def test_a_one_time_password_opens_nothing_but_the_change_of_password(
    client: FlaskClient, store: Store
) -> None:
    one_time = accounts.create(store, "baru", "Baru", "verifikator", "35.08")
    refused = client.post("/api/v1/sessions", json={"username": "baru", "password": one_time})
    token, _ = accounts.sign_in(store, "baru", one_time)
    unchanged = client.get("/api/v1/queue", headers={"Authorization": f"Bearer {token}"})
    for response in (refused, unchanged):
        assert (response.status_code, response.json["type"]) == (403, "password-change-needed")
        assert "/kata-sandi" in response.json["detail"]
    wrong = client.post("/api/v1/sessions", json={"username": "baru", "password": "salah sekali"})
    assert (wrong.status_code, wrong.json["type"]) == (401, "sign-in-refused")


@pytest.mark.parametrize(
    "sent", ["Basic \xe9", "Basic !", 'Digest x="', "Bearer", "Bearer \xe9\xff", "\xe9", "bearer  "]
)
def test_a_sign_in_that_cannot_be_read_is_none(client: FlaskClient, sent: str) -> None:
    response = client.get("/api/v1/queue", environ_overrides={"HTTP_AUTHORIZATION": sent})
    assert response.status_code == 401


def test_the_openapi_document_names_every_route_and_its_problems(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    rules = {
        rule.rule.replace("<int:", "<").replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }
    assert set(document["paths"]) == rules
    for operations in document["paths"].values():
        for operation in operations.values():
            assert "503" in operation["responses"]


def test_the_openapi_document_says_what_may_be_sent_and_what_comes_back(client: FlaskClient) -> None:
    schemas = client.get("/api/v1/openapi.json").json["components"]["schemas"]
    sent, back = schemas["SubmissionBody"]["properties"], schemas["StatusBody"]["properties"]
    assert sent["text"]["maxLength"] == 10_000
    for channel in sent["channel"]["enum"]:
        assert _post(client, {"text": TEXT, "channel": channel}).status_code == 202
    assert _post(client, {"text": TEXT, "channel": "pos"}).status_code == 422
    assert back["status"]["enum"] == ["received", "in_review", "answered", "closed"]


def test_health_and_readiness(client: FlaskClient, store: Store) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200


def test_not_ready_before_the_migrations(config: Config, store: Store) -> None:
    schema.downgrade(store, "0001")
    app = create_app(config)
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.json["status"]) == (503, "not ready")
    app.extensions["penjaga"].waker.close()
