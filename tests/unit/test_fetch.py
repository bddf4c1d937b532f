"""The client for outside addresses: what it refuses, what it puts up with, where it stops."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.installation import wait_for
from tests.site import Page, Reply, Site, gzipped, open_site, with_etag
from triage.addresses import is_public
from triage.config import load_config
from triage.fetch import Fetched, Fetcher, FetchFailed, FetchRefused, Limits
from triage.gunzip import Gunzip

SMALL = Limits(bytes=200_000, connect_s=2, read_s=2, total_s=1.0, redirects=5, tries=3, backoff_s=0.01)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def waits() -> list[float]:
    """How long the client asked to sleep."""
    return []


@pytest.fixture
def fetcher(site: Site, tmp_path: Path, waits: list[float]) -> Fetcher:
    """A client that may fetch from the site, and notes its waits instead of waiting."""
    return Fetcher(site.allowing(tmp_path), limits=SMALL, sleep=waits.append)


def outsider(tmp_path: Path, *addresses: str) -> Fetcher:
    """A client that may fetch public addresses only; every name leads to `addresses`."""
    config = load_config({"PENJAGA_DATA": str(tmp_path)})
    if not addresses:
        return Fetcher(config, limits=SMALL, sleep=lambda _s: None)
    return Fetcher(config, limits=SMALL, sleep=lambda _s: None, resolve=lambda _host, _port: list(addresses))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::",
        "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "not an address", "",
        "64:ff9b:1::a00:1", "3fff::1", "5f00::1", "192.88.99.1", "::127.0.0.1", "::7f00:1", "2001:0:a00:1::1",
        "::ffff:0:7f00:1", "100::1", "192.0.0.8", "0.1.2.3", "2001:2::1", "fc00::1%lo", "::ffff:10.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "103.10.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://localhost/", "http://LOCALHOST./",
        "https://127.0.0.1:8443/", "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_in_every_spelling(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchRefused, match="not a public address"):
        outsider(tmp_path).get(url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://contoh.example/x", "gopher://contoh.example/", "contoh.example/x", "",
        "http://", "http:///x", "javascript:alert(1)", "http://contoh.example:99999/", "http://a b/", "http://[::1",
        "http://pengguna:sandi@contoh.example/", "http://contoh.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_fetchable_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchRefused) as refusal:
        outsider(tmp_path, "8.8.8.8").get(url)
    assert "sandi" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 11211, 8080, 1])
def test_a_public_host_is_fetched_at_the_ports_of_websites_only(tmp_path: Path, port: int) -> None:
    with pytest.raises(FetchRefused, match="not the port of a website"):
        outsider(tmp_path, "8.8.8.8").get(f"http://contoh.example:{port}/")


SPELLINGS = [
    "http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://127.0.1:{port}/", "http://2130706433:{port}/",
    "http://0x7f000001:{port}/", "http://0x7f.0.0.1:{port}/", "http://017700000001:{port}/", "http://0177.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/", "http://localhost:{port}/", "http://localhost.:{port}/", "http://0:{port}/",
    "http://0.0.0.0:{port}/", "http://[::1]:{port}/", "http://[::]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/", "http://[0:0:0:0:0:ffff:7f00:0001]:{port}/", "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/", "http://8.8.8.8@127.0.0.1:{port}/", "http://8.8.8.8\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@8.8.8.8/", "http://127.0.0.1:{port}#@8.8.8.8/", "http://8.8.8.8:80@127.0.0.1:{port}/",
    "http://127.0.0.1%00.contoh.example:{port}/", "http://127.0.0.1\t:{port}/", "http:\\\\127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "//127.0.0.1:{port}/", "HTTP://LOCALHOST:{port}/",
    "http://[::1%25lo]:{port}/", "http://127.0.0.1:{port}/\r\nHost: x", "http://[fe80::1%25eth0]:{port}/",
]  # fmt: skip


@pytest.fixture
def knocks() -> Iterator[tuple[int, list[str]]]:
    """A port that listens on this machine over both families, and who connected to it."""
    found: list[str] = []
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, address = server.accept()
                    found.append(str(address[0]))
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield int(server.getsockname()[1]), found
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_nobody_knocks_at_our_own_ports_however_it_is_spelt(
    tmp_path: Path, knocks: tuple[int, list[str]], spelling: str
) -> None:
    port, found = knocks
    with pytest.raises((FetchRefused, FetchFailed)):
        outsider(tmp_path).get(spelling.format(port=port))
    # The listener does hear who comes.
    assert found == []
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    wait_for("the knock to be heard", lambda: len(found) == 1, 5)


@pytest.mark.parametrize("there", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b:1::7f00:1"])
def test_a_redirect_to_a_name_that_leads_inside_is_refused(
    site: Site, tmp_path: Path, knocks: tuple[int, list[str]], there: str
) -> None:
    """The first hop is allowed; the name of the second is public by its looks alone."""
    port, found = knocks
    site.pages["/x"] = lambda _request: Reply(
        status=302, headers={"Location": f"http://publik.example:{port}/"}
    )
    config = load_config(
        {"PENJAGA_DATA": str(tmp_path), "PENJAGA_FETCH_ALLOW": f"kantor.example:{site.port}"}
    )
    where = {"kantor.example": ["127.0.0.1"], "publik.example": ["8.8.8.8", there]}
    fetcher = Fetcher(config, limits=SMALL, resolve=lambda host, _port: where[host])
    with pytest.raises(FetchRefused, match="not a public address"):
        fetcher.get(f"http://kantor.example:{site.port}/x")
    assert found == []


def test_one_private_address_among_public_ones_is_enough(tmp_path: Path) -> None:
    with pytest.raises(FetchRefused):
        outsider(tmp_path, "8.8.8.8", "10.0.0.1").get("http://contoh.example/")


def test_the_connection_goes_to_the_address_that_was_checked(site: Site, tmp_path: Path) -> None:
    """A name is asked for once; a second answer (DNS rebinding) would have nobody to give it to."""
    site.serve("/x", b"isi")
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

    config = load_config(
        {"PENJAGA_DATA": str(tmp_path), "PENJAGA_FETCH_ALLOW": f"kantor.example:{site.port}"}
    )
    fetched = Fetcher(config, limits=SMALL, resolve=resolve).get(f"http://kantor.example:{site.port}/x")
    assert fetched.body == b"isi"
    assert asked == ["kantor.example"]
    assert site.requests[0].headers["host"] == f"kantor.example:{site.port}"


def test_an_allowed_host_is_allowed_on_its_port_only(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchRefused):
        fetcher.get(f"http://127.0.0.1:{site.port + 1}/")


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/",
        "http://localhost/",
        "//[::1]/",
        "file:///etc/passwd",
        "http://[",
        "ftp://x/",
    ],
)
def test_a_redirect_to_where_nobody_may_go(site: Site, fetcher: Fetcher, location: str) -> None:
    site.pages["/x"] = lambda _request: Reply(status=302, headers={"Location": location})
    with pytest.raises(FetchRefused):
        fetcher.get(site.url("/x"))


def test_redirects_are_followed_to_the_end(site: Site, fetcher: Fetcher) -> None:
    site.pages["/1"] = lambda _request: Reply(status=301, headers={"Location": "/2?a=b"})
    site.pages["/2"] = lambda _request: Reply(status=307, headers={"Location": site.url("/3")})
    site.serve("/3", b"sampai")
    fetched = fetcher.get(site.url("/1"))
    assert (fetched.body, fetched.url) == (b"sampai", site.url("/3"))


def test_a_redirect_loop_ends(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = lambda _request: Reply(status=302, headers={"Location": "/x"})
    with pytest.raises(FetchFailed, match="more than 5 redirects"):
        fetcher.get(site.url("/x"))
    assert len(site.requests) == 6


def test_gzip_and_validators(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = gzipped(b"isi" * 1000, ETag='"satu"')
    fetched = fetcher.get(site.url("/x"))
    assert (fetched.body, fetched.etag) == (b"isi" * 1000, '"satu"')
    assert site.requests[0].headers["accept-encoding"] == "gzip"


def test_an_unchanged_page_is_not_sent_again(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = with_etag(b"isi", 'W/"dua"')
    first = fetcher.get(site.url("/x"))
    again = fetcher.get(site.url("/x"), etag=first.etag)
    assert (again.status, again.body) == (304, b"")


def test_last_modified_serves_where_there_is_no_etag(site: Site, fetcher: Fetcher) -> None:
    moment = "Mon, 05 Jan 2026 00:00:00 GMT"

    def page(request: object) -> Reply:
        unchanged = site.requests[-1].headers.get("if-modified-since") == moment
        return Reply(b"" if unchanged else b"isi", 304 if unchanged else 200, {"Last-Modified": moment})

    site.pages["/x"] = page
    assert fetcher.get(site.url("/x"), etag=fetcher.get(site.url("/x")).etag).status == 304


def in_turn(*replies: Reply) -> Page:
    """A page that gives one answer after the other."""
    rest = list(replies)
    return lambda _request: rest.pop(0) if len(rest) > 1 else rest[0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_given_the_time_it_asks_for(
    site: Site, fetcher: Fetcher, waits: list[float], status: int
) -> None:
    site.pages["/x"] = in_turn(Reply(status=status, headers={"Retry-After": "7"}), Reply(b"isi"))
    assert fetcher.get(site.url("/x")).body == b"isi"
    assert waits == [7.0]


def test_retry_after_as_a_date(site: Site, fetcher: Fetcher, waits: list[float]) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    site.pages["/x"] = in_turn(Reply(status=429, headers={"Retry-After": when}), Reply(b"isi"))
    fetcher.get(site.url("/x"))
    assert 30 < waits[0] <= 60


@pytest.mark.parametrize("after", ["bukan angka", "-5", "", "²"])
def test_a_senseless_retry_after_is_backed_off_as_usual(
    site: Site, fetcher: Fetcher, waits: list[float], after: str
) -> None:
    headers = {"Retry-After": after.encode().decode("latin-1")}
    site.pages["/x"] = in_turn(Reply(status=429, headers=headers), Reply(b"isi"))
    assert fetcher.get(site.url("/x")).body == b"isi"
    assert 0 < waits[0] < 1


def test_nobody_waits_for_hours(site: Site, fetcher: Fetcher, waits: list[float]) -> None:
    site.pages["/x"] = lambda _request: Reply(status=429, headers={"Retry-After": "86400"})
    with pytest.raises(FetchFailed, match="come back in 86400 s"):
        fetcher.get(site.url("/x"))
    assert waits == []


def test_errors_that_may_pass_are_tried_again_a_few_times(
    site: Site, fetcher: Fetcher, waits: list[float]
) -> None:
    site.pages["/x"] = lambda _request: Reply(status=500)
    with pytest.raises(FetchFailed, match=r"answered 500 \(3 tries\)"):
        fetcher.get(site.url("/x"))
    assert len(site.requests) == 3
    assert len(waits) == 2


def test_errors_that_stay_are_not(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="answered 404"):
        fetcher.get(site.url("/tidak-ada"))
    assert len(site.requests) == 1


def test_nobody_listens(fetcher: Fetcher, tmp_path: Path, waits: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
    config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_FETCH_ALLOW": host})
    with pytest.raises(FetchFailed, match="the connection failed"):
        Fetcher(config, limits=SMALL, sleep=waits.append).get(f"http://{host}/")
    assert len(waits) == 2


def test_a_name_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="was not found"):
        outsider(tmp_path).get("http://tidak-ada.invalid/")


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 50_000


def test_an_endless_body_is_cut(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = lambda _request: Reply(chunks=endless())
    with pytest.raises(FetchFailed, match="larger than"):
        fetcher.get(site.url("/x"))
    assert len(site.requests) == 1


def test_a_body_that_drips_is_cut(site: Site, fetcher: Fetcher) -> None:
    """Each byte comes in time for the read timeout; only the limit on the whole ends it."""

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x"
            time.sleep(0.1)

    site.pages["/x"] = lambda _request: Reply(chunks=drip())
    with pytest.raises(FetchFailed, match="took longer than 1 s"):
        fetcher.get(site.url("/x"))


def test_a_body_that_drips_is_cut_if_connecting_took_all_the_time(site: Site, tmp_path: Path) -> None:
    sent_all = []

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x"
            time.sleep(0.1)
        sent_all.append(True)

    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(0.3)
        return ["127.0.0.1"]

    site.pages["/x"] = lambda _request: Reply(chunks=drip())
    limits = Limits(total_s=0.1, tries=1)
    with pytest.raises(FetchFailed, match=r"took longer than 0\.1 s"):
        Fetcher(site.allowing(tmp_path), limits=limits, resolve=slow).get(site.url("/x"))
    assert not sent_all


def test_headers_that_drip_are_cut(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip_headers, args=(server,), daemon=True).start()
        host = f"127.0.0.1:{server.getsockname()[1]}"
        config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_FETCH_ALLOW": host})
        with pytest.raises(FetchFailed, match="took longer than 1 s"):
            Fetcher(config, limits=SMALL).get(f"http://{host}/")


def drip_headers(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.1)
        except OSError:
            return


def test_a_silent_server(site: Site, tmp_path: Path, waits: list[float]) -> None:
    def silent(_request: object) -> Reply:
        time.sleep(3)
        return Reply()

    site.pages["/x"] = silent
    limits = Limits(read_s=0.1, tries=2, backoff_s=0.01)
    with pytest.raises(FetchFailed, match="no answer in time"):
        Fetcher(site.allowing(tmp_path), limits=limits, sleep=waits.append).get(site.url("/x"))


def test_a_decompression_bomb_is_cut(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    site.pages["/x"] = lambda _request: Reply(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchFailed, match="larger than"):
        fetcher.get(site.url("/x"))


def test_a_bomb_comes_out_in_pieces() -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    pieces = [len(piece) for piece in Gunzip(10_000).feed(bomb)]
    assert (sum(pieces), max(pieces)) == (5_000_000, 10_000)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"ini bukan gzip", headers={"Content-Encoding": "gzip"}),
        Reply(b"pendek", headers={"Content-Length": "1000"}),
        Reply(gzip.compress(b"isi" * 1000)[:-20], headers={"Content-Encoding": "gzip"}),
    ],
    ids=["no gzip", "too short", "gzip cut off"],
)
def test_a_damaged_body_is_no_body(site: Site, fetcher: Fetcher, reply: Reply) -> None:
    site.pages["/x"] = lambda _request: reply
    with pytest.raises(FetchFailed):
        fetcher.get(site.url("/x"))


def test_a_compression_that_nobody_asked_for_is_named(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = lambda _request: Reply(b"\x0b\x02", headers={"Content-Encoding": "br"})
    with pytest.raises(FetchFailed, match="/x: sent compressed as 'br'; only gzip is read"):
        fetcher.get(site.url("/x"))
    assert len(site.requests) == 1


def test_what_is_no_http(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            for _ in range(3):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        threading.Thread(target=answer, daemon=True).start()
        config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_FETCH_ALLOW": host})
        with pytest.raises(FetchFailed, match="the connection failed"):
            Fetcher(config, limits=SMALL, sleep=lambda _s: None).get(f"http://{host}/")


def test_an_expected_error_status_comes_back_as_it_is(site: Site, fetcher: Fetcher) -> None:
    site.pages["/x"] = lambda _request: Reply(b"{}", 400)
    fetched: Fetched = fetcher.get(site.url("/x"), expected=frozenset({200, 400}))
    assert (fetched.status, fetched.body) == (400, b"{}")


def test_messages_do_not_repeat_a_query(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetcher.get(site.url("/x?token=rahasia"))
    assert "rahasia" not in str(failure.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate, signed by itself, for kantor.example."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=kantor.example",
    ]
    command += ["-addext", "subjectAltName=DNS:kantor.example", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    with path.open("a", encoding="ascii") as both:
        both.write(Path(f"{path}.crt").read_text("ascii"))
    return path


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """Answer every request over TLS; yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    with context.wrap_socket(connection, server_side=True) as tls:
                        tls.recv(65536)
                        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nisi")
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        yield int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "trusted", "outcome"),
    [("kantor.example", True, "isi"), ("lain.example", True, None), ("kantor.example", False, None)],
    ids=["trusted", "another name", "unknown authority"],
)
def test_a_certificate_must_be_trusted_and_name_the_host(
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    trusted: bool,
    outcome: str | None,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    with tls_server(certificate) as port:
        config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_FETCH_ALLOW": f"{host}:{port}"})
        fetcher = Fetcher(config, limits=SMALL, resolve=lambda _host, _port: ["127.0.0.1"])
        if outcome:
            assert fetcher.get(f"https://{host}:{port}/").body == outcome.encode()
        else:
            with pytest.raises(FetchFailed, match="certificate cannot be trusted"):
                fetcher.get(f"https://{host}:{port}/")
