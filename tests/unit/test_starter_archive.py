"""The starter archive is our own text: check its shape, its safety and its breadth."""

import json
import re
from collections import Counter
from importlib.resources import files
from itertools import combinations

import pytest

KEYS = [
    "target_id",
    "title",
    "claim",
    "text",
    "what_to_do",
    "ask",
    "verdict",
    "topic",
    "harm",
    "language",
]
VERDICTS = {
    "hoaks",
    "menyesatkan",
    "konteks-salah",
    "tiruan",
    "satire",
    "benar",
    "belum-terbukti",
}
TOPICS = {
    "bencana",
    "bansos",
    "penipuan-tautan",
    "aplikasi-apk",
    "penculikan",
    "kesehatan",
    "makanan",
    "vaksin",
    "administrasi",
    "kuota-gratis",
    "bank",
    "undian",
    "pemilu",
    "sara",
    "tokoh",
    "lowongan",
    "pendidikan",
    "teknologi",
    "agama",
    "lalu-lintas",
}
HARMS = {"disaster", "health", "fraud", "communal", "election", "other"}
LENGTHS = {
    "title": (20, 110),
    "claim": (60, 320),
    "text": (120, 520),
    "what_to_do": (20, 260),
    "ask": (3, 90),
}
THEMES = [
    r"semeru",
    r"\blahar\b",
    r"megathrust",
    r"tsunami",
    r"sirene",
    r"\bPKH\b",
    r"\bBPNT\b",
    r"\bBLT\b",
    r"\bPIP\b",
    r"\bBSU\b|subsidi upah",
    r"undangan pernikahan",
    r"surat tilang",
    r"kurir",
    r"\borgan\b",
    r"telur palsu",
    r"beras plastik",
    r"\bMSG\b",
    r"mi instan",
    r"lele",
    r"air es",
    r"bawang putih",
    r"air kelapa",
    r"jengkol",
    r"kerokan",
    r"daun sirsak",
    r"stroke",
    r"serangan jantung",
    r"\bHPV\b",
    r"polio",
    r"campak rubella",
    r"COVID",
    r"seumur hidup",
    r"STNK",
    r"kontainer",
    r"ijazah",
    r"\bgereja\b",
    r"azan",
    r"\bPKI\b",
    r"redenominasi",
    r"QRIS",
    r"judi online",
    r"pinjol|pinjaman online",
    r"umrah",
    r"elpiji",
    r"pertalite",
    r"token",
    r"makan bergizi",
    r"truk pasir",
    r"razia serentak",
    r"kiamat",
    r"sekolah libur",
    r"sinar kosmik",
    r"kecerdasan buatan",
]
PROSE = ("title", "claim", "text", "what_to_do", "ask")


def load():
    raw = (files("triage") / "archive" / "starter.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in raw.split("\n") if line.strip()]


@pytest.fixture(scope="module")
def entries():
    return load()


def prose(entry):
    return " ".join(entry[key] for key in PROSE)


def words(text):
    return set(re.findall(r"\w+", text.lower()))


def sentences(text):
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def test_there_are_enough_entries(entries):
    assert len(entries) >= 150


def test_every_entry_has_exactly_the_keys_in_order(entries):
    for entry in entries:
        assert list(entry) == KEYS, entry.get("target_id")
        for key in KEYS:
            value = entry[key]
            assert isinstance(value, str), (entry["target_id"], key)
            assert value, (entry["target_id"], key)
            assert value == value.strip(), (entry["target_id"], key)
            assert not set(value) & {"\n", "\r", "\t"}, (entry["target_id"], key)


@pytest.mark.parametrize("key", ["target_id", "title", "claim", "text"])
def test_values_are_unique(entries, key):
    counts = Counter(entry[key].casefold() for entry in entries)
    assert [value for value, n in counts.items() if n > 1] == []


def test_target_id_names_its_topic_and_counts_without_gaps(entries):
    numbers = {}
    for entry in entries:
        match = re.fullmatch(r"pjg-([a-z-]+)-(\d{3})", entry["target_id"])
        assert match, entry["target_id"]
        assert match[1] == entry["topic"], entry["target_id"]
        numbers.setdefault(match[1], []).append(int(match[2]))
    for topic, found in numbers.items():
        assert sorted(found) == list(range(1, len(found) + 1)), topic


def test_values_come_from_the_agreed_lists(entries):
    for entry in entries:
        assert entry["verdict"] in VERDICTS, entry["target_id"]
        assert entry["topic"] in TOPICS, entry["target_id"]
        assert entry["harm"] in HARMS, entry["target_id"]
        assert entry["language"] == "id", entry["target_id"]


def test_every_topic_harm_and_verdict_is_used(entries):
    topics = Counter(entry["topic"] for entry in entries)
    assert set(topics) == TOPICS
    assert min(topics.values()) >= 3
    assert {entry["harm"] for entry in entries} == HARMS
    assert {entry["verdict"] for entry in entries} == VERDICTS


def test_some_entries_are_not_plain_falsehoods(entries):
    other = [e for e in entries if e["verdict"] not in {"hoaks", "tiruan"}]
    assert len(other) >= 6
    assert sum(e["verdict"] == "benar" for e in entries) >= 3


def test_no_addresses_of_any_kind(entries):
    address = re.compile(
        r"https?|www|://|@|\b[\w-]+\.(?:com|net|org|info|xyz|site|top|link|apk|gov|go|co|or|ac|id|me|ly|io)\b",
        re.IGNORECASE,
    )
    for entry in entries:
        assert not address.search(prose(entry)), entry["target_id"]


def test_no_phone_numbers_or_long_digit_runs(entries):
    for entry in entries:
        text = prose(entry)
        assert not re.search(r"\d{5,}", text), entry["target_id"]
        assert not re.search(r"\+\d|\b08\d", text), entry["target_id"]
        assert not re.search(r"\d{3,}[ -]\d{3,}", text), entry["target_id"]


def test_no_years_anywhere(entries):
    for entry in entries:
        assert not re.search(r"\b(?:19|20)\d{2}\b", prose(entry)), entry["target_id"]


@pytest.mark.parametrize("key", sorted(LENGTHS))
def test_lengths(entries, key):
    low, high = LENGTHS[key]
    for entry in entries:
        assert low <= len(entry[key]) <= high, (entry["target_id"], len(entry[key]))


def test_number_of_sentences(entries):
    for entry in entries:
        assert 1 <= len(sentences(entry["claim"])) <= 3, entry["target_id"]
        assert 2 <= len(sentences(entry["text"])) <= 4, entry["target_id"]
        assert 1 <= len(sentences(entry["what_to_do"])) <= 2, entry["target_id"]


def test_explanations_do_not_insult_anyone(entries):
    harsh = re.compile(r"\b(?:bohongi|pembohong|tolol|goblok|bego|dungu|idiot|kafir)\b", re.IGNORECASE)
    for entry in entries:
        assert not harsh.search(entry["text"] + " " + entry["what_to_do"]), entry["target_id"]


@pytest.mark.parametrize("theme", THEMES)
def test_theme_is_covered(entries, theme):
    pattern = re.compile(theme, re.IGNORECASE)
    assert any(pattern.search(prose(entry)) for entry in entries)


@pytest.mark.parametrize("key", ["title", "claim", "text"])
def test_no_near_copies(entries, key):
    bags = [(entry["target_id"], words(entry[key])) for entry in entries]
    for (one, a), (two, b) in combinations(bags, 2):
        assert len(a & b) / len(a | b) <= 0.7, (one, two)
