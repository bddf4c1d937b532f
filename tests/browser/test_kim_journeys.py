"""A verifier's way through the pages in real Chromium: thumbs, keys, no scripts, two people at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.factories import make_fact_check, make_group, make_submission, suggest
from tests.scripted import tell
from triage.db import Store
from triage.permissions import Actor, Role
from triage.tables import ClaimGroup, Decision, SavedDraft, SuggestedMatch

SignIn = Callable[[Visitor, Role], Actor]
TEXT = "Katanya bantuan tunai dibagikan malam ini lewat tautan"


def _waiting(session: Session, text: str, urgency: float) -> int:
    message = make_submission(session, text, state="assessed")
    group = make_group(session, representative_id=message.id, band="review", urgency=urgency)
    message.group_id = group.id
    suggest(session, group, make_fact_check(session, "Bantuan tunai lewat tautan"))
    return group.id


@pytest.fixture
def groups(store: Store) -> list[int]:
    """Three waiting messages, most urgent first."""
    with store.write() as session:
        return [_waiting(session, f"{TEXT} ({number})", 0.9 - number / 10) for number in range(3)]


def _state(store: Store, number: int) -> str:
    with store.read() as session:
        return session.get_one(ClaimGroup, number).state


@pytest.fixture
def siti(visit: Callable[..., Visitor], sign_in: SignIn, width: int, javascript: bool) -> Page:
    """Her tab, at both widths, with scripts and without."""
    visitor = visit(width=width, javascript=javascript)
    sign_in(visitor, "verifikator")
    return visitor.page()


def test_one_tap_and_the_way_back(siti: Page, store: Store, groups: list[int]) -> None:
    siti.goto("/kim")
    siti.locator(f"#pesan-{groups[0]} h2 a").click()
    siti.get_by_role("button", name="Sama").click()
    expect(siti.locator(".undo")).to_contain_text("Belum ada yang diberi tahu.")
    assert _state(store, groups[0]) == "approved"
    siti.get_by_role("button", name="Batalkan").click()
    expect(siti.locator("main")).to_contain_text("Dibatalkan.")
    assert _state(store, groups[0]) == "leased"
    siti.get_by_role("button", name="Beda").click()
    expect(siti.locator("main")).to_contain_text("Dinyatakan beda")


def test_a_decision_is_previewed_saved_proposed(siti: Page, store: Store, groups: list[int]) -> None:
    siti.goto(f"/kim/kelompok/{groups[0]}")
    siti.get_by_role("button", name="Kerjakan").click()
    siti.get_by_label("Judul jawaban").fill("Bantuan tunai lewat pesan berantai")
    siti.locator("#claim").fill(TEXT)
    siti.get_by_label("Penjelasan: apa yang").fill("Bantuan hanya lewat kantor desa.")
    siti.locator("input[value=hoaks]").check()
    siti.get_by_role("button", name="Lihat seperti warga membacanya").click()
    expect(siti.locator("#pratinjau")).to_contain_text("*HOAKS*: Bantuan tunai lewat pesan berantai")
    siti.locator("main").get_by_role("button", name="Ajukan untuk disetujui").last.click()
    expect(siti.locator("main")).to_contain_text("menunggu persetujuan orang kedua")
    with store.read() as session:
        assert session.query(Decision).one().headline == "Bantuan tunai lewat pesan berantai"
        assert session.query(SavedDraft).count() == 0


@pytest.fixture
def desk(visit: Callable[..., Visitor], sign_in: SignIn) -> Page:
    """A tab with scripts at a desk."""
    visitor = visit(width=chromium.DESK)
    sign_in(visitor, "verifikator")
    return visitor.page()


def test_keys_walk_open_judge_and_take_back(desk: Page, store: Store, groups: list[int]) -> None:
    desk.goto("/kim")
    for key, number in (("j", 0), ("j", 1), ("k", 0), ("j", 1)):
        desk.keyboard.press(key)
        expect(desk.locator(f"#pesan-{groups[number]}")).to_be_focused()
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/kelompok/{groups[1]}")
    desk.keyboard.press("1")
    expect(desk.locator(".undo")).to_be_visible()
    assert _state(store, groups[1]) == "approved"
    desk.keyboard.press("u")
    desk.wait_for_url(f"**/kelompok/{groups[1]}")
    assert _state(store, groups[1]) == "leased"
    desk.keyboard.press("2")
    expect(desk.locator("main")).to_contain_text("Dinyatakan beda")
    with store.read() as session:
        match = session.query(SuggestedMatch).filter_by(group_id=groups[1]).one()
        assert match.state == "rejected"


def test_keys_can_be_turned_off_and_stay_off(desk: Page, store: Store, groups: list[int]) -> None:
    desk.goto(f"/kim/kelompok/{groups[0]}")
    desk.get_by_role("button", name="Matikan").click()
    desk.reload()
    expect(desk.get_by_role("button", name="Nyalakan")).to_be_visible()
    desk.keyboard.press("1")
    assert _state(store, groups[0]) == "queued"
    desk.get_by_role("button", name="Nyalakan").click()
    desk.keyboard.press("1")
    expect(desk.locator(".undo")).to_be_visible()
    assert _state(store, groups[0]) == "approved"


def test_keys_are_letters_where_one_writes(desk: Page, store: Store, groups: list[int]) -> None:
    desk.goto(f"/kim/kelompok/{groups[0]}")
    desk.get_by_role("button", name="Kerjakan").click()
    desk.locator("#claim").press_sequentially("jk12u")
    assert desk.locator("#claim").input_value() == "jk12u"
    assert _state(store, groups[0]) == "leased"


def test_the_way_back_goes_away_when_its_time_is_over(desk: Page, store: Store, groups: list[int]) -> None:
    desk.clock.install()
    desk.goto(f"/kim/kelompok/{groups[0]}")
    desk.get_by_role("button", name="Sama").click()
    expect(desk.locator(".undo")).to_contain_text("(")
    desk.clock.run_for(11_000)
    expect(desk.locator(".undo")).to_have_count(0)
    tell(store)
    assert _state(store, groups[0]) == "answered"


def test_new_messages_appear_by_themselves(desk: Page, store: Store, groups: list[int]) -> None:
    desk.clock.install()
    desk.goto("/kim")
    with store.write() as session:
        fresh = _waiting(session, "Kabar yang baru saja masuk", 0.99)
    desk.clock.run_for(16_000)
    expect(desk.locator("[data-card]").first).to_have_id(f"pesan-{fresh}")
    expect(desk.locator(".tabs [aria-current] b")).to_have_text("4")
    # Whoever reads further down is asked first: nothing moves under a thumb.
    desk.keyboard.press("j")
    with store.write() as session:
        newest = _waiting(session, "Kabar yang lebih baru lagi", 0.995)
    desk.clock.run_for(16_000)
    desk.get_by_role("button", name="Ada perubahan di antrean").click()
    expect(desk.locator("[data-card]").first).to_have_id(f"pesan-{newest}")


def test_a_draft_outlives_the_tab(
    desk: Page, visit: Callable[..., Visitor], store: Store, groups: list[int]
) -> None:
    desk.goto(f"/kim/kelompok/{groups[0]}")
    desk.get_by_role("button", name="Kerjakan").click()
    desk.get_by_label("Judul jawaban").fill("Judul yang belum selesai")
    expect(desk.locator("#simpanan")).to_contain_text("Draf tersimpan")
    expect(desk.locator("#pratinjau")).to_contain_text("Judul yang belum selesai")
    other = visit(width=chromium.PHONE)
    other.context.add_cookies(desk.context.cookies())
    desk.close()
    page = other.open(f"/kim/kelompok/{groups[0]}")
    assert page.get_by_label("Judul jawaban").input_value() == "Judul yang belum selesai"


def test_two_people_at_once_never_overwrite_each_other(
    siti: Page, visit: Callable[..., Visitor], sign_in: SignIn, store: Store, groups: list[int]
) -> None:
    other = visit(width=chromium.DESK)
    budi = sign_in(other, "verifikator")
    theirs = other.open(f"/kim/kelompok/{groups[0]}")
    siti.goto(f"/kim/kelompok/{groups[0]}")
    theirs.get_by_role("button", name="Kerjakan").click()
    expect(theirs.locator("main")).to_contain_text("Anda sedang mengerjakan pesan ini")
    siti.get_by_role("button", name="Sama").click()
    expect(siti.locator("main")).to_contain_text("sedang dikerjakan orang lain")
    expect(siti.locator("main")).to_contain_text(f"Sedang dikerjakan {budi.display_name} sampai")
    with store.read() as session:
        assert session.get_one(ClaimGroup, groups[0]).lease_account == budi.account_id
        assert session.query(Decision).count() == 0
