"""Files, folders and addresses: which are opened, and how their format is told."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Reply, Request, Site, gzipped, open_site, with_etag
from triage.archive.rows import ArchiveRow, RowProblem
from triage.archive.sources import detect, expand, open_source
from triage.archive.unreadable import SourceUnreadable
from triage.archive.wordpress import PER_PAGE
from triage.config import load_config
from triage.fetch import Fetcher, FetchFailed, FetchRefused

LINE = b'{"target_id": "a1", "title": "Satu"}\n'
REVIEW = b'{"@type": "ClaimReview", "claimReviewed": "Satu", "url": "https://contoh.example/a"}'
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>C</title>'
    b"<item><title>Satu</title></item></channel></rss>"
)
PAGE = b'<!doctype html><script type="application/ld+json">' + REVIEW + b"</script>"
POSTS = b'[{"title": {"rendered": "Satu"}}]'


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def fetcher(site: Site, tmp_path: Path) -> Fetcher:
    return Fetcher(site.allowing(tmp_path / "data"), sleep=lambda _seconds: None)


def read(name: str, fetcher: Fetcher) -> list[ArchiveRow | RowProblem]:
    with open_source(name, fetcher) as source:
        return list(source.rows())


def titles(name: str, fetcher: Fetcher) -> list[str]:
    return [item.title for item in read(name, fetcher) if isinstance(item, ArchiveRow)]


@pytest.mark.parametrize(
    ("data", "suffix", "content_type", "kind"),
    [
        (LINE, ".jsonl", "", "jsonl"),
        (LINE, ".ndjson", "", "jsonl"),
        (LINE, "", "application/x-ndjson", "jsonl"),
        (LINE * 2, "", "", "jsonl"),
        (LINE, ".json", "application/json", "jsonl"),
        (b"{rusak\n" + LINE, "", "", "jsonl"),
        (b"{rusak\n" + LINE, ".jsonl", "", "jsonl"),
        (REVIEW, "", "", "json"),
        (REVIEW, ".txt", "text/plain", "json"),
        (b"\xef\xbb\xbf \n" + REVIEW, "", "", "json"),
        (REVIEW + b"\n" + REVIEW, ".json", "", "jsonl"),
        (b"[\n" + LINE + b"]", ".json", "", "json"),
        (POSTS, "", "", "json"),
        (b'{\n"@graph": []}', ".json", "", "json"),
        (b"judul\nSatu\n", "", "", "csv"),
        (b"judul\nSatu\n", ".csv", "", "csv"),
        (b"[1],judul\n", ".csv", "", "csv"),
        (b"judul", "", "text/csv; charset=utf-8", "csv"),
        ("judul\n".encode("utf-16"), "", "", "csv"),
        (FEED, ".xml", "", "feed"),
        (FEED, "", "text/html", "feed"),
        (b"<feed xmlns='x'>", "", "", "feed"),
        (FEED.decode().encode("utf-16"), ".xml", "", "feed"),
        (FEED.decode().encode("utf-16-be"), "", "", "feed"),
        (b'<?xml version="1.0"?><a:feed xmlns:a="http://www.w3.org/2005/Atom">', "", "", "feed"),
        (b"<rdf:RDF xmlns='x'>", "", "", "feed"),
        (b"<html><feedback>", "", "", "html"),
        (REVIEW.decode().encode("utf-16"), ".json", "", "json"),
        (PAGE, ".html", "", "html"),
        (PAGE, "", "", "html"),
        (PAGE, ".csv", "text/csv", "html"),
        (PAGE, ".jsonl", "", "html"),
    ],
)
def test_formats_are_told_by_content_first(data: bytes, suffix: str, content_type: str, kind: str) -> None:
    assert detect(data, suffix, content_type) == kind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"), (b" \n\n", "is empty"), (b"\xef\xbb\xbf", "is empty"),
        (b"PK\x03\x04...", "spreadsheet or zip"), (b"\x1f\x8b\x08", "compressed"), (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "old spreadsheet"),
        (LINE.decode().encode("utf-16"), "is UTF-16; save it as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=reason):
        detect(data, ".jsonl")


def test_a_folder_gives_its_known_files_in_order(tmp_path: Path) -> None:
    folder, outside = tmp_path / "arsip", tmp_path / "luar"
    for path in (
        "b.csv",
        "a.jsonl",
        "dalam/c.XML",
        ".rahasia.csv",
        ".git/d.json",
        "baca.txt",
        "e.py",
        "f.csv/g.rss",
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x", "utf-8")
    outside.mkdir()
    (outside / "lain.csv").write_text("x", "utf-8")
    (folder / "tautan.csv").symlink_to(outside / "lain.csv")
    (folder / "dalam.csv").symlink_to(folder / "b.csv")
    (folder / "pintas").symlink_to(outside, target_is_directory=True)
    os.mkfifo(folder / "pipa.csv")
    assert [str(Path(name).relative_to(folder)) for name in expand(str(folder))] == [
        "a.jsonl", "b.csv", "dalam.csv", "dalam/c.XML", "f.csv/g.rss",
    ]  # fmt: skip


def test_an_empty_folder_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="holds no file of a known kind"):
        expand(str(tmp_path))


def test_a_folder_inside_that_cannot_be_read_is_no_silent_gap(tmp_path: Path, fetcher: Fetcher) -> None:
    """Depth stands in for a missing permission, which an administrator's tests would not miss."""
    (tmp_path / "a.csv").write_text("judul\nSatu\n", "utf-8")
    too_deep(tmp_path)
    first, deep = expand(str(tmp_path))
    assert first == str(tmp_path / "a.csv")
    with pytest.raises(SourceUnreadable, match="File name too long"):
        read(deep, fetcher)


