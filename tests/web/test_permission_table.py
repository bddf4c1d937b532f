"""Who may do what: every route, walked as everybody, against one table; a route without a row fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import make_account, make_fact_check, make_group, make_session, suggest
from triage import accounts
from triage.columns import now
from triage.db import Store
from triage.permissions import PERMISSIONS, ROLES, Permission, Role
from triage.tables import Account, AccountDevice, ClaimGroup, Decision, Sighting
from triage.web import security

# What came of a request: let in, asked to sign in, told what to settle first, or forbidden to the role.
Outcome = Literal["in", "sign in", "code", "password", "second step", "proof", "forbidden"]
UNSETTLED = ("nobody", "code due", "password due", "second step due")
WHO = (*UNSETTLED, *ROLES)
Row = dict[str, Outcome]
PLACES: dict[str, Outcome] = {
    "/masuk": "sign in",
    "/masuk/kode": "code",
    "/kata-sandi": "password",
    "/langkah-kedua": "second step",
    "/pastikan": "proof",
}
PROBLEMS: dict[str, Outcome] = {
    "http-401": "sign in",
    "code-needed": "code",
    "password-change-needed": "password",
    "second-step-needed": "second step",
    "forbidden": "forbidden",
}


def _row(nobody: Outcome, code: Outcome, password: Outcome, second_step: Outcome, **roles: Outcome) -> Row:
    first = dict(zip(UNSETTLED, (nobody, code, password, second_step), strict=True))
    return first | {role: roles.get(role, "in") for role in ROLES}


def _staff(permission: Permission) -> Row:
    roles: dict[str, Outcome] = {
        role: "in" if role in PERMISSIONS[permission] else "forbidden" for role in ROLES
    }
    return _row("sign in", "code", "password", "second step", **roles)


EVERYBODY = _row("in", "in", "in", "in")
SEE, LEASE, JUDGE = _staff("queue.see"), _staff("group.lease"), _staff("match.judge")
WRITE, APPROVE, SOURCES = _staff("decision.write"), _staff("decision.approve"), _staff("sources.write")
TRENDS, AUDIT = _staff("trends.see"), _staff("answer.audit")
TRENDS, ALERTS = _staff("trends.see"), _staff("alerts.receive")
# Without a new proof: it gives nobody anything.
STOP = _staff("accounts.manage")
MANAGE, PARKED = _staff("accounts.manage"), _staff("parked.manage")
MATERIAL = _staff("material.write")
PEERS = _staff("peers.manage")

TABLE: dict[str, Row] = {
    # The reporter's pages, and those of whoever watches over the machine: no account is needed.
    "GET static": EVERYBODY, "GET warga.home": EVERYBODY, "POST warga.send": EVERYBODY,
    "GET warga.ask": EVERYBODY, "POST warga.look_up": EVERYBODY, "GET warga.status": EVERYBODY,
    "GET warga.about_data": EVERYBODY, "GET kiriman.save": EVERYBODY, "POST kiriman.object_to": EVERYBODY,
    "GET kiriman.ask_to_erase": EVERYBODY, "POST kiriman.erase": EVERYBODY, "GET offline.manifest": EVERYBODY,
    "GET offline.worker": EVERYBODY, "GET offline.outbox": EVERYBODY, "POST offline.shared": EVERYBODY,
    "GET library.facts": EVERYBODY, "GET library.fact": EVERYBODY, "GET library.picture": EVERYBODY,
    "GET sharing.share": EVERYBODY, "GET bulletin.weeks": EVERYBODY, "GET bulletin.bulletin": EVERYBODY,
    "GET bulletin.paper": EVERYBODY,
    "GET feeds.atom": EVERYBODY, "GET feeds.json_feed": EVERYBODY, "GET feeds.claim_reviews_feed": EVERYBODY,
    "GET feeds.sitemap": EVERYBODY, "GET feeds.robots": EVERYBODY,
    "GET facts.facts": EVERYBODY, "GET facts.fact": EVERYBODY,
    "GET openness.figures": EVERYBODY, "GET openness.data": EVERYBODY,
    "GET openness.facts_csv": EVERYBODY, "GET openness.facts_json": EVERYBODY,
    "GET openness.weeks_csv": EVERYBODY, "GET openness.weeks_json": EVERYBODY,
    "GET embedding.embed": EVERYBODY, "GET embedding.oembed": EVERYBODY,
    "GET kiriman.data": EVERYBODY, "GET kiriman.data_file": EVERYBODY, "GET submissions.data": EVERYBODY,
    # From this machine; who else may read the figures is a matter of a token (`test_metrics`).
    "GET health.figures": EVERYBODY,
    "GET health.healthz": EVERYBODY, "GET health.readyz": EVERYBODY, "GET openapi": EVERYBODY,
    "POST submissions.submit": EVERYBODY, "GET submissions.status": EVERYBODY,
    # Signing in, and what guards the own account.
    "GET auth.sign_in_form": EVERYBODY, "POST auth.sign_in": EVERYBODY, "POST queue.sign_in": EVERYBODY,
    "POST auth.sign_out": dict.fromkeys(WHO, "sign in"),
    "GET invitation.invitation": EVERYBODY, "POST invitation.accept": EVERYBODY,
    "GET auth.password": _row("sign in", "code", "in", "in"),
    "POST auth.change_password": _row("sign in", "code", "in", "in"),
    "GET second_step.code": dict.fromkeys(WHO, "sign in") | {"code due": "in"},
    "POST second_step.enter_code": dict.fromkeys(WHO, "sign in") | {"code due": "in"},
    "GET second_step.proof": _row("sign in", "sign in", "in", "in"),
    "POST second_step.prove": _row("sign in", "sign in", "in", "in"),
    "GET second_step.set_up_page": _row("sign in", "code", "password", "in"),
    "POST second_step.set_up": _row("sign in", "code", "password", "in"),
    "POST second_step.renew_codes": _row(
        "sign in", *["second step"] * 3, verifikator="second step", analis="second step"
    ),
    "POST second_step.give_up": _row(
        "sign in", "code", "password", "second step", penyetuju="forbidden", admin="forbidden"
    ),
    # Verifiers' pages.
    "GET kim.queue": SEE, "GET kim.queue_part": SEE, "GET kim.group": SEE, "GET kim.own": SEE,
    "POST kim.end_session": SEE, "POST kim.sign_out_everywhere": SEE | dict.fromkeys(ROLES, "sign in"),
    "GET kim.training": SEE, "GET kim.exercise": SEE, "POST kim.try_exercise": SEE, "GET kim.sources": SEE,
    "GET kim.source": SEE, "POST kim.add_source": SOURCES, "POST kim.change_source": SOURCES,
    "POST kim.note_answer": SOURCES, "POST kim.lease": LEASE, "POST kim.release": LEASE,
    "POST kim.confirm": JUDGE, "POST kim.reject": JUDGE, "POST kim.withdraw": JUDGE, "POST kim.undo": SEE,
    "POST kim.merge": WRITE, "POST kim.split": WRITE, "POST kim.decide": WRITE, "POST kim.save_draft": WRITE,
    "POST kim.discard_draft": WRITE, "POST kim.preview_decision": WRITE,
    "POST kim.correct": _staff("fact.correct"), "POST kim.retract": _staff("fact.retract"),
    "POST kim.approve": APPROVE, "POST kim.send_back": APPROVE, "GET kim.parked": PARKED,
    "POST kim.replay": PARKED,
    "POST kim.dismiss": PARKED,
    # Trends.
    "GET kim.trends": TRENDS, "GET kim.trends_part": TRENDS, "GET kim.trends_claims": TRENDS,
    "GET kim.trends_csv": TRENDS, "GET kim.trends_xlsx": TRENDS, "GET kim.last_week": TRENDS,
    "GET kim.trends_villages": TRENDS, "GET kim.week": TRENDS, "GET kim.week_paper": TRENDS,
    "GET kim.materials_list": SEE, "GET kim.material": SEE, "POST kim.save_material": MATERIAL,
    # Alerts.
    "GET kim.alerts": ALERTS, "POST kim.choose_alerts": ALERTS, "POST kim.try_alerts": ALERTS,
    "POST kim.delete_alerts": ALERTS, "POST kim.stop_alerts": STOP,
    # How good our own work is.
    "GET kim.quality": TRENDS, "GET kim.quality_csv": TRENDS, "GET kim.quality_xlsx": TRENDS,
    "GET kim.audit": AUDIT, "GET kim.audited": AUDIT, "POST kim.judge_answer": AUDIT,
    # Accounts.
    "GET kim.people": MANAGE, "POST kim.invite": MANAGE, "GET kim.person": MANAGE,
    "POST kim.change_person": MANAGE, "POST kim.new_link": MANAGE, "POST kim.reset_second_step": MANAGE,
    "POST kim.close_person": MANAGE, "POST kim.open_person": MANAGE,
    # Other offices.
    "GET kim.offices": PEERS, "POST kim.add_office": PEERS, "POST kim.change_office": PEERS,
    "POST kim.read_office": PEERS,
    # The same for programs.
    "GET queue.queue": SEE, "POST queue.lease": LEASE, "POST queue.decide": WRITE,
    "POST queue.approve": APPROVE, "GET trends.trends": TRENDS,
}  # fmt: skip


def _routes(app: Flask) -> dict[str, tuple[str, str]]:
    """Every route: how the table calls it, and its method and address."""
    found = {}
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1") | (
            {"username": "siti"} if "username" in rule.arguments else {}
        )
        with app.test_request_context():
            path = (
                app.url_for(rule.endpoint, **values) if rule.endpoint != "static" else "/static/penjaga.css"
            )
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {rule.endpoint}"] = (method, path)
    return found


def _token(store: Store, who: str) -> str | None:
    """The token of somebody new who stands so."""
    if who == "nobody":
        return None
    with store.write() as session:
        actor = make_account(session, next((role for role in ROLES if role == who), "penyetuju"))
        account = session.get_one(Account, actor.account_id)
        account.must_change_password = who == "password due"
        account.totp_secret = None if who == "second step due" else account.totp_secret
        return make_session(session, actor, code_due=who == "code due")


def _ask(app: Flask, method: str, path: str, token: str | None, **form: str) -> TestResponse:
    """Send a request as our own pages, or a program, would."""
    client = app.test_client()
    if path.startswith("/api/"):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.open(path, method=method, headers=headers, json=form if method == "POST" else None)
    if token:
        client.set_cookie(security.SESSION, token)
    if method == "GET":
        return client.get(path)
    page = client.get("/masuk").get_data(as_text=True)
    csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
    return client.open(path, method=method, data={"csrf_token": csrf, **form})


def _outcome(response: TestResponse) -> Outcome:
    assert response.status_code < 500
    if response.content_type == "application/problem+json":
        return PROBLEMS.get(response.json["type"], "in")
    if response.status_code == 303:
        return PLACES.get(urlsplit(response.headers["Location"]).path, "in")
    if response.status_code == 401 and "Anda belum masuk" in response.text:
        return "sign in"
    return "forbidden" if response.status_code == 403 and "Peran Anda tidak boleh" in response.text else "in"


@pytest.fixture
def group(store: Store) -> int:
    """Group 1 with suggestion 1."""
    with store.write() as session:
        one = make_group(session)
        suggest(session, one, make_fact_check(session))
        return one.id


def test_every_route_has_its_row_and_every_row_its_route(app: Flask) -> None:
    assert set(_routes(app)) == set(TABLE)
    assert all(set(row) == set(WHO) for row in TABLE.values())


@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_as_far_as_the_table_says(app: Flask, store: Store, group: int, who: str) -> None:
    wrong = {}
    for name, (method, path) in sorted(_routes(app).items()):
        found = _outcome(_ask(app, method, path, _token(store, who)))
        if found != TABLE[name][who]:
            wrong[name] = (found, TABLE[name][who])
    assert wrong == {}


def test_what_guards_accounts_asks_for_a_proof_once_the_last_is_old(app: Flask, store: Store) -> None:
    for name, (method, path) in _routes(app).items():
        if TABLE[name] is not MANAGE and name not in ("GET auth.password", "GET second_step.set_up_page"):
            continue
        with store.write() as session:
            token = make_session(session, make_account(session, "admin"), proved=False)
        assert _outcome(_ask(app, method, path, token)) == "proof", name


# ---- Whose it is.


def _leased(store: Store, group: int, holder: int) -> None:
    with store.write() as session:
        one = session.get_one(ClaimGroup, group)
        one.state, one.lease_account, one.lease_until = "leased", holder, now() + timedelta(minutes=30)


def _decided(store: Store, group: int, author: int) -> int:
    with store.write() as session:
        session.get_one(ClaimGroup, group).state = "decided"
        decision = Decision(
            group_id=group, kind="new", state="proposed", verdict="hoaks", claim="k", headline="j",
            explanation="p", what_to_do="", evidence=[], harm="other", author_id=author, created_at=now(),
        )  # fmt: skip
        session.add(decision)
        session.flush()
        return decision.id


def _person(store: Store, role: Role, area: str = "35.08") -> tuple[int, str]:
    with store.write() as session:
        actor = make_account(session, role)
        session.get_one(Account, actor.account_id).wilayah = area
        return actor.account_id, make_session(session, actor)


DRAFT = {"verdict": "hoaks", "claim": "k", "headline": "j", "explanation": "p", "harm": "other"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("whose", ["free", "own", "another's"])
@pytest.mark.parametrize(
    ("path", "permission", "allowed"),
    [
        ("/kim/kelompok/{}/ambil", "group.lease", {"free", "own"}),
        ("/kim/kelompok/{}/lepas", "group.lease", {"own"}),
        ("/kim/kelompok/{}/saran/1/sama", "match.judge", {"free", "own"}),
        ("/kim/kelompok/{}/saran/1/beda", "match.judge", {"free", "own"}),
        ("/kim/kelompok/{}/keputusan", "decision.write", {"free", "own"}),
        ("/api/v1/queue/{}/lease", "group.lease", {"free", "own"}),
        ("/api/v1/groups/{}/decisions", "decision.write", {"free", "own"}),
    ],
)
def test_what_somebody_holds_is_theirs(
    app: Flask,
    store: Store,
    group: int,
    role: Role,
    whose: str,
    path: str,
    permission: Permission,
    allowed: set[str],
) -> None:
    person, token = _person(store, role)
    other, _ = _person(store, "verifikator")
    if whose != "free":
        _leased(store, group, person if whose == "own" else other)
    form = DRAFT if path.endswith(("keputusan", "decisions")) else {}
    response = _ask(app, "POST", path.format(group), token, **form)
    if role not in PERMISSIONS[permission]:
        assert _outcome(response) == "forbidden"
    else:
        assert response.status_code in ((200, 303) if whose in allowed else (409,)), response.text


@dataclass(frozen=True)
class Situation:
    """A decision that waits: whose it is, where its claim was seen, and the area of who approves it."""

    own: bool = False
    seen: str = "35.08.02.2003"
    own_browser: bool = False
    area: str = "35.08"
    refusal: str = ""


SITUATIONS = {
    "another's": Situation(),
    "own": Situation(own=True, refusal="own-decision"),
    "of one's own report": Situation(own_browser=True, refusal="own-report"),
    "seen nowhere": Situation(seen=""),
    "seen in one's kecamatan": Situation(area="35.08.02"),
    "seen in one's village": Situation(area="35.08.02.2003"),
    "seen in another kecamatan": Situation(area="35.08.01", refusal="outside-area"),
    "seen in another village": Situation(area="35.08.02.2001", refusal="outside-area"),
    "seen nowhere, for a kecamatan": Situation(seen="", area="35.08.02", refusal="outside-area"),
}
SAID = {
    "own-decision": "Keputusan Anda sendiri harus disetujui orang lain",
    "own-report": "pernah dikirim dari peramban yang Anda pakai",
    "outside-area": "tidak beredar di wilayah Anda",
}


def _sight(store: Store, group: int, person: int, situation: Situation) -> None:
    counted = ("a" if situation.own_browser else "b") * 64
    with store.write() as session:
        session.add(
            Sighting(
                group_id=group, reporter_hash=counted, village=situation.seen, times=1,
                first_seen=now(), last_seen=now(),
            )
        )  # fmt: skip
        session.add(AccountDevice(account_id=person, reporter_hash="a" * 64))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "way",
    [
        "/kim/kelompok/{group}/keputusan/{decision}/setujui",
        "/kim/kelompok/{group}/keputusan/{decision}/kembalikan",
        "/api/v1/decisions/{decision}/approve",
    ],
)
@pytest.mark.parametrize("name", SITUATIONS)
def test_who_approves_what(app: Flask, store: Store, group: int, role: Role, way: str, name: str) -> None:
    situation = SITUATIONS[name]
    person, token = _person(store, role, situation.area)
    author, _ = _person(store, "verifikator")
    decision = _decided(store, group, person if situation.own else author)
    _sight(store, group, person, situation)
    path = way.format(group=group, decision=decision)
    response = _ask(app, "POST", path, token, **({} if "api" in way else {"remark": "Sebutkan sumbernya."}))
    may = role in PERMISSIONS["decision.approve"]
    if not may:
        assert _outcome(response) == "forbidden"
    elif not situation.refusal:
        assert response.status_code in (200, 303), response.text
    else:
        assert response.status_code == 403
        said = (
            response.json["type"] == situation.refusal
            if "api" in way
            else SAID[situation.refusal] in response.text
        )
        assert said, response.text
    with store.read() as session:
        reviewer = session.get_one(Decision, decision).reviewer_id
    assert reviewer == (person if may and not situation.refusal else None)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_page_offers_what_may_be_done_and_says_why_not(
    app: Flask, store: Store, group: int, name: str
) -> None:
    situation = SITUATIONS[name]
    person, token = _person(store, "penyetuju", situation.area)
    author, _ = _person(store, "verifikator")
    _decided(store, group, person if situation.own else author)
    _sight(store, group, person, situation)
    text = _ask(app, "GET", f"/kim/kelompok/{group}", token).text
    assert ("Setujui dan terbitkan" in text) is (not situation.refusal)
    assert ("orang lain yang menyetujuinya" in text) is (situation.refusal in ("own-decision", "own-report"))
    assert ("tidak beredar di wilayah Anda" in text) is (situation.refusal == "outside-area")


@pytest.mark.parametrize("role", ROLES)
def test_one_ends_ones_own_sessions_and_nobody_elses(app: Flask, store: Store, role: Role) -> None:
    (_, token), (_, other) = _person(store, role), _person(store, role)
    (only,) = accounts.sessions_of(store, other)
    assert _ask(app, "POST", "/kim/saya/keluar", token, session=only.name).status_code == 404
    assert accounts.signed_in(store, other) is not None
    assert _ask(app, "POST", "/kim/saya/keluar", other, session=only.name).status_code == 303
    assert accounts.signed_in(store, other) is None
    assert accounts.signed_in(store, token) is not None


@pytest.mark.parametrize("action", ["peran", "tautan", "langkah-kedua", "tutup", "buka"])
def test_an_administrator_changes_others_never_themselves(app: Flask, store: Store, action: str) -> None:
    (admin, token), (other, _) = _person(store, "admin"), _person(store, "penyetuju")
    with store.write() as session:
        own_name = session.get_one(Account, admin).username
        account = session.get_one(Account, other)
        account.active, name = action != "buka", account.username
    form = {"reason": "uji", "role": "analis", "wilayah": "35.08"}
    refused = _ask(app, "POST", f"/kim/akun/{own_name}/{action}", token, **form)
    assert refused.status_code == 403
    assert "Akun sendiri tidak dapat diubah di sini" in refused.text
    assert _ask(app, "POST", f"/kim/akun/{name}/{action}", token, **form).status_code in (200, 303)
