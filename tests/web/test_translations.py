"""Indonesian is written in the code, English is complete, Javanese for reporters; each gets theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

from tests.web.pages import Browser, Page
from triage.reasons import TEMPLATES
from triage.verdicts import verdicts
from triage.web.i18n import TRANSLATIONS
from triage.web.labels import VERDICT_TEXTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (TRANSLATIONS / "en/LC_MESSAGES/messages.po").open("rb") as source:
        return read_po(source, locale="en")


@pytest.fixture(scope="module")
def javanese() -> Catalog:
    with (TRANSLATIONS / "jv/LC_MESSAGES/messages.po").open("rb") as source:
        return read_po(source, locale="jv")


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Every text that the code and the templates mark for translation."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT / "triage", methods, options, keywords={
        "_": None, "gettext": None, "ngettext": (1, 2), "N_": None,
    })  # fmt: skip
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def test_no_text_lacks_its_english(english: Catalog, written: set[str]) -> None:
    done = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in english
        if message.id and not message.fuzzy
        and all([message.string] if isinstance(message.string, str) else message.string)
    }  # fmt: skip
    assert len(written) > 200
    assert sorted(written - done) == []
    assert sorted(done - written) == [], "no longer in use"


def test_placeholders_survive_translation(english: Catalog, javanese: Catalog) -> None:
    for catalog in (english, javanese):
        done = [message for message in catalog if message.id and any(message.string)]
        assert len(done) > 100
        assert [error for message in done for error in message.check(catalog)] == []


def test_javanese_has_no_text_that_is_gone(javanese: Catalog, written: set[str]) -> None:
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in javanese if message.id}
    assert sorted(ids - written) == []


def test_the_way_of_a_message_is_javanese_throughout(javanese: Catalog) -> None:
    """What a reporter meets from the form to the answer is written; other pages may fall back."""
    templates = [f"triage/templates/{name}.html" for name in ("home", "erase", "outbox", "base")]
    lacking = [
        message.id
        for message in javanese
        if message.id and not any(message.string) and any(path in templates for path, _ in message.locations)
    ]
    assert sorted(lacking) == [
        "Peramban ini tidak menjalankan skrip, jadi pesan hanya dapat dikirim saat ada sinyal.",
        "Utama",
    ]


def test_who_chooses_javanese_reads_it_and_indonesian_where_it_is_not_written(app: Flask) -> None:
    browser = Browser(app.test_client())
    page = browser.get("/?lang=jv")
    assert page.all("html")[0]["lang"] == "jv"
    assert "Sampeyan nampa pesen sing gawe mamang?" in page.text
    assert "Deleng wangsulan" in browser.get("/status").text
    assert "Nama akun" in browser.get("/masuk").text


def test_texts_that_come_from_data_are_marked(written: set[str]) -> None:
    texts = {text for verdict in verdicts().values() for text in (verdict.label, verdict.meaning)}
    assert texts == set(VERDICT_TEXTS)
    assert texts | set(TEMPLATES.values()) <= written


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "id"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "en"),
        ({"Accept-Language": "id-ID,id;q=0.9,en-US;q=0.8"}, "id"),
        ({"Accept-Language": "jv,en;q=0.5"}, "en"),
        ({"Accept-Language": "nl"}, "id"),
    ],
)
def test_the_browser_says_which_language(browser: Browser, headers: dict[str, str], language: str) -> None:
    page = browser.get("/", headers=headers)
    assert page.all("html")[0]["lang"] == language
    assert ("Dapat pesan yang meragukan?" in page.text) is (language == "id")


def test_a_chosen_language_is_kept(app: Flask) -> None:
    browser = Browser(app.test_client())
    assert "Did you get a doubtful message?" in browser.get("/?lang=en").text
    assert "See the answer" in browser.get("/status").text
    assert "Lihat jawaban" in browser.get("/status?lang=id").text
    assert browser.get("/", headers={"Accept-Language": "en"}).all("html")[0]["lang"] == "id"


@pytest.mark.parametrize("odd", ["", "xx", "../../etc", "en\r\nX: 1", "ID"])
def test_an_unknown_language_changes_nothing(browser: Browser, odd: str) -> None:
    response = browser.client.get("/", query_string={"lang": odd})
    assert 'lang="id"' in response.get_data(as_text=True)
    assert not any("penjaga_lang" in line for line in response.headers.getlist("Set-Cookie"))


def test_errors_and_sign_in_speak_english_too(browser: Browser) -> None:
    headers = {"Accept-Language": "en"}
    assert "That did not work" in browser.get("/tidak-ada", headers=headers).text
    assert "Staff sign-in" in browser.get("/masuk", headers=headers).text


def test_switching_the_language_stays_on_the_page(browser: Browser) -> None:
    def link(path: str) -> str:
        page = browser.get(path)
        return next(one["href"] for one in page.all("a") if one.get("hreflang") == "en")

    assert link("/fakta?cari=semeru&hal=2") == "/fakta?cari=semeru&hal=2&lang=en"
    assert link("/fakta?cari=a%26b%3Dc&lang=id") == "/fakta?cari=a%26b%3Dc&lang=en"
    refused = Page(browser.submit(browser.get("/status").form("/status"), receipt="abc"))
    assert next(one["href"] for one in refused.all("a") if one.get("hreflang") == "en") == "/status?lang=en"


def test_pages_vary_by_what_chooses_their_language(browser: Browser) -> None:
    for path in ("/", "/fakta", "/tidak-ada"):
        assert {"Accept-Language", "Cookie"} <= set(browser.client.get(path).headers["Vary"].split(", "))