def too_deep(folder: Path) -> None:
    """Make folders in each other until their path is longer than the system takes."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=descriptor)
        inside = os.open("d" * 250, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inside
    os.close(descriptor)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("~tidak-ada-orangnya/x.jsonl", "there is no home folder of that name"),
        ("a" * 300, "File name too long"),
        ("", "is empty"),
    ],
)
def test_what_is_no_path(name: str, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=reason):
        expand(name)


def test_what_is_no_file(tmp_path: Path, fetcher: Fetcher) -> None:
    os.mkfifo(tmp_path / "pipa.csv")
    (tmp_path / "hilang.csv").symlink_to(tmp_path / "tidak-ada")
    for name, reason in (
        ("tidak-ada.csv", "No such file"), ("hilang.csv", "No such file"), ("pipa.csv", "is not a file"),
    ):  # fmt: skip
        with pytest.raises(SourceUnreadable, match=reason):
            read(str(tmp_path / name), fetcher)
    for name in ("/dev/zero", "a\0b"):
        with pytest.raises(SourceUnreadable, match="is not a file"):
            read(name, fetcher)


@pytest.mark.parametrize("data", [LINE, REVIEW, FEED, PAGE, POSTS, b"judul\nSatu\n"])
@pytest.mark.parametrize("suffix", ["", ".data"])
def test_a_file_of_each_format_by_content_alone(
    tmp_path: Path, fetcher: Fetcher, data: bytes, suffix: str
) -> None:
    path = tmp_path / f"sumber{suffix}"
    path.write_bytes(data)
    assert titles(str(path), fetcher) == ["Satu"]


@pytest.mark.parametrize("data", [LINE, REVIEW, FEED, PAGE, POSTS, b"judul\nSatu\n"])
def test_an_address_of_each_format(site: Site, fetcher: Fetcher, data: bytes) -> None:
    site.pages["/x"] = gzipped(data)
    assert titles(site.url("/x"), fetcher) == ["Satu"]


def test_an_unchanged_address_has_no_rows(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = with_etag(LINE, '"satu"')
    with open_source(site.url("/x"), fetcher) as first:
        etag = first.etag
    with open_source(site.url("/x"), fetcher, etag) as again:
        assert again.unchanged
        assert list(again.rows()) == []


def test_links_of_a_feed_are_relative_to_its_address(site: Site, fetcher: Fetcher) -> None:
    items = "".join(f"<item><title>{link}</title><link>{link}</link></item>" for link in ("/a", "b"))
    site.serve("/rss/semua.xml", f"<rss><channel>{items}</channel></rss>".encode())
    site.pages["/umpan"] = lambda _request: Reply(status=302, headers={"Location": "/rss/semua.xml"})
    found = read(site.url("/umpan"), fetcher)
    assert [item.url for item in found if isinstance(item, ArchiveRow)] == [
        site.url("/a"),
        site.url("/rss/b"),
    ]


def test_addresses_pass_the_same_check_as_all_others(tmp_path: Path) -> None:
    strict = Fetcher(load_config({"PENJAGA_DATA": str(tmp_path)}))
    with pytest.raises(FetchRefused):
        read("http://127.0.0.1:1/wp-json/wp/v2/posts", strict)
    with pytest.raises(FetchRefused):
        read("file:///etc/passwd", strict)


def blog(site: Site, count: int, *, totals: bool = True, path: str = "/wp-json/wp/v2/posts") -> str:
    """Serve `count` posts as WordPress does."""

    def page(request: Request) -> Reply:
        size, number = int(request.query.get("per_page", 10)), int(request.query.get("page", 1))
        # By any other order, posts that appear meanwhile would move the others.
        assert (request.query["orderby"], request.query["order"]) == ("id", "asc")
        pages = -(-count // size)
        if number > max(1, pages):
            body = {"code": "rest_post_invalid_page_number", "data": {"status": 400}}
            return Reply(json.dumps(body).encode(), 400)
        chosen = range((number - 1) * size + 1, min(number * size, count) + 1)
        posts = [
            {"id": n, "title": {"rendered": f"Hoaks {n}"}, "link": f"https://contoh.example/{n}"}
            for n in chosen
        ]
        headers = {"X-WP-Total": str(count), "X-WP-TotalPages": str(pages)} if totals else {}
        return Reply(json.dumps(posts).encode(), headers=headers)

    site.pages[path] = page
    return site.url(path)


@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize("count", [0, 1, PER_PAGE, 2 * PER_PAGE + 50])
def test_all_pages_of_a_blog(site: Site, fetcher: Fetcher, count: int, totals: bool) -> None:
    found = read(blog(site, count, totals=totals), fetcher)
    assert [item.line for item in found] == list(range(1, count + 1))
    assert len({item.source_key for item in found if isinstance(item, ArchiveRow)}) == count


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"<html>Galat"), "page 2: is not JSON at line 1: Expecting value"),
        (Reply(b'{"code": "x"}'), "page 2: is not a list of WordPress posts"),
        (Reply(status=500), "page 2: {url}: the server answered 500 (4 tries)."),
        (Reply(status=403), "page 2: {url}: the server answered 403."),
        (Reply(b'{"code": "x"}', 400), "page 2: the site refused the request (400)"),
    ],
)
def test_a_page_that_cannot_be_read_costs_itself_only(
    site: Site, fetcher: Fetcher, reply: Reply, reason: str
) -> None:
    url = blog(site, 350)
    break_pages(site, reply, "2")
    found = read(url, fetcher)
    assert [item.line for item in found] == [*range(1, 102), *range(201, 351)]
    assert [item.reason for item in found if isinstance(item, RowProblem)] == [reason.format(url=url)]


@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize(
    ("reply", "error"), [(Reply(b"<html>Masuk"), SourceUnreadable), (Reply(status=500), FetchFailed)]
)
def test_a_blog_that_answers_no_more(
    site: Site, fetcher: Fetcher, reply: Reply, error: type[Exception], totals: bool
) -> None:
    url, found = blog(site, 950, totals=totals), list[ArchiveRow | RowProblem]()
    break_pages(site, reply, *map(str, range(3, 11)))
    with open_source(url, fetcher) as source, pytest.raises(error, match=r"^page 5: "):
        found.extend(source.rows())
    assert [item.line for item in found] == [*range(1, 202), 301]


def break_pages(site: Site, reply: Reply, *pages: str) -> None:
    """Let some pages of the blog answer something else."""
    posts = site.pages["/wp-json/wp/v2/posts"]
    site.pages["/wp-json/wp/v2/posts"] = lambda request: (
        reply if request.query["page"] in pages else posts(request)
    )


def test_a_cache_that_serves_the_first_page_of_many(site: Site, fetcher: Fetcher) -> None:
    body = json.dumps([{"title": {"rendered": "Satu"}, "link": "https://contoh.example/1"}]).encode()
    site.pages["/wp-json/wp/v2/posts"] = lambda _request: Reply(body, headers={"X-WP-TotalPages": "9"})
    with pytest.raises(SourceUnreadable, match="page 4: the site sent the posts of the page before"):
        read(site.url("/wp-json/wp/v2/posts"), fetcher)


def test_what_the_address_asks_for_is_kept(site: Site, fetcher: Fetcher) -> None:
    read(blog(site, 3) + "?categories=7&page=9&per_page=1", fetcher)
    assert (
        site.requests[0].query | {"categories": "7", "page": "1", "per_page": "100"} == site.requests[0].query
    )


def test_a_cache_that_serves_one_page_for_all(site: Site, fetcher: Fetcher) -> None:
    body = json.dumps([{"title": {"rendered": "Satu"}, "link": "https://contoh.example/1"}]).encode()
    assert len(read(site.serve("/wp-json/wp/v2/posts", body), fetcher)) == 1
    assert len(site.requests) == 2


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b'{"code": "rest_no_route"}', 400), "refused the request"),
        (Reply(b"<html>Masuk</html>"), "is not JSON"),
        (Reply(b'{"a": 1}'), "is not a list of WordPress posts"),
        (Reply(b'[{"a": 1}]'), "is not a list of WordPress posts"),
    ],
)
def test_what_is_no_blog(site: Site, fetcher: Fetcher, reply: Reply, reason: str) -> None:
    site.pages["/wp-json/wp/v2/posts"] = lambda _request: reply
    with pytest.raises(SourceUnreadable, match=reason):
        read(site.url("/wp-json/wp/v2/posts"), fetcher)


def test_a_blog_that_is_busy_for_a_moment(site: Site, tmp_path: Path) -> None:
    url = blog(site, 150)
    posts, waits = site.pages["/wp-json/wp/v2/posts"], list[float]()

    def busy(request: Request) -> Reply:
        if request.query["page"] == "2" and not waits:
            return Reply(status=429, headers={"Retry-After": "3"})
        return posts(request)

    site.pages["/wp-json/wp/v2/posts"] = busy
    fetcher = Fetcher(site.allowing(tmp_path / "data"), sleep=waits.append)
    assert len(read(url, fetcher)) == 150
    assert waits == [3.0]


def test_a_page_that_is_gone(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="answered 404"):
        read(site.url("/arsip.jsonl"), fetcher)
