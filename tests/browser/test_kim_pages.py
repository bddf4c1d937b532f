"""Every verifier's page in Chromium: WCAG 2.2 AA at both widths, light and dark, at 200 %; its weight."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from models.types import Reason
from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.domain.test_review import DRAFT
from tests.factories import make_account, make_fact_check, make_group, make_submission, suggest
from tests.signing import CHOSEN, Phone, enter
from triage import accounts, asking, review
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Actor, Role
from triage.tables import ClaimGroup, Sighting
from triage.web import security

FLOOD = (
    "AWAS!! info dr grup sebelah, banjir bandang akan datang mlm ini jam 19.00 di Kali Glidik, warga Desa "
    "Sumberwuluh disuruh naik ke balai desa, hubungi 0812-3456-7890 https://kabar.example/banjir"
)


@dataclass(frozen=True)
class Desk:
    """`item` waits, `mine` is held by the approver Dewi, `proposed` waits for her approval."""

    dewi: Visitor
    item: int
    mine: int
    proposed: int

    def paths(self) -> list[str]:
        items = [f"/kim/kelompok/{number}" for number in (self.item, self.mine, self.proposed)]
        views = [f"/kim?lihat={view}" for view in ("menunggu", "mendesak", "wilayah", "persetujuan", "saya")]
        rest = [
            "/kim/saya",
            "/kim/bahan",
            "/kim/bahan/1",
            "/kim/latihan",
            "/kim/latihan/1",
            "/kim/latihan/4",
            "/kim/sumber",
            "/kim/sumber/1",
            "/kata-sandi",
            "/langkah-kedua",
            "/langkah-kedua?baru=1",
            "/pastikan",
        ]
        return [*views, *items, *rest]


def _waiting(session: Session, text: str, **fields: object) -> ClaimGroup:
    message = make_submission(session, text, state="assessed")
    group = make_group(session, representative_id=message.id, band="review", harm="disaster", **fields)
    message.group_id = group.id
    return group


def fill(store: Store, config: Config, dewi: Actor) -> tuple[int, int, int]:
    """A morning's desk."""
    with store.write() as session:
        siti = make_account(session)
        began = now() - timedelta(hours=20)
        reasons = [asdict(Reason("about_disaster", {})), asdict(Reason("many_reporters", {"number": 9}))]
        seen = make_fact_check(
            session, "Banjir bandang di Kali Glidik", verdict="hoaks", publisher="BPBD Lumajang",
            claim="Banjir bandang akan datang malam ini jam 21.00 di Kali Glidik, warga diminta mengungsi",
        )  # fmt: skip
        groups = []
        for number in range(30):
            text = FLOOD if number < 3 else f"Kabar ke-{number}: pembagian beras di balai desa besok pagi"
            group = _waiting(
                session, text, urgency=0.9 - number / 40, urgency_reasons=reasons, reporters=9, villages=3,
                submissions=9, first_seen=began,
            )  # fmt: skip
            match = suggest(session, group, seen)
            match.probability = 0.91
            match.reasons = [
                asdict(Reason("numbers_differ", {"message": "19.00", "entry": "21.00"})),
                asdict(Reason("shared_words", {"words": "banjir, bandang, Glidik"})),
            ]
            groups.append(group)
        for number in range(9):
            at = began + timedelta(hours=2 * number)
            make_submission(session, FLOOD, group_id=groups[0].id, created_at=at, state="assessed")
            session.add(
                Sighting(
                    group_id=groups[0].id, reporter_hash=f"{number}f9a" * 16,
                    village=f"35.08.01.200{number % 3 + 1}", times=1, first_seen=at, last_seen=at,
                )
            )  # fmt: skip
        item, mine, proposed = (group.id for group in groups[:3])
    review.merge(store, dewi, groups[29].id, mine)
    source = asking.add_source(store, config, dewi, "bpbd", "BPBD Lumajang", "Pusdalops, piket siang malam")
    asking.note_answer(store, dewi, source, mine, "Tidak ada peringatan banjir malam ini.")
    review.save_draft(store, dewi, mine, {"claim": FLOOD[:90], "verdict": "hoaks", "harm": "disaster"})
    review.send_back(store, dewi, review.decide(store, siti, proposed, DRAFT), "Sebutkan sumbernya.")
    review.decide(store, siti, proposed, replace(DRAFT, explanation="Kantor desa sudah ditanya kemarin."))
    return item, mine, proposed


