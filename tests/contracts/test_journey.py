"""The main job, end to end: the real process tree, real workers, HTTP, and people who use the pages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mechanicalsoup
import pytest
import requests

from tests.installation import Installation, installation, wait_for
from tests.signing import Phone

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
KNOWN = "Wajib vaksin ulang tiap tiga bulan, warga yang menolak akan dicabut bantuan berasnya oleh kelurahan"
ARCHIVE = [
    {
        "target_id": "uji-1",
        "title": KNOWN,
        "text": "Tidak ada aturan seperti itu.",
        "verdict": "hoaks",
        "date": "2026-05-04",
        "url": "https://contoh.example/uji-1",
        "publisher": "Contoh Cek Fakta",
    },
    {
        "target_id": "uji-2",
        "title": "Jembatan gantung di lereng barat ambruk dan menelan puluhan pengendara",
        "text": "",
        "verdict": "konteks-salah",
        "date": "2026-05-05",
        "url": "https://contoh.example/uji-2",
        "publisher": "Contoh Cek Fakta",
    },
]
UNKNOWN = (
    "Kabar dari paman: pabrik tahu di ujung kampung mencampur kapur tulis ke dalam adonannya supaya awet, "
    "tolong sampaikan ke semua tetangga sebelum hari pasar"
)
NEW_PASSWORD = "sawah hijau pagi hari"


class Person(mechanicalsoup.StatefulBrowser):
    """Somebody with a browser without JavaScript: opens pages, fills in forms, follows links."""

    def __init__(self, running: Installation) -> None:
        super().__init__(raise_on_404=True)
        self._site = running.url

    def visit(self, path: str) -> str:
        """Open a page and return its text."""
        self.open(f"{self._site}{path}")
        return self.read()

    def fill(self, action: str, **fields: str) -> str:
        """Send the form whose address ends so, with these fields; returns the text of the next page."""
        self.select_form(f'form[action$="{action}"]')
        for name, value in fields.items():
            self[name] = value
        response = self.submit_selected()
        assert response.status_code == 200, f"{action}: {response.status_code} {self.read()}"
        return self.read()

    def read(self) -> str:
        """Return the text of the page."""
        return " ".join(self.page.get_text(" ").split())

    def sign_in(self, username: str, one_time: str) -> None:
        """Sign in for the first time, which asks for a password of one's own, and approvers for a phone."""
        self.visit("/masuk")
        self.fill("/masuk", username=username, password=one_time)
        page = self.fill("/kata-sandi", current=one_time, new=NEW_PASSWORD, again=NEW_PASSWORD)
        if "Pasang langkah kedua" in page:
            phone = Phone(self.page.select_one("figcaption strong").get_text("").replace(" ", ""))
            assert "Kode cadangan Anda" in self.fill("/langkah-kedua", code=phone.code())


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, tree_on_stack: dict[str, str]
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("journey")
    archive = folder / "arsip.jsonl"
    broken = '{"target_id": "uji-3", "title": \n'
    archive.write_text("".join(json.dumps(row) + "\n" for row in ARCHIVE) + broken, "utf-8")
    with installation(folder / "data", ENCODERS, settings=tree_on_stack) as found:
        imported = found.run("archive", "import", str(archive))
        assert imported.returncode == 0, imported.stderr
        assert "added 2, updated 0, same 0, refused 1" in imported.stdout
        assert f"{archive.name}:3:" in imported.stdout
        wait_for("the archive to be searchable", lambda: not found.owed())
        yield found


def _submit(running: Installation, text: str, **fields: str) -> str:
    sent = requests.post(f"{running.url}/api/v1/submissions", json={"text": text, **fields}, timeout=10)
    assert sent.status_code == 202, sent.text
    return str(sent.json()["receipt"])


def _status(running: Installation, receipt: str) -> dict[str, Any]:
    response = requests.get(f"{running.url}/api/v1/submissions/{receipt}", timeout=10)
    assert response.status_code == 200
    return dict(response.json())


def _assessed(running: Installation, receipt: str) -> dict[str, Any]:
    def probe() -> dict[str, Any] | None:
        found = _status(running, receipt)
        return found if found["status"] != "received" else None

    return wait_for("the submission to be assessed", probe, 30)


def test_a_known_hoax_is_answered_at_once_with_who_checked_it(running: Installation) -> None:
    answer = _assessed(running, _submit(running, f"Diteruskan dari grup RT\n\n{KNOWN}!!!"))["answer"]
    assert (answer["verdict"], answer["headline"]) == ("hoaks", KNOWN)
    assert (answer["checked_by"], answer["checked_at"]) == ("Contoh Cek Fakta", "2026-05-04")
    assert answer["sources"][0]["url"] == "https://contoh.example/uji-1"


def test_a_hoax_of_the_starter_archive_is_recognised_on_the_first_run(running: Installation) -> None:
    starter = Path(__file__).parents[2] / "triage" / "archive" / "starter.jsonl"
    entry = json.loads(starter.read_text("utf-8").split("\n")[0])
    answer = _assessed(running, _submit(running, entry["claim"]))["answer"]
    assert answer["headline"] == entry["title"]
    assert answer["what_to_do"] == entry["what_to_do"]


def test_its_denial_is_not_answered_as_the_hoax(running: Installation) -> None:
    receipt = _submit(running, f"Tidak benar bahwa {KNOWN[0].lower()}{KNOWN[1:]}, itu sudah dibantah")
    assert _assessed(running, receipt)["status"] == "in_review"


