"""`python -m tests.browser.pictures`: draw the screens anew for `docs/layar.md`.

A whole installation in a folder of its own: the starter archive, the real matching, and made-up messages.
Needs Chromium and the built encoder.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.browser.conftest import GRACE_S, enter
from tests.scripted import drain, tell
from triage import accounts, asking, intake, outbox, preparing, receipt_view, review
from triage.app import create_app
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.finishing import Server
from triage.intake import NewSubmission
from triage.matcher import LiveMatcher
from triage.peers import register
from triage.permissions import Actor
from triage.quality import drawing
from triage.regions import local_time
from triage.review import Draft
from triage.tables import Outbox
from triage.trends import tallies

DOCS = Path(__file__).parents[2] / "docs"
_HIGHEST = 2_200  # CSS pixels; what lies below is cut off
_COLOURS = 48
_DESK_SHOWN = 800  # pixels that a desk's picture is wide
_VILLAGES = ("35.08.01.2001", "35.08.01.2002", "35.08.02.2003", "35.08.05.2001")

KNOWN = (
    "Info valid orang dalam!! nanti malam jam 11 sampai jam 2 Semeru PASTI meletus, jamnya sudah dihitung. "
    "Sebarkan"
)
FLOOD = (
    "AWAS!! info dr grup sebelah, lahar setinggi 12 meter akan lewat Kali Glidik mlm ini jam 19.00, warga "
    "Desa Sumberwuluh disuruh naik ke balai desa. Dengarkan suara relawan, hubungi 0812-0000-0000"
)
WAITING = (
    ("Petugas PLN gadungan keliling Tempeh minta foto KTP dan kode OTP, katanya untuk subsidi listrik", 4),
    ("Mulai besok pasar Senduro ditutup sebulan karena ada pedagang kena flu burung", 3),
    ("Jare tonggo, sing gak nduwe kertu anyar gak oleh pupuk subsidi wiwit minggu ngarep", 2),
    ("Posyandu di Yosowilangun memberi vitamin yang bikin anak lumpuh, jangan mau!", 2),
    ("Katanya jembatan gantung dekat sekolah putus tadi malam", 1),
)
DRAFT = Draft(
    verdict="hoaks",
    claim="Ada petugas PLN berkeliling meminta foto KTP dan kode OTP untuk subsidi listrik",
    headline="PLN tidak mengirim petugas untuk meminta foto KTP atau kode OTP",
    explanation="Kantor PLN sudah ditanya: tidak ada petugas yang ditugaskan begitu. Subsidi listrik tidak "
    "memerlukan kode OTP.",
    what_to_do="Jangan berikan foto KTP atau kode OTP. Catat ciri orangnya dan beri tahu perangkat desa.",
    evidence=({"label": "Keterangan kantor PLN", "url": "https://contoh.example/keterangan"},),
    harm="fraud",
)

BRIDGE = replace(
    DRAFT,
    claim="Jembatan gantung dekat sekolah putus tadi malam",
    headline="Jembatan gantung dekat sekolah masih utuh",
    explanation="Perangkat desa memeriksanya pagi ini: jembatan utuh, hanya dua papan diganti.",
    what_to_do="Jembatan boleh dilewati. Tanyakan dulu kepada perangkat desa sebelum meneruskan kabar.",
    evidence=({"label": "Foto jembatan pagi ini", "url": "https://contoh.example/jembatan"},),
    harm="other",
)


@dataclass(frozen=True)
class Screen:
    """A page to be drawn: its file, what it shows in words, its address, and whose browser opens it."""

    name: str
    shows: str
    path: str
    visitor: str


def main() -> None:
    """Draw every screen at both widths, and write the page that shows them."""
    if chromium.EXECUTABLE is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    pictures = DOCS / "layar"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        config = load_config(
            {"PENJAGA_DATA": folder, "PENJAGA_ENCODERS": os.environ.get("PENJAGA_ENCODERS", "data/encoders")}
        )
        preparing.prepare(config, _say, lambda _step, _share: None)
        store = Store(config.database_url)
        browser = playwright.chromium.launch(executable_path=chromium.EXECUTABLE)
        with _served(config) as home:
            people = {name: chromium.visit(browser, home) for name in ("villager", "siti", "dewi", "rina")}
            rina = enter(store, people["rina"], "admin")
            register.add(store, config, rina, "penjaga.jember.example", "KIM dan Diskominfo Kabupaten Jember")
            siti = enter(store, people["siti"], "verifikator")
            screens = _fill(store, config, siti, enter(store, people["dewi"], "penyetuju"))
            for screen in screens:
                for width in chromium.WIDTHS:
                    _draw(people[screen.visitor], screen, width, pictures)
        browser.close()
        store.close()
    (DOCS / "layar.md").write_text(_page(screens), "utf-8")


@contextmanager
def _served(config: Config) -> Iterator[str]:
    app = create_app(config)
    server = Server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.serve, args=(GRACE_S,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.ports[0]}"
    finally:
        server.stop()
        thread.join()


def _fill(store: Store, config: Config, siti: Actor, dewi: Actor) -> list[Screen]:
    """Live through a morning; return what there is to see afterwards."""
    matching = LiveMatcher(store, config)
    while jobs := outbox.claim(store, "embed", 8):
        matching.embed(jobs)
    devices = count(1)
    whole = replace(config, audit_share=1.0)
    drawing.draw(store, whole)

    def send(text: str, times: int = 1) -> str:
        receipts = []
        for number in range(times):
            village, device = _VILLAGES[number % len(_VILLAGES)], f"device {next(devices)}"
            receipts.append(intake.accept(store, config, NewSubmission(text, village=village, device=device)))
        drain(store, matching)
        return receipts[-1]

    answered = send(KNOWN, 3)
    drawing.draw(store, whole)
    receipts = {text: send(text, times) for text, times in ((FLOOD, 6), *WAITING)}
    with store.read() as session:
        queue = review.queue(session, siti, "waiting").items
    group = {item.text: item.group_id for item in queue}

    pln, market = group[WAITING[0][0]], group[WAITING[1][0]]
    source = asking.add_source(store, config, dewi, "bpbd", "BPBD Lumajang", "Pusdalops, piket siang malam")
    review.approve(store, dewi, review.decide(store, siti, pln, DRAFT))
    tell(store)
    corrected = replace(DRAFT, explanation=f"{DRAFT.explanation} Petugas PLN selalu membawa surat tugas.")
    reason = "Kami tambahkan cara mengenali petugas yang sebenarnya."
    review.approve(store, dewi, review.correct(store, siti, pln, corrected, reason))
    tell(store)
    review.lease(store, siti, market)
    asking.note_answer(store, siti, source, market, "Tidak ada laporan flu burung di pasar itu.")
    review.save_draft(
        store, siti, market,
        {"verdict": "hoaks", "harm": "health", "claim": WAITING[1][0], "headline": "Pasar Senduro tetap buka",
         "explanation": "Dinas terkait tidak menutup pasar. Tidak ada laporan flu burung di sana."},
    )  # fmt: skip
    school = group[WAITING[4][0]]
    review.decide(store, siti, school, BRIDGE)
    published = receipt_view.find(store, config, receipts[WAITING[0][0]]).answer
    assert published is not None
    flood = group[FLOOD]
    tallies.count(store, config)
    week = now().astimezone(local_time(config.wilayah).zone).isocalendar()
    welcome = accounts.invite(store, "budi", "Budi Santoso", "verifikator", "35.08")
    with store.write() as session:
        parked = Outbox(task="embed", ref=1, created_at=now(), due_at=now(), attempts=6, parked_at=now())
        parked.last_error = "MemoryError (models.encoders.onnx_encoder)"
        session.add(parked)
    tallies.count(store, config)
    return [
        Screen("kirim", "Sending a message: one box, everything else is optional", "/", "villager"),
        Screen("jawaban", "A hoax that is known is answered at once", f"/status/{answered}", "villager"),
        Screen("menunggu", "A message that waits for a verifier", f"/status/{receipts[FLOOD]}", "villager"),
        Screen("hapus", "Erasing what one sent", f"/status/{answered}/hapus", "villager"),
        Screen("fakta", "Published fact-checks", "/fakta", "villager"),
        Screen("satu-fakta", "One of them, corrected since", f"/fakta/{published.page}", "villager"),
        Screen("sematan", "The same inside another site", f"/fakta/{published.page}/sematan", "villager"),
        Screen(
            "bagikan", "Passing it on: cards, message, script", f"/fakta/{published.page}/bagikan", "villager"
        ),
        Screen("buletin", "The week's bulletin", f"/buletin/{week.year}-W{week.week:02d}", "villager"),
        Screen("angka", "Our own figures, for everybody", "/angka", "villager"),
        Screen("data-terbuka", "Open data", "/data-terbuka", "villager"),
        Screen("data-saya", "What is kept of one message", f"/status/{answered}/data", "villager"),
        Screen("data", "What is kept, and how long", "/tentang-data", "villager"),
        Screen("antrean", "The queue, most urgent first", "/kim", "siti"),
        Screen("pesan", "A message beside what it is like", f"/kim/kelompok/{flood}", "siti"),
        Screen("tulis", "Writing a fact-check", f"/kim/kelompok/{market}", "siti"),
        Screen("setuju", "The second person", f"/kim/kelompok/{school}", "dewi"),
        Screen(
            "koreksi", "What was published can be corrected, or retracted", f"/kim/kelompok/{pln}", "dewi"
        ),
        Screen("tren", "What came, what rises, and from where", "/kim/tren", "dewi"),
        Screen("peta-desa", "All villages on one map", "/kim/tren/desa", "dewi"),
        Screen("kabar", "Who wants to be written to when a claim rises", "/kim/kabar", "dewi"),
        Screen("laporan", "The report of a week", f"/kim/tren/pekan/{week.year}-W{week.week:02d}", "dewi"),
        Screen("audit", "An automatic answer, drawn at random to be judged", "/kim/audit", "siti"),
        Screen("mutu", "How good our own work is", "/kim/mutu", "dewi"),
        Screen("sumber", "Local sources", "/kim/sumber", "dewi"),
        Screen(
            "bahan",
            "Material for passing on, with drafts in Javanese",
            f"/kim/bahan/{published.page}",
            "siti",
        ),
        Screen("latihan", "Training with made-up messages", "/kim/latihan", "siti"),
        Screen("saya", "One's own decisions, and where one is signed in", "/kim/saya", "siti"),
        Screen(
            "undangan",
            "Invited: choosing a password, by a link that works once",
            f"/undangan/{welcome}",
            "villager",
        ),
        Screen("langkah-kedua", "The second step of whoever publishes", "/langkah-kedua", "dewi"),
        Screen("akun", "People and their roles", "/kim/akun", "rina"),
        Screen("satu-akun", "One of them", "/kim/akun/budi", "rina"),
        Screen("lembaga", "Other offices, and how far they are trusted", "/kim/lembaga", "rina"),
        Screen("tertunda", "Work that failed again and again", "/kim/tertunda", "rina"),
    ]


def _draw(visitor: Visitor, screen: Screen, width: int, folder: Path) -> None:
    page = visitor.page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(screen.path)
    page.wait_for_load_state("networkidle")
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), _HIGHEST)
    taken = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    page.close()
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    if width > _DESK_SHOWN:
        picture = picture.resize((_DESK_SHOWN, round(height * _DESK_SHOWN / width)), Image.Resampling.LANCZOS)
    path = folder / f"{screen.name}-{width}.png"
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    _say(f"{path.name}: {path.stat().st_size:,} bytes")


def _page(screens: list[Screen]) -> str:
    lines = [
        "# The screens",
        "",
        "Drawn by `python -m tests.browser.pictures` from the starter archive and made-up messages, on a "
        "phone (360 px) and at a desk (1280 px, shown smaller).",
    ]
    for screen in screens:
        phone, desk = (f"layar/{screen.name}-{width}.png" for width in chromium.WIDTHS)
        lines += ["", f"## {screen.shows}", "", f"![On a phone]({phone}) ![At a desk]({desk})"]
    return "\n".join(lines) + "\n"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