def _desk(visitor: Visitor, store: Store, config: Config, sign_in: Callable[[Visitor, Role], Actor]) -> Desk:
    return Desk(visitor, *fill(store, config, sign_in(visitor, "penyetuju")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(
    visit: Callable[..., Visitor],
    sign_in: Callable[[Visitor, Role], Actor],
    store: Store,
    config: Config,
    width: int,
    scheme: str,
) -> None:
    desk = _desk(visit(width=width, scheme=scheme), store, config, sign_in)
    page, found = desk.dewi.page(), {}
    pictures = os.environ.get("PENJAGA_PICTURES")
    for path in desk.paths():
        page.goto(path)
        if pictures:
            name = path.strip("/").replace("/", "-").replace("?", "-")
            page.screenshot(path=Path(pictures) / f"{name}-{width}-{scheme}.png", full_page=True)
        found[path] = [*chromium.violations(page), *(["too wide"] if chromium.overflow(page) > 0 else [])]
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_at_two_hundred_percent_nothing_is_cut_off(
    visit: Callable[..., Visitor], sign_in: Callable[[Visitor, Role], Actor], store: Store, config: Config
) -> None:
    desk = _desk(visit(width=chromium.DESK, zoom=2), store, config, sign_in)
    page = desk.dewi.page()
    for path in desk.paths():
        page.goto(path)
        assert chromium.overflow(page) == 0, path


def test_the_queue_weighs_little(
    visit: Callable[..., Visitor], sign_in: Callable[[Visitor, Role], Actor], store: Store, config: Config
) -> None:
    desk = _desk(visit(width=chromium.PHONE), store, config, sign_in)
    page = desk.dewi.page()
    weight = chromium.Weight(page)
    page.goto("/kim")
    page.wait_for_load_state("networkidle")
    assert 10_000 < weight.bytes <= 150_000
    assert page.locator("[data-card]").count() == 25


def test_what_is_tapped_is_large_enough(
    visit: Callable[..., Visitor], sign_in: Callable[[Visitor, Role], Actor], store: Store, config: Config
) -> None:
    desk = _desk(visit(width=chromium.PHONE), store, config, sign_in)
    page = desk.dewi.page()
    for path in desk.paths():
        page.goto(path)
        heights = page.locator(
            "main button:visible, main .button:visible, main summary:visible"
        ).evaluate_all(
            "all => all.filter(one => !one.matches('.hidden')).map(one => one.getBoundingClientRect().height)"
        )
        assert [height for height in heights if height < 44] == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_accounts_and_of_the_second_step_are_accessible_and_fit(
    visit: Callable[..., Visitor], store: Store, config: Config, width: int, scheme: str
) -> None:
    visitor = visit(width=width, scheme=scheme)
    rini = enter(store, config, "rini", "admin")
    visitor.context.add_cookies([{"name": security.SESSION, "value": rini.token, "url": visitor.home}])
    accounts.invite(store, "siti.aminah", "Siti Aminah binti Abdul Rahman", "verifikator", "35.08")
    accounts.deactivate(store, "siti.aminah", "pindah tugas")
    enter(store, config, "dewi", "penyetuju")
    page, found = visitor.page(), {}

    def look(name: str) -> None:
        pictures = os.environ.get("PENJAGA_PICTURES")
        if pictures:
            page.screenshot(path=Path(pictures) / f"{name}-{width}-{scheme}.png", full_page=True)
        found[name] = [*chromium.violations(page), *(["too wide"] if chromium.overflow(page) > 0 else [])]

    for name, path in (
        ("people", "/kim/akun"), ("closed", "/kim/akun/siti.aminah"), ("own-account", "/kim/akun/rini"),
        ("person", "/kim/akun/dewi"), ("have", "/langkah-kedua"), ("set-up", "/langkah-kedua?baru=1"),
    ):  # fmt: skip
        page.goto(path)
        look(name)
    phone = Phone(page.locator("figcaption strong").inner_text().replace(" ", ""))
    page.get_by_label("Enam angka dari aplikasi").fill(phone.code())
    page.get_by_role("button", name="Pasang").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kode cadangan Anda")
    look("codes")
    page.goto("/kim/akun/dewi")
    page.locator("#alasan-tautan").fill("lupa kata sandi")
    page.get_by_role("button", name="Buat tautan baru").click()
    link = page.locator("#tautan").inner_text()
    look("link")
    page.context.clear_cookies()
    page.goto(link)
    look("invitation")
    page.goto("/masuk")
    page.get_by_label("Nama akun").fill("rini")
    page.get_by_label("Kata sandi").fill(CHOSEN)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_label("Enam angka")).to_be_visible()
    look("code")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