def test_from_villager_to_two_people_and_back_to_everyone_who_sent_it(running: Installation) -> None:
    villager, other = Person(running), Person(running)
    villager.visit("/")
    page = villager.fill("/", text=UNKNOWN, village="35.08.01.2001")
    assert villager.url.startswith(f"{running.url}/status/")
    own_status = villager.url.removeprefix(running.url)
    other.visit("/")
    other.fill("/", text=UNKNOWN.upper())
    receipt = own_status.rsplit("/", 1)[1]
    assert receipt in page
    assert _assessed(running, receipt)["status"] == "in_review"

    verifier = Person(running)
    verifier.sign_in("verifikator", running.passwords["verifikator"])
    assert "pabrik tahu" in verifier.visit("/kim")
    verifier.follow_link(url_regex=r"/kim/kelompok/\d+", link_text=None)
    group = verifier.url.removeprefix(running.url)
    assert "Tempursari" in verifier.read()
    verifier.fill(f"{group}/ambil")
    verifier.fill(
        f"{group}/keputusan#tulis",
        verdict="hoaks",
        claim=UNKNOWN,
        headline="Pabrik tahu mencampur kapur tulis",
        explanation="Dinas Kesehatan sudah memeriksa pabriknya: tidak ada kapur tulis.",
        what_to_do="Tanyakan kepada Puskesmas bila ragu.",
        evidence="Dinas Kesehatan | https://contoh.example/tahu",
    )
    assert _status(running, receipt)["status"] == "in_review"

    approver = Person(running)
    approver.sign_in("penyetuju", running.passwords["penyetuju"])
    assert "Dinas Kesehatan sudah memeriksa" in approver.visit(group)
    decision = approver.page.select_one('form[action$="/setujui"]')["action"]
    approver.fill(str(decision))

    wait_for("the answer", lambda: _status(running, receipt)["status"] == "answered", 60)
    for person, path in ((villager, own_status), (other, other.url.removeprefix(running.url))):
        shown = person.visit(path)
        assert "Pabrik tahu mencampur kapur tulis" in shown
        assert "tidak ada kapur tulis" in shown
    copy = _assessed(running, _submit(running, f"*{UNKNOWN}*"))
    assert copy["status"] == "answered"
    assert copy["answer"]["verdict"] == "hoaks"
    assert "Pabrik tahu mencampur kapur tulis" in Person(running).visit("/fakta")


def test_the_installation_is_whole_afterwards(running: Installation) -> None:
    doctor = running.run("doctor")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert running.run("events", "verify").stdout.startswith("chain ok: ")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b'{"text": "a', "application/json", 400),
        (b'{"text": "a b c", "text": "d e f"}', "application/json", 400),
        (b'["a"]', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text": "\xff\xfe"}', "application/json", 400),
        (b"text=halo", "application/x-www-form-urlencoded", 415),
        (b'{"text": 5}', "application/json", 422),
        (b'{"text": null}', "application/json", 422),
        (b'{"text": ""}', "application/json", 422),
        (b'{"text": "\\u0000\\u200b"}', "application/json", 422),
        (b'{"txt": "salah nama"}', "application/json", 422),
        (b'{"text": "a b c", "village": "99.99.99.9999"}', "application/json", 422),
        (b'{"text": "a b c", "image": "AAAA"}', "application/json", 422),
        (b'{"url": "ftp://127.0.0.1/x"}', "application/json", 422),
        (json.dumps({"text": "a" * 10_001}).encode(), "application/json", 413),
        (json.dumps({"text": "a" * 1_000_000}).encode(), "application/json", 413),
    ],
)
def test_bad_input_gets_a_clear_problem(
    running: Installation, body: bytes, content_type: str, status: int
) -> None:
    response = requests.post(
        f"{running.url}/api/v1/submissions", data=body, headers={"Content-Type": content_type}, timeout=10
    )
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert len(problem["detail"]) > 10


@pytest.mark.parametrize(
    "body",
    [
        {"text": "😀" * 10_000},
        {"text": "<script>alert('x')</script> <b>awas penipuan</b>"},
        {"text": "harap \u202eis gnay nakkilab\u202c dibaca pelan"},
        {"url": "http://127.0.0.1:1/rahasia"},
        {"url": "http://[::ffff:169.254.169.254]/latest/meta-data"},
    ],
)
def test_hostile_but_storable_input_is_accepted_and_ends_somewhere(
    running: Installation, body: dict[str, str]
) -> None:
    sent = requests.post(f"{running.url}/api/v1/submissions", json=body, timeout=10)
    assert sent.status_code == 202, sent.text
    assert _assessed(running, sent.json()["receipt"])["status"] in ("answered", "in_review")


def test_cut_off_characters_are_accepted_with_a_mark_in_their_place(running: Installation) -> None:
    response = requests.post(
        f"{running.url}/api/v1/submissions",
        data=b'{"text": "kabar yang terpotong di tengah \\ud83d"}',
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert response.status_code == 202


def test_the_same_key_gives_the_same_receipt(running: Installation) -> None:
    def send(text: str) -> requests.Response:
        return requests.post(
            f"{running.url}/api/v1/submissions",
            json={"text": text},
            headers={"Idempotency-Key": "kunci-uji"},
            timeout=10,
        )

    first, again, other = (
        send("Kabar satu dua tiga"),
        send("Kabar satu dua tiga"),
        send("Kabar yang lain lagi"),
    )
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert other.status_code == 422
