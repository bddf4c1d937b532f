"""The verifiers' pages: from the queue to an answer, by two people, with nothing typed ever lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.types import HARMS, Reason
from tests.factories import make_fact_check, make_group, make_submission, suggest
from tests.scripted import ScriptedMatching, drain, tell
from tests.web.pages import Browser, Page
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import ROLES, Role
from triage.review.leases import LEASE
from triage.review.queue import PAGE
from triage.review.undoing import GRACE
from triage.states import STATES, TRANSITIONS
from triage.tables import (
    ClaimGroup,
    ClaimText,
    Decision,
    Outbox,
    SavedDraft,
    Sighting,
    SuggestedMatch,
)
from triage.verdicts import verdicts
from triage.web import labels
from triage.web.security import DEVICE, SESSION

TEXT = "Awas, hubungi 0812-3456-7890 dan kirim NIK 3508010101900001 untuk bantuan <b>tunai</b>"
WRITTEN = {
    "verdict": "hoaks",
    "claim": "Bantuan tunai dibagikan lewat pesan berantai.",
    "headline": "Bantuan tunai lewat pesan berantai",
    "explanation": "Kantor desa sudah ditanya: tidak ada.\n\nBantuan hanya lewat kantor desa.",
    "what_to_do": "Jangan mengirim NIK.",
    "evidence": "Kantor desa, lewat telepon\nSitus resmi | https://desa.example/bantuan\nhttps://lain.example/",
    "harm": "fraud",
}


@dataclass(frozen=True)
class Desk:
    store: Store
    siti: Browser
    budi: Browser
    dewi: Browser
    group: int

    def open(self, browser: Browser, number: int | None = None) -> Page:
        return browser.get(f"/kim/kelompok/{number or self.group}")

    def state(self, number: int | None = None) -> str:
        with self.store.read() as session:
            return session.get_one(ClaimGroup, number or self.group).state

    def take(self, browser: Browser) -> Page:
        return browser.landing(browser.submit(self.open(browser).form("/ambil")))

    def decide(self, browser: Browser, **typed: str) -> Page:
        return browser.landing(browser.submit(self.take(browser).form("/keputusan"), **(WRITTEN | typed)))

    def count(self, table: type) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


def _group_saying(session: Session, text: str, **fields: object) -> ClaimGroup:
    message = make_submission(session, text, state="assessed")
    group = make_group(session, representative_id=message.id, **fields)
    message.group_id = group.id
    return group


@pytest.fixture
def desk(store: Store, signed_in: Callable[[Role], Browser]) -> Desk:
    with store.write() as session:
        reasons = [asdict(Reason("about_fraud", {})), asdict(Reason("many_reporters", {"number": 4}))]
        group = _group_saying(
            session,
            TEXT,
            band="review",
            harm="fraud",
            urgency=0.5,
            urgency_reasons=reasons,
            reporters=4,
            submissions=6,
        )
        likely = suggest(session, group, make_fact_check(session, "Bantuan tunai lewat tautan"), 1)
        likely.probability = 0.91
        likely.reasons = [
            asdict(Reason("shared_words", {"words": "bantuan, tunai"})),
            {"code": "gone", "values": {}},
        ]
        suggest(session, group, make_fact_check(session, "Kabar lain"), 2)
        seen = {"first_seen": now() - timedelta(hours=30), "last_seen": now()}
        session.add(
            Sighting(group_id=group.id, reporter_hash="3f9a" * 16, village="35.08.01.2001", times=3, **seen)
        )
        session.add(Sighting(group_id=group.id, reporter_hash="", village="", times=3, **seen))
        number = group.id
    return Desk(store, signed_in("verifikator"), signed_in("verifikator"), signed_in("penyetuju"), number)


def test_the_queue_says_what_is_urgent_and_why(desk: Desk) -> None:
    with desk.store.write() as session:
        _group_saying(
            session, "Kabar yang lama menunggu", urgency=0.1, first_seen=now() - timedelta(hours=30)
        )
    page = desk.siti.get("/kim")
    for said in (
        "Mendesak", "Penipuan", "0812****7890", "6 kiriman · 4 pengirim", "Dikirim oleh 4 orang.",
        "Mungkin penipuan", "Bantuan tunai lewat tautan", "sangat mungkin sama (91\u00a0%)",
        "lewat target 24 jam", "menunggu 30 jam",
    ):  # fmt: skip
        assert said.replace("\u00a0", " ") in page.text.replace("\u00a0", " ")
    assert page.text.index("Mendesak") < page.text.index("Kabar yang lama menunggu")
    assert "Belum ada jawaban 2 Mendesak 1" in page.text


def test_a_number_at_the_cut_of_an_excerpt_is_masked_too(desk: Desk) -> None:
    with desk.store.write() as session:
        _group_saying(session, "kabar " + " " * 710 + "0812-3456-7890")
    page = desk.siti.get("/kim")
    assert "kabar 0812****7890" in page.text
    assert "0812-34" not in page.html


def test_long_queues_have_pages_and_a_fixed_number_of_queries(desk: Desk) -> None:
    def queries(path: str) -> int:
        seen: list[str] = []
        engine = desk.siti.client.application.extensions["penjaga"].store.engine
        listener = lambda *args: seen.append(args[2])  # noqa: E731 - an event needs the same object twice
        sqlalchemy_event.listen(engine, "before_cursor_execute", listener)
        desk.siti.get(path)
        sqlalchemy_event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    few = queries("/kim")
    with desk.store.write() as session:
        for _ in range(30):
            make_group(session)
    assert queries("/kim") == few
    assert "Halaman 1 dari 2" in desk.siti.get("/kim").text
    second = desk.siti.get("/kim?hal=2")
    assert "Halaman 2 dari 2" in second.text
    first = desk.siti.get("/kim")
    assert [page.all("ol")[0]["start"] for page in (first, second)] == ["1", str(PAGE + 1)]
    assert len([tag for tag in first.all("li") if "data-card" in tag]) == PAGE
    for odd in ("0", "-1", "99", "abc", "²", "9" * 40):
        assert desk.siti.get("/kim", query_string={"hal": odd, "lihat": "apa saja"}).status == 200


def test_the_item_page_shows_message_senders_and_suggestions_masked(desk: Desk) -> None:
    page = desk.open(desk.siti)
    for said in (
        "0812****7890", "3508********0001", "<b>tunai</b>", "P-3f9a", "tidak dikenal",
        "Bantuan tunai lewat tautan", "Sama-sama menyebut: bantuan, tunai.",
        "Belum ada yang mengerjakan pesan ini.",
    ):  # fmt: skip
        assert said in page.text
    assert "0812-3456-7890" not in page.html
    assert "3508010101900001" not in page.html
    assert page.all("b") == [], "a message's markup became ours"
    assert "3f9a3f9a" not in page.html


def test_taking_a_message_reserves_it(desk: Desk) -> None:
    mine = desk.take(desk.siti)
    assert "Anda sedang mengerjakan pesan ini" in mine.text
    theirs = desk.open(desk.budi)
    assert "Sedang dikerjakan Akun" in theirs.text
    for ending in ("/ambil", "/sama", "/beda", "/keputusan", "/gabung"):
        assert not theirs.has_form(ending)
    assert "Lanjutkan" in desk.siti.get("/kim?lihat=saya").text
    back = desk.siti.landing(desk.siti.submit(mine.form("/lepas")))
    assert "dikembalikan ke antrean" in back.text
    assert desk.state() == "queued"


def test_one_tap_confirms_and_owes_the_answer(desk: Desk) -> None:
    form = desk.open(desk.siti).forms
    (same,) = [one for one in form if one.action.endswith("/saran/1/sama")]
    page = desk.siti.landing(desk.siti.submit(same))
    assert "Sebentar lagi semua yang mengirim pesan ini diberi tahu" in page.text
    assert desk.state() == "approved"
    with desk.store.read() as session:
        assert sorted(session.scalars(select(Outbox.task))) == ["answer", "embed"]
    assert "menyatakan sama dengan pemeriksaan yang ada" in desk.open(desk.siti).text


def test_a_tap_is_taken_back_from_the_queue_within_seconds(desk: Desk) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        (same,) = [one for one in desk.open(desk.siti).forms if one.action.endswith("/saran/1/sama")]
        page = desk.siti.landing(desk.siti.submit(same))
        assert f"Anda menyatakan pesan {desk.group} sama. Belum ada yang diberi tahu." in page.text
        assert not desk.budi.get("/kim").has_form("/batal")
        back = desk.siti.landing(desk.siti.submit(page.form("/batal")))
        assert "Dibatalkan." in back.text
        assert "Anda sedang mengerjakan pesan ini" in back.text
        assert desk.state() == "leased"
        again = desk.siti.landing(desk.siti.submit(same))
        clock.shift(GRACE)
        assert not desk.siti.get("/kim").has_form("/batal")
        late = Page(desk.siti.submit(again.form("/batal")))
    assert late.status == 409
    assert "Sudah lewat waktunya" in late.text
    assert desk.state() == "approved"
    for odd in ({"kind": "apa"}, {"number": "x"}, {"number": "9" * 30}):
        assert desk.siti.submit(again.form("/batal"), **odd).status_code == 404


def test_rejecting_keeps_the_page_and_takes_the_buttons_away(desk: Desk) -> None:
    (other,) = [one for one in desk.open(desk.siti).forms if one.action.endswith("/saran/1/beda")]
    page = desk.siti.landing(desk.siti.submit(other))
    assert "Dinyatakan beda" in page.text
    assert not page.has_form("/saran/1/sama")
    assert page.has_form("/saran/2/sama")


def test_a_suggestion_of_another_message_is_not_judged_from_this_page(desk: Desk) -> None:
    with desk.store.write() as session:
        other = make_group(session)
        match = suggest(session, other, make_fact_check(session)).id
        other_id = other.id
    token = desk.siti.get("/kim").form("/keluar").fields["csrf_token"]
    for ending in ("sama", "beda"):
        path = f"/kim/kelompok/{desk.group}/saran/{match}/{ending}"
        page = Page(desk.siti.client.post(path, data={"csrf_token": token}))
        assert page.status == 404
    assert (desk.state(), desk.state(other_id)) == ("queued", "queued")


def test_a_decision_on_another_message_is_not_reviewed_from_this_page(desk: Desk) -> None:
    desk.decide(desk.siti)
    with desk.store.write() as session:
        other = make_group(session).id
    token = desk.dewi.get("/kim").form("/keluar").fields["csrf_token"]
    for ending in ("setujui", "kembalikan"):
        path = f"/kim/kelompok/{other}/keputusan/1/{ending}"
        page = Page(desk.dewi.client.post(path, data={"csrf_token": token, "remark": "Perbaiki."}))
        assert page.status == 404
    assert desk.state() == "decided"


def test_what_is_refused_takes_nothing(desk: Desk) -> None:
    token = desk.siti.get("/kim").form("/keluar").fields["csrf_token"]
    for ending, data in (("keputusan", WRITTEN | {"claim": ""}), ("gabung", {"other": "999"})):
        path = f"/kim/kelompok/{desk.group}/{ending}"
        assert desk.siti.client.post(path, data=data | {"csrf_token": token}).status_code in (404, 422)
    assert desk.state() == "queued"


def test_the_form_explains_each_verdict(desk: Desk) -> None:
    page = desk.take(desk.siti)
    assert len(page.form("/keputusan").choices["verdict"]) == 9
    assert "Ada yang benar, tetapi disusun sehingga orang salah paham." in page.text
    assert page.form("/keputusan").fields["harm"] == "fraud"


def test_two_people_publish_and_nobody_approves_their_own(desk: Desk) -> None:
    assert "menunggu persetujuan orang kedua" in desk.decide(desk.dewi).text
    own = desk.open(desk.dewi)
    assert "orang lain yang menyetujuinya" in own.text
    assert not own.has_form("/setujui")
    assert not own.has_form("/kembalikan")
    token = own.form("/keluar").fields["csrf_token"]
    forced = Page(
        desk.dewi.client.post(f"/kim/kelompok/{desk.group}/keputusan/1/setujui", data={"csrf_token": token})
    )
    assert forced.status == 403
    assert "harus disetujui orang lain" in forced.text
    assert desk.state() == "decided"
    assert not desk.open(desk.siti).has_form("/setujui")


def test_the_approver_sees_exactly_what_is_published(
    desk: Desk, signed_in: Callable[[Role], Browser]
) -> None:
    desk.decide(desk.siti)
    listed = desk.dewi.get("/kim?lihat=persetujuan")
    assert "Menunggu persetujuan 1" in listed.text
    page = desk.open(desk.dewi)
    for said in (
        "Hoaks",
        "Bantuan tunai lewat pesan berantai",
        "Kantor desa sudah ditanya",
        "Jangan mengirim NIK.",
    ):
        assert said in page.text
    assert "https://desa.example/bantuan" in [link["href"] for link in page.all("a")]
    with desk.store.read() as session:
        evidence = session.scalars(select(Decision.evidence)).one()
    assert evidence == [
        {"label": "Kantor desa, lewat telepon", "url": ""},
        {"label": "Situs resmi", "url": "https://desa.example/bantuan"},
        {"label": "https://lain.example/", "url": "https://lain.example/"},
    ]
    done = desk.dewi.landing(desk.dewi.submit(page.form("/setujui")))
    assert "Disetujui" in done.text
    assert desk.state() == "approved"
    with desk.store.read() as session:
        assert session.scalars(select(Outbox.task)).all() == ["publish"]
    again = Page(desk.dewi.submit(page.form("/setujui")))
    assert again.status == 409
    assert "sudah berubah" in again.text


def test_a_decision_sent_back_returns_with_its_remark_and_text(desk: Desk) -> None:
    desk.decide(desk.siti)
    page = desk.open(desk.dewi)
    empty = Page(desk.dewi.submit(page.form("/kembalikan"), remark="  "))
    assert empty.status == 422
    assert "Tulis apa yang perlu diperbaiki, paling banyak 5.000 huruf." in empty.text
    long = Page(desk.dewi.submit(page.form("/kembalikan"), remark="p" * 5_001))
    assert long.status == 422
    assert long.form("/kembalikan").fields["remark"] == "p" * 5_001
    desk.dewi.landing(desk.dewi.submit(page.form("/kembalikan"), remark="Sebutkan sumbernya.\r\n" * 250))
    mine = desk.take(desk.siti)
    assert "Sebutkan sumbernya." in mine.text
    fields = mine.form("/keputusan").fields
    assert {name: fields[name] for name in WRITTEN} == WRITTEN | {
        "evidence": "Kantor desa, lewat telepon\nSitus resmi | https://desa.example/bantuan\n"
        "https://lain.example/ | https://lain.example/"
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"verdict": ""}, "Pilih satu hasil pemeriksaan."),
        ({"claim": " "}, "Isi klaimnya"),
        ({"headline": "j" * 301}, "Isi judulnya"),
        ({"explanation": ""}, "Isi penjelasannya"),
        ({"evidence": "Sumber | javascript:alert(1)"}, "Tulis tiap bukti"),
        ({"evidence": "\n".join(f"Sumber {number}" for number in range(30))}, "Paling banyak 20 baris."),
        ({"harm": "semua"}, "Pilih bahaya"),
    ],
)
def test_what_a_decision_lacks_is_said_and_the_rest_stays(
    desk: Desk, typed: dict[str, str], said: str
) -> None:
    sent = WRITTEN | typed
    page = Page(desk.siti.submit(desk.take(desk.siti).form("/keputusan"), **sent))
    assert page.status == 422
    assert said in page.text
    fields = page.form("/keputusan").fields
    kept = {name: fields.get(name, "") for name in WRITTEN if name != "harm"}
    assert kept == {name: sent[name] for name in WRITTEN if name != "harm"}
    assert desk.count(Decision) == 0


def test_a_lease_that_ran_out_while_writing_is_taken_again(desk: Desk) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        form = desk.take(desk.siti).form("/keputusan")
        clock.shift(LEASE + timedelta(minutes=5))
        desk.siti.landing(desk.siti.submit(form, **WRITTEN))
    assert desk.state() == "decided"


def test_somebody_else_took_it_meanwhile_and_the_text_stays(desk: Desk) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        form = desk.take(desk.siti).form("/keputusan")
        clock.shift(LEASE + timedelta(minutes=5))
        desk.take(desk.budi)
        page = Page(desk.siti.submit(form, **WRITTEN))
    assert page.status == 409
    assert "sedang dikerjakan orang lain" in page.text
    fields = page.form("/keputusan").fields
    assert {name: fields[name] for name in WRITTEN} == WRITTEN
    assert desk.count(Decision) == 0


def test_two_people_deciding_at_once_make_one_decision(desk: Desk) -> None:
    form = desk.take(desk.siti).form("/keputusan")
    desk.siti.submit(form, **WRITTEN)
    page = Page(desk.siti.submit(form, **WRITTEN))
    assert page.status == 409
    assert desk.count(Decision) == 1


def test_similar_messages_are_merged_into_the_one_in_hand(desk: Desk) -> None:
    with desk.store.write() as session:
        match = make_fact_check(session)
        twin = _group_saying(session, "Kembaran pesan itu", band="review")
        suggest(session, twin, match)
        mine = make_group(session, band="review")
        suggest(session, mine, match)
        numbers = mine.id, twin.id
    desk.siti.submit(desk.open(desk.siti, numbers[0]).form("/ambil"))
    page = desk.open(desk.siti, numbers[0])
    assert "Kembaran pesan itu" in page.text
    merged = desk.siti.landing(desk.siti.submit(page.form("/gabung")))
    assert "satu jawaban untuk keduanya" in merged.text
    assert desk.state(numbers[1]) == "merged"
    for other in ("", "x", "0", "99999999999999999999", str(numbers[0])):
        assert desk.siti.submit(page.form("/gabung"), other=other).status_code in (404, 422)


def test_what_was_merged_is_split_again_from_the_same_page(desk: Desk) -> None:
    with desk.store.write() as session:
        twin = _group_saying(session, "Kabar yang digabung karena keliru").id
    merged = desk.siti.submit(desk.open(desk.siti).form("/gabung"), other=str(twin))
    page = desk.siti.landing(merged)
    assert "Sudah digabung ke sini Kabar yang digabung karena keliru" in page.text
    assert not desk.open(desk.budi).has_form("/pisah")
    again = desk.siti.landing(desk.siti.submit(page.form("/pisah")))
    assert f"Dipisahkan: pesan {twin} menunggu jawaban sendiri lagi." in again.text
    assert f"memisahkan lagi pesan {twin} dari sini" in again.text
    assert desk.state(twin) == "queued"
    assert not again.has_form("/pisah")


def test_message_and_suggestion_stand_side_by_side_with_what_they_share_marked(desk: Desk) -> None:
    with desk.store.write() as session:
        said = "Awas <i>banjir</i> bandang malam ini jam 19.00 di Kali Glidik"
        group = _group_saying(session, said, band="review")
        seen = make_fact_check(session, claim="Kabar banjir bandang malam ini jam 21.00 tidak benar")
        reasons = [Reason("numbers_differ", {"message": "19.00", "entry": "21.00"}), Reason("same_topic", {})]
        suggest(session, group, seen).reasons = [asdict(reason) for reason in reasons]
        number = group.id
    page = desk.open(desk.siti, number)
    assert page.html.count("bandang malam ini jam</mark>") == 2
    assert '<strong class="differs">19.00</strong>' in page.html
    assert '<strong class="differs">21.00</strong>' in page.html
    assert page.all("i") == [], "a message's markup became ours"
    assert (
        "Perhatikan bedanya Angkanya berbeda: pesan menyebut 19.00, arsip menyebut 21.00. "
        "Mengapa disarankan Membahas hal yang mirip."
    ) in page.text


def test_the_page_tells_from_where_and_since_when(desk: Desk) -> None:
    with desk.store.write() as session:
        group = _group_saying(session, "Kabar yang menyebar")
        began = now() - timedelta(hours=30)
        group.first_seen, group.villages = began, 14
        for number in range(14):
            session.add(
                Sighting(
                    group_id=group.id, reporter_hash="a", village=f"35.08.01.20{number + 1:02}",
                    times=20 - number, first_seen=began, last_seen=now(),
                )
            )  # fmt: skip
        for hours in (30, 30, 30):
            make_submission(session, group_id=group.id, created_at=now() - timedelta(hours=hours))
        number = group.id
    page = desk.open(desk.siti, number)
    assert "Paling banyak sekitar" in page.text
    assert ": 3 kiriman. Satu batang: 2 jam." in page.text
    assert len(page.all("rect")) == 2
    assert "(20)" in page.text
    assert "dan 2 desa lain" in page.text


def test_an_analyst_looks_but_finds_no_buttons(desk: Desk, signed_in: Callable[[Role], Browser]) -> None:
    analyst = signed_in("analis")
    page = desk.open(analyst)
    assert [form.action for form in page.forms] == ["/keluar"]
    assert [form.action for form in analyst.get("/kim").forms] == ["/keluar"]


def test_words_for_every_code(app: Flask) -> None:
    """Whatever the life cycle can produce has its words on the page."""
    assert {step.event for step in TRANSITIONS if step.subject == "group"} <= set(labels.EVENTS)
    assert set(labels.STATES) == set(STATES["group"])
    assert set(labels.HARMS) == set(HARMS)
    assert set(labels.ROLES) == set(ROLES)
    assert {one.tone for one in verdicts().values()} == {"false", "doubt", "true", "open"}


def test_what_is_hardly_alike_is_folded_away_and_needs_a_second_person(desk: Desk) -> None:
    with desk.store.write() as session:
        group = _group_saying(session, "Kabar yang lain sama sekali")
        suggest(session, group, make_fact_check(session, "Kabar jauh")).probability = 0.02
        number = group.id
    assert "Mirip dengan: Kabar jauh" not in desk.siti.get("/kim").text
    page = desk.open(desk.siti, number)
    assert "Belum ada pemeriksaan yang mirip." in page.text
    assert "Pemeriksaan lain yang kurang mirip (1)" in page.text
    done = desk.siti.landing(desk.siti.submit(page.form("/sama")))
    assert "setelah orang kedua menyetujuinya" in done.text
    assert desk.state(number) == "decided"
    listed = desk.dewi.get("/kim?lihat=persetujuan")
    assert "Usulan: Hoaks — Kabar jauh · ditulis Akun" in listed.text
    desk.dewi.landing(desk.dewi.submit(desk.open(desk.dewi, number).form("/setujui")))
    with desk.store.read() as session:
        assert sorted(session.scalars(select(Outbox.task))) == ["answer", "embed"]
    assert "Jawaban yang sedang disampaikan" in desk.open(desk.siti, number).text


def test_an_answered_message_says_what_was_answered_and_by_whom(desk: Desk) -> None:
    (same,) = [one for one in desk.open(desk.siti).forms if one.action.endswith("/saran/1/sama")]
    desk.siti.submit(same)
    assert "Jawaban yang sedang disampaikan" in desk.open(desk.budi).text
    tell(desk.store)
    page = desk.open(desk.budi)
    for said in ("Jawaban yang sudah disampaikan", "Hoaks : Bantuan tunai", "Dinyatakan sama oleh Akun"):
        assert said in page.text
    assert "Halaman untuk warga" in page.text
    listed = desk.siti.get("/kim?lihat=terjawab")
    assert "Dijawab: Hoaks — Bantuan tunai lewat tautan" in listed.text
    assert "Mirip dengan" not in listed.text


def test_an_answer_that_was_no_answer_is_withdrawn(desk: Desk, signed_in: Callable[[Role], Browser]) -> None:
    (same,) = [one for one in desk.open(desk.siti).forms if one.action.endswith("/saran/1/sama")]
    desk.siti.submit(same)
    tell(desk.store)
    assert "Tarik jawaban" not in desk.open(signed_in("analis")).text
    page = desk.budi.landing(desk.budi.submit(desk.open(desk.budi).form("/tarik")))
    assert "Jawaban ditarik. Pesan ini menunggu diperiksa lagi." in page.text
    assert "Dinyatakan beda" in page.text
    assert "menarik jawaban" in page.text
    assert "Jawaban yang sudah disampaikan" not in page.text
    assert desk.state() == "queued"
    with desk.store.read() as session:
        assert session.scalars(select(ClaimText.text).where(ClaimText.submission_id.is_not(None))).all() == []


def test_what_was_decided_on_the_message_itself_has_no_such_button(desk: Desk) -> None:
    desk.decide(desk.siti)
    desk.dewi.submit(desk.open(desk.dewi).form("/setujui"))
    tell(desk.store, "35.08")
    page = desk.open(desk.siti)
    assert "Jawaban yang sudah disampaikan" in page.text
    assert "Tarik jawaban" not in page.text


def test_a_decision_sent_back_is_marked_everywhere_and_remembered_by_the_approver(desk: Desk) -> None:
    desk.decide(desk.siti)
    assert "Anda yang menulis; orang lain yang menyetujui." in desk.siti.get("/kim?lihat=persetujuan").text
    assert "Anda yang menulis" not in desk.dewi.get("/kim?lihat=persetujuan").text
    desk.dewi.submit(desk.open(desk.dewi).form("/kembalikan"), remark="Sebutkan sumbernya.")
    for page in (desk.budi.get("/kim"), desk.open(desk.budi)):
        assert "Perlu diperbaiki" in page.text
        assert "Sebutkan sumbernya." in page.text
    desk.decide(desk.siti)
    page = desk.open(desk.dewi)
    assert "Catatan sebelumnya: Sebutkan sumbernya." in page.text
    assert "Perlu diperbaiki" not in page.text
    assert page.text.index("Yang akan terbit") < page.text.index("Pemeriksaan yang mungkin sama")


def test_merged_messages_lead_to_each_other(desk: Desk) -> None:
    with desk.store.write() as session:
        match = make_fact_check(session)
        mine, twin = (make_group(session, band="review") for _ in range(2))
        for group in (mine, twin):
            suggest(session, group, match)
        kept, gone = mine.id, twin.id
    desk.siti.submit(desk.open(desk.siti, kept).form("/ambil"))
    desk.siti.submit(desk.open(desk.siti, kept).form("/gabung"))
    page = desk.open(desk.siti, gone)
    assert f"Pesan ini sudah digabung ke pesan {kept}." in page.text
    assert f"/kim/kelompok/{kept}" in [link["href"] for link in page.all("a")]
    assert f"menggabungkan pesan {gone} ke sini" in desk.open(desk.siti, kept).text


@pytest.mark.parametrize("ending", ["/saran/1/beda", "/gabung", "/lepas"])
def test_what_is_being_written_comes_along_with_other_buttons(desk: Desk, ending: str) -> None:
    with desk.store.write() as session:
        twin = make_group(session, band="review")
        session.add(SuggestedMatch(
            group_id=twin.id, fact_check_id=1, rank=1, probability=0.6, reasons=[], model_version="test",
            state="suggested", created_at=now(), likely=True,
        ))  # fmt: skip
    page = desk.siti.landing(desk.siti.submit(desk.take(desk.siti).form(ending), **WRITTEN))
    assert "Yang Anda ketik tersimpan sebagai draf Anda" in page.text
    fields = desk.open(desk.siti).form("/keputusan").fields
    assert {name: fields[name] for name in WRITTEN} == WRITTEN
    assert desk.count(Decision) == 0


def test_a_draft_is_one_persons_on_every_device_until_it_is_decided(desk: Desk, app: Flask) -> None:
    form = desk.take(desk.siti).form("/draf")
    page = desk.siti.landing(desk.siti.submit(form, **WRITTEN))
    assert "Draf tersimpan" in page.text
    other_phone = Browser(app.test_client())
    other_phone.client.set_cookie(SESSION, desk.siti.client.get_cookie(SESSION).value)
    fields = desk.open(other_phone).form("/keputusan").fields
    assert {name: fields[name] for name in WRITTEN} == WRITTEN
    assert not desk.open(desk.dewi).has_form("/draf")
    assert WRITTEN["explanation"] not in desk.open(desk.dewi).html
    other_phone.submit(desk.open(other_phone).form("/keputusan"))
    assert desk.state() == "decided"
    assert desk.count(SavedDraft) == 0


def test_whoever_is_writing_keeps_the_message(desk: Desk) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        form = desk.take(desk.siti).form("/draf")
        for _ in range(3):
            clock.shift(LEASE - timedelta(minutes=1))
            desk.siti.submit(form, **WRITTEN)
        assert not desk.open(desk.budi).has_form("/ambil")
        clock.shift(LEASE + timedelta(minutes=1))
        # Nor does a late draft take it back from whoever has it now.
        desk.take(desk.budi)
        desk.siti.submit(form, **WRITTEN)
        assert "Anda sedang mengerjakan pesan ini" in desk.open(desk.budi).text


def test_a_draft_can_be_thrown_away(desk: Desk) -> None:
    desk.siti.submit(desk.take(desk.siti).form("/draf"), **WRITTEN)
    page = desk.siti.landing(desk.siti.submit(desk.open(desk.siti).form("/draf/hapus")))
    assert "Draf dihapus." in page.text
    assert page.form("/keputusan").fields["claim"] == ""


def test_a_script_saves_and_previews_without_a_page(desk: Desk) -> None:
    page = desk.take(desk.siti)
    (form,) = [tag for tag in page.all("form") if tag.get("id") == "tulisan"]
    sent = page.form("/keputusan").fields | WRITTEN
    assert desk.siti.client.post(form["data-draft"], data=sent).get_data(as_text=True).startswith("Draf ters")
    part = desk.siti.client.post(form["data-preview"], data=sent).get_data(as_text=True)
    assert "<html" not in part
    assert "Begini warga membacanya" in part


def test_the_answer_is_shown_as_people_will_read_it(desk: Desk) -> None:
    page = Page(desk.siti.submit(desk.take(desk.siti).form("/pratinjau"), **WRITTEN))
    assert page.status == 200
    for said in (
        "Begini warga membacanya", "✕ Hoaks", "*HOAKS*: Bantuan tunai lewat pesan berantai",
        "HOAKS: Bantuan tunai lewat pesan berantai. Kantor desa sudah ditanya: tidak ada.",
        "KIM dan Diskominfo Kabupaten Lumajang",
    ):  # fmt: skip
        assert said in page.text
    length = int(page.text.split("lewat SMS (")[1].split(" ")[0])
    assert 80 < length <= 160
    assert f"({length} dari 160 huruf)" in page.text
    empty = Page(desk.siti.submit(desk.open(desk.siti).form("/pratinjau"), **dict.fromkeys(WRITTEN, "")))
    assert empty.status == 200


def test_the_day_of_an_archive_copy_is_kept_and_shown(desk: Desk) -> None:
    lines = "Situs resmi | https://desa.example/ | 3-11-2026\nKantor desa | 2026-11-04\nA | B | https://b.example/"
    desk.decide(desk.siti, evidence=lines)
    with desk.store.read() as session:
        assert session.scalars(select(Decision.evidence)).one() == [
            {"label": "Situs resmi", "url": "https://desa.example/", "archived": "2026-11-03"},
            {"label": "Kantor desa", "url": "", "archived": "2026-11-04"},
            {"label": "A | B", "url": "https://b.example/"},
        ]
    page = desk.open(desk.dewi)
    assert "salinan arsip 3 November 2026" in page.text
    desk.dewi.submit(page.form("/kembalikan"), remark="Perbaiki.")
    form = desk.take(desk.siti).form("/keputusan")
    assert form.fields["evidence"].splitlines()[0] == "Situs resmi | https://desa.example/ | 03-11-2026"
    for odd in ("Situs | https://a.example/ | 31-02-2026", "Situs | https://a.example/ | 1-1-2999"):
        assert desk.siti.submit(form, evidence=odd).status_code == 422


def test_enter_in_the_form_presses_none_of_the_other_buttons(desk: Desk) -> None:
    buttons = [one for one in desk.take(desk.siti).all("button") if one.get("form") == "tulisan"]
    assert "formaction" not in buttons[0]
    assert "formaction" in buttons[1]


def test_a_flaw_is_said_inside_the_form_and_leads_to_its_field(desk: Desk) -> None:
    html = desk.siti.submit(desk.take(desk.siti).form("/keputusan"), **(WRITTEN | {"claim": ""})).text
    inside = html[html.index('id="tulisan"') :]
    assert '<a href="#claim">Isi klaimnya' in inside
    assert 'id="claim" name="claim" rows="3" aria-invalid="true" aria-describedby="masalah-claim"' in inside
    assert f'action="/kim/kelompok/{desk.group}/keputusan#tulis"' in html


def test_numbers_of_people_in_a_decision_are_pointed_out(desk: Desk) -> None:
    said = "Pastikan nomornya milik umum dan boleh terbit."
    number = {"explanation": "Hubungi 0812-3456-7890."}
    page = Page(
        desk.siti.submit(desk.take(desk.siti).form("/keputusan"), **(WRITTEN | number | {"claim": ""}))
    )
    assert said in page.text
    desk.siti.submit(page.form("/keputusan"), **(WRITTEN | number))
    assert said in desk.open(desk.dewi).text
    desk.dewi.submit(desk.open(desk.dewi).form("/kembalikan"), remark="Tanpa nomor.")
    assert said in desk.take(desk.siti).text
    desk.siti.submit(desk.open(desk.siti).form("/keputusan"), **WRITTEN)
    assert said not in desk.open(desk.dewi).text


def test_the_second_person_sees_what_changed_since_it_was_sent_back(desk: Desk) -> None:
    desk.decide(desk.siti)
    assert "Yang berubah" not in desk.open(desk.dewi).text
    desk.dewi.submit(desk.open(desk.dewi).form("/kembalikan"), remark="Sebutkan <i>kapan</i>.")
    mended = {"explanation": "Kantor desa sudah ditanya kemarin: tidak ada.", "harm": "other"}
    desk.decide(desk.budi, **mended)
    page = desk.open(desk.dewi)
    assert "Yang berubah sejak dikembalikan" in page.text
    assert "<del>ditanya:</del><ins>ditanya kemarin:</ins>" in page.html
    assert "<del>Penipuan</del><ins>Lainnya</ins>" in page.html
    assert [tag for tag, _ in page.elements].count("dt") == 2
    assert page.all("i") == []


def test_nobody_approves_what_was_reported_from_their_own_browser(
    desk: Desk, store: Store, config: Config
) -> None:
    desk.dewi.get("/")
    desk.dewi.submit(desk.dewi.get("/").form("/"), text="Kabar yang dikirim penyetuju sendiri ke sini")
    drain(store, ScriptedMatching())
    with store.read() as session:
        number = session.scalars(select(ClaimGroup.id).order_by(ClaimGroup.id.desc())).first()
    assert number != desk.group
    desk.siti.submit(desk.open(desk.siti, number).form("/ambil"))
    desk.siti.submit(desk.open(desk.siti, number).form("/keputusan"), **WRITTEN)
    page = desk.open(desk.dewi, number)
    assert "pernah dikirim dari peramban yang Anda pakai" in page.text
    assert not page.has_form("/setujui")
    token = page.form("/keluar").fields["csrf_token"]
    # From any other browser too: it is the person who may not.
    desk.dewi.client.delete_cookie(DEVICE)
    path = f"/kim/kelompok/{number}/keputusan/1/setujui"
    forced = Page(desk.dewi.client.post(path, data={"csrf_token": token}))
    assert forced.status == 403
    assert desk.state(number) == "decided"


def test_a_remark_that_comes_too_late_is_shown_to_be_copied(desk: Desk) -> None:
    desk.decide(desk.siti)
    form = desk.open(desk.dewi).form("/kembalikan")
    desk.dewi.submit(desk.open(desk.dewi).form("/setujui"))
    page = Page(desk.dewi.submit(form, remark="Sebutkan sumbernya."))
    assert page.status == 409
    assert "masih ada di halaman ini" not in page.text
    assert "Yang Anda ketik belum tersimpan." in page.text
    assert "Sebutkan sumbernya." in page.text


def test_a_lease_that_ran_out_holds_nothing(desk: Desk) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        desk.take(desk.siti)
        clock.shift(LEASE + timedelta(minutes=1))
        page = desk.open(desk.budi)
        assert f"Pesan {desk.group} Menunggu" in page.text
        assert page.has_form("/ambil")


def test_an_error_on_a_staff_page_keeps_the_staff_menu(desk: Desk, browser: Browser) -> None:
    page = desk.siti.get("/kim/kelompok/999")
    assert page.status == 404
    assert page.has_form("/keluar")
    assert not browser.get("/kim/tidak-ada").has_form("/keluar")


def test_landmarks_of_the_item_page_have_names_of_their_own(desk: Desk) -> None:
    page = desk.take(desk.siti)
    named = [
        one.get("aria-label") or one.get("aria-labelledby")
        for tag, one in page.elements
        if tag in ("section", "nav") or one.get("role") == "region"
    ]
    assert None not in named
    assert len(named) == len(set(named))
