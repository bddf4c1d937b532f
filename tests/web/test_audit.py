"""The page on which automatic answers are judged: one at a time, blind, and what follows a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from tests.web.pages import Browser, Page
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.quality import auditing, drawing
from triage.tables import AuditedAnswer, ClaimGroup, Submission

HOAX = "Bantuan tunai dibagikan lewat tautan <b>ini</b> malam nanti, hubungi 0812-3456-7890 segera"


@pytest.fixture
def drawn(store: Store, config: Config) -> None:
    """Two automatic answers that wait to be judged."""
    matching, whole = ScriptedMatching(), replace(config, audit_share=1.0)
    with store.write() as session:
        check = make_fact_check(session, "Bantuan tunai tidak dibagikan", claim="Bantuan tunai dibagikan").id
    matching.expect(HOAX, "answer", (check, 0.97))
    drawing.draw(store, whole)
    for sender in "ab":
        send(store, config, HOAX, sender)
    drain(store, matching)
    drawing.draw(store, whole)


def _say(browser: Browser, outcome: str, number: int = 1) -> Page:
    form = browser.get("/kim/audit").form(f"/audit/{number}")
    data = {"csrf_token": form.fields["csrf_token"], "outcome": outcome}
    return Page(browser.client.post(form.action, data=data, follow_redirects=True))


@pytest.fixture
def siti(signed_in: Callable[[Role], Browser], drawn: None) -> Browser:
    return signed_in("verifikator")


def _number(page: Page) -> int:
    (form,) = [form for form in page.forms if "/audit/" in form.action]
    return int(form.action.rpartition("/")[2])


def test_the_question_stands_beside_message_and_fact_check_and_nothing_says_how_sure(siti: Browser) -> None:
    page = siti.get("/kim/audit")
    for said in (
        "Apakah jawaban ini tepat untuk pesan ini?", "Bantuan tunai tidak dibagikan", "0812****7890",
        "2 jawaban menunggu dinilai.",
    ):  # fmt: skip
        assert said in page.text, said
    assert "0812-3456-7890" not in page.html
    assert "&lt;b&gt;ini&lt;/b&gt;" in page.html
    assert "97" not in page.text
    assert "mungkin sama" not in page.text
    elsewhere = siti.client.get(f"/kim/audit/{_number(page)}")
    assert (elsewhere.status_code, elsewhere.headers["Location"]) == (303, "/kim/audit")


def test_after_the_word_the_next_one_waits_and_the_probability_is_shown_once_the_word_stands(
    siti: Browser, signed_in: Callable[[Role], Browser], store: Store
) -> None:
    first = _number(siti.get("/kim/audit"))
    page = _say(siti, "right", first)
    assert "Anda menilai: tepat." in page.text
    assert "97" not in page.text, "who reads it could still change the word"
    assert "97 %" in signed_in("penyetuju").get(f"/kim/audit/{first}").text
    with time_machine.travel(now() + auditing.CHANGE + timedelta(seconds=1)):
        assert "97 %" in siti.get(f"/kim/audit/{first}").text
    assert "Berikutnya (1)" in page.text
    assert "Tarik jawaban" not in page.text
    page = _say(siti, "unclear", _number(siti.get("/kim/audit")))
    assert "Tidak ada lagi yang menunggu dinilai." in page.text
    assert "Tidak ada jawaban yang menunggu dinilai." in siti.get("/kim/audit").text
    with store.read() as session:
        assert sorted(session.scalars(select(AuditedAnswer.outcome))) == ["right", "unclear"]


def test_a_wrong_answer_leads_to_where_it_is_withdrawn(siti: Browser, store: Store) -> None:
    number = _number(siti.get("/kim/audit"))
    page = _say(siti, "wrong", number)
    assert "2 kiriman" in page.text
    assert "pilih “Tarik jawaban”" in page.text
    (link,) = [each["href"] for each in page.all("a") if each["href"].endswith("#dijawab")]
    group = siti.get(link)
    assert 'id="dijawab"' in group.html
    withdraw = group.form("/tarik")
    siti.client.post(withdraw.action, data=withdraw.fields)
    tell(store)
    assert "Jawaban ini sudah tidak berlaku lagi" in siti.get(f"/kim/audit/{number}").text
    with store.read() as session:
        assert session.scalars(select(ClaimGroup.state)).one() == "queued"
        assert set(session.scalars(select(Submission.state))) == {"assessed"}


def test_who_cannot_withdraw_is_told_who_can(signed_in: Callable[[Role], Browser], drawn: None) -> None:
    analyst = signed_in("analis")
    page = _say(analyst, "wrong", _number(analyst.get("/kim/audit")))
    assert "minta verifikator menariknya" in page.text


def test_a_wrong_button_is_put_right_for_a_while(siti: Browser, store: Store) -> None:
    number = _number(siti.get("/kim/audit"))
    _say(siti, "wrong", number)
    again = siti.get(f"/kim/audit/{number}")
    assert "Salah tekan?" in again.text
    form = again.form(f"/audit/{number}")
    data = {"csrf_token": form.fields["csrf_token"], "outcome": "right"}
    page = Page(siti.client.post(form.action, data=data, follow_redirects=True))
    assert "Anda menilai: tepat." in page.text


def test_two_people_do_not_judge_one_answer_twice(
    siti: Browser, signed_in: Callable[[Role], Browser], store: Store
) -> None:
    number = _number(siti.get("/kim/audit"))
    with store.write() as session:
        other = make_account(session)
    auditing.judge(store, other, number, "right")
    token = siti.get("/kim").form("/keluar").fields["csrf_token"]
    response = siti.client.post(f"/kim/audit/{number}", data={"csrf_token": token, "outcome": "wrong"})
    assert response.status_code == 409
    assert "sudah berubah sejak halaman dibuka" in response.get_data(as_text=True)
    assert "Apakah jawaban ini tepat" in response.get_data(as_text=True), "the next one is there at once"
    with store.read() as session:
        assert session.get_one(AuditedAnswer, number).outcome == "right"
    shown = signed_in("penyetuju").get(f"/kim/audit/{number}").text
    assert f"{other.display_name} menilai: tepat." in shown
    assert "Salah tekan?" not in shown


@pytest.mark.parametrize("outcome", ["", "maybe", "RIGHT"])
def test_only_the_three_words_are_taken(siti: Browser, store: Store, outcome: str) -> None:
    token = siti.get("/kim").form("/keluar").fields["csrf_token"]
    response = siti.client.post("/kim/audit/1", data={"csrf_token": token, "outcome": outcome})
    assert response.status_code == 404
    with store.read() as session:
        assert set(session.scalars(select(AuditedAnswer.outcome))) == {""}


def test_what_is_not_drawn_is_not_found(siti: Browser) -> None:
    assert siti.get("/kim/audit/77").status == 404
