"""How a letter goes to the mail server, and that nothing that anybody typed becomes part of its head."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import canaries
from tests.mailbox import HOST, PASSWORD, USER, Mailbox, certificate, mailbox
from triage import doctor
from triage.alerts import claims, letters, post
from triage.alerts.addresses import is_address, masked_address
from triage.alerts.claims import Rising
from triage.alerts.post import MailAway
from triage.config import Config, load_config
from triage.mail_settings import MailServer
from triage.tables import Surge

Tls = Literal["at once", "starttls", "none"]
AT = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
TO = "ani@contoh.go.id"


def server(port: int, tls: Tls = "none", user: str = "", password: str = "") -> MailServer:
    return MailServer(HOST, port, tls, user, password, "penjaga@contoh.go.id")


def send(config: Config, mail: MailServer, to: str = TO) -> None:
    post.hand_in(mail, letters.trial(config, mail, to, "1", AT), to)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this machine trusts for the test."""
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def test_over_starttls_with_user_and_password(config: Config, trusted: Path) -> None:
    with mailbox(trusted) as box:
        send(config, server(box.port, tls="starttls", user=USER, password=PASSWORD))
        assert (box.to, box.encrypted, box.passwords) == ([TO], [True], [PASSWORD])
        with pytest.raises(MailAway, match=r"did not accept user and password \(535\)"):
            send(config, server(box.port, tls="starttls", user=USER, password="salah"))


def test_over_tls_from_the_first_byte(config: Config, trusted: Path) -> None:
    with mailbox(trusted, at_once=True) as box:
        send(config, server(box.port, tls="at once"))
        assert (box.to, box.encrypted) == ([TO], [True])


@pytest.mark.parametrize("at_once", [False, True])
def test_a_stranger_who_poses_as_the_server_gets_neither_letter_nor_password(
    config: Config, tmp_path: Path, at_once: bool
) -> None:
    with mailbox(certificate(tmp_path), at_once=at_once) as box:
        tls: Tls = "at once" if at_once else "starttls"
        with pytest.raises(MailAway, match="certificate that is not trusted"):
            send(config, server(box.port, tls=tls, user=USER, password=PASSWORD))
        assert (box.letters, box.passwords) == ([], [])


def test_without_starttls_no_password_is_sent(config: Config) -> None:
    with mailbox() as box:
        with pytest.raises(MailAway, match="offers no STARTTLS"):
            send(config, server(box.port, tls="starttls", user=USER, password=PASSWORD))
        assert (box.letters, box.passwords) == ([], [])


@contextmanager
def answering(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """Something on a port that is no mail server."""
    listening = socket.create_server((HOST, 0))

    def serve() -> None:
        with listening.accept()[0] as connection:
            behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join()


def _until_it_hangs_up(connection: socket.socket) -> None:
    while connection.recv(1024):
        pass


def _until_data(connection: socket.socket) -> None:
    """Say yes to everything, and nothing any more once the letter is there."""
    connection.sendall(b"220 selamat datang\r\n")
    heard = b""
    while more := connection.recv(4096):
        heard += more
        if heard.endswith(b"\r\n.\r\n"):
            _until_it_hangs_up(connection)
            return
        connection.sendall(b"354 mulai\r\n" if more.startswith(b"data") else b"250 ya\r\n")


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (_until_it_hangs_up, "did not answer in time"),
        (_until_data, "did not answer in time"),
        (lambda connection: connection.close(), "hung up"),
        (lambda connection: connection.sendall(b"554 penuh rahasia\r\n"), r"refused us \(554\)"),
        (lambda connection: connection.sendall(b"x" * 100_000), r"refused us|hung up|cannot be reached"),
    ],
)
def test_a_server_that_fails_is_not_waited_for(
    config: Config, monkeypatch: pytest.MonkeyPatch, behave: Callable[[socket.socket], None], why: str
) -> None:
    monkeypatch.setattr(post, "ANSWER_S", 0.3)
    monkeypatch.setattr(post, "TAKE_S", 0.6)
    with answering(behave) as port, pytest.raises(MailAway, match=why) as away:
        send(config, server(port))
    assert "rahasia" not in str(away.value)


def _said(connection: socket.socket, *, signs_in: str = "") -> Iterator[bytes]:
    """Say yes to everything; yields each line that was said to us before it is answered."""
    connection.sendall(b"220 selamat datang\r\n")
    file = connection.makefile("rb")
    for line in file:
        yield line
        if line == b"data\r\n":
            connection.sendall(b"354 mulai\r\n")
            while file.readline() != b".\r\n":
                pass
        if line.startswith(b"ehlo") and signs_in:
            connection.sendall(b"250-ya\r\n250 AUTH " + signs_in.encode() + b"\r\n")
        else:
            connection.sendall(b"250 ya\r\n")


def test_a_letter_that_was_taken_is_noted_before_a_server_that_parts_slowly(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "PARTING_S", 0.1)
    noted, in_time = threading.Event(), []

    def behave(connection: socket.socket) -> None:
        for line in _said(connection):
            if line == b"quit\r\n":
                in_time.append(noted.wait(5))
                return

    with answering(behave) as port:
        send(config, server(port))
        noted.set()
    assert in_time == [True]


def test_a_server_that_signs_in_in_ways_of_its_own_is_said(config: Config) -> None:
    def behave(connection: socket.socket) -> None:
        for _ in _said(connection, signs_in="GSSAPI"):
            pass

    with answering(behave) as port, pytest.raises(MailAway, match="offers no way to sign in that we know"):
        send(config, server(port, user=USER, password=PASSWORD))


def test_a_password_that_cannot_be_sent_is_said_and_not_told(config: Config) -> None:
    def behave(connection: socket.socket) -> None:
        for _ in _said(connection, signs_in="PLAIN LOGIN"):
            pass

    with answering(behave) as port, pytest.raises(MailAway, match="in ASCII alone") as away:
        send(config, server(port, user=USER, password="kopi-sus\u00fa"))
    assert "kopi" not in str(away.value)


def test_the_doctor_says_how_the_mail_server_does(tmp_path: Path) -> None:
    def finding(**settings: str) -> doctor.Finding:
        config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_ENCODER": "/nowhere"} | settings)
        (found,) = [each for each in doctor.examine(config) if each.subject == "mail"]
        return found

    assert finding().ok
    with mailbox() as box:
        settings = {
            "PENJAGA_SMTP_URL": f"smtp://{HOST}:{box.port}?starttls=no",
            "PENJAGA_MAIL_FROM": "penjaga@contoh.go.id",
        }
        assert str(finding(**settings)) == f"ok: mail: {HOST} lets us in"
        assert box.letters == []
    gone = finding(**settings)
    assert not gone.ok
    assert "cannot be reached" in str(gone)


def test_a_port_where_nobody_listens_is_said(config: Config, box: Mailbox) -> None:
    with pytest.raises(MailAway, match="cannot be reached"):
        send(config, server(1))
    assert box.letters == []


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as served:
        yield served


@pytest.mark.parametrize(
    "address", ["a@b.id", "Ani.Wati+kim@diskominfo.lumajangkab.go.id", "o'neil@contoh.co", f"{'a' * 64}@b.id"]
)
def test_addresses_that_are_taken(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "ani", "@b.id", "ani@", "ani@b", "ani@-b.id", "ani@b..id", ".ani@b.id", "ani.@b.id", "a b@c.id",
        "ani@b.id ", "ani@b.id\n", "ani@b.id\r\nBcc: x@y.id", "ani@b.id,budi@b.id", "<ani@b.id>",
        "ani@[10.0.0.1]",
        '"ani"@b.id', "ani@bé.id", "añi@b.id", "ani%x@b.id", f"{'a' * 65}@b.id", f"a@{'b' * 64}.id",
        "ani@b.id\u2028", "ani@b.id\x00", f"a@{'b.' * 130}id",
    ],
)  # fmt: skip
def test_what_is_no_address(address: str) -> None:
    assert not is_address(address)


def test_others_see_no_more_of_an_address_than_they_need() -> None:
    assert masked_address("ani.wati@contoh.go.id") == "a•••@contoh.go.id"


INJECTED = (
    "\r\nBcc: x@y.id\r\n\r\n", "\n.\n", "\r\n.\r\nMAIL FROM:<x@y.id>", "From x", "=?utf-8?q?a?=", "\u2028b"
)  # fmt: skip
HOSTILE = st.text() | st.sampled_from(INJECTED)


@given(st.lists(HOSTILE, max_size=5).map("".join), HOSTILE)
def test_nothing_that_was_typed_becomes_part_of_the_head(
    tmp_path_factory: pytest.TempPathFactory, words: str, standing: str
) -> None:
    config = _config(tmp_path_factory)
    surge = Surge(
        id=1, group_id=2, found_at=AT, since=AT, observed=9, expected=0.2, score=8.0, villages=0, last_at=AT
    )
    mail = server(25)
    told = [Rising(surge, claims.outward(words) or "-", claims.outward(standing))]
    letter = letters.alert(config, mail, TO, "1:1", told, AT)
    raw = letter.as_bytes()
    read = message_from_bytes(raw, policy=default)
    assert read.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
        "List-Unsubscribe", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    ]  # fmt: skip
    assert read["To"] == TO
    assert not read.is_multipart()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert "biasanya sekitar 1." in read.get_content()


_CONFIGS: list[Config] = []


def _config(folders: pytest.TempPathFactory) -> Config:
    if not _CONFIGS:
        read = load_config({"PENJAGA_DATA": str(folders.mktemp("letters"))})
        _CONFIGS.append(replace(read, site="https://penjaga.contoh.go.id"))
    return _CONFIGS[0]


@given(st.text(max_size=300))
def test_words_that_leave_are_one_short_line(text: str) -> None:
    line = claims.outward(f"{text} {canaries.TEXT}")
    assert len(line) <= claims.MAX_WORDS
    assert line == " ".join(line.split())


def test_words_that_leave_lead_to_nobody() -> None:
    for before in ("", "a " * 60, "kata " * 30, "beras " * 19):
        line = claims.outward(f"{before}{canaries.TEXT} {canaries.URL} {canaries.REMARK}")
        assert canaries.given_away(line) == []
        assert "Kenarisari" not in line
    assert claims.outward("https://kabar.example/x") == ""
    line = claims.outward("lihat kabar.com/x ya, kata ani@contoh.example")
    assert line == "lihat <tautan> ya, kata <surel>"


def test_the_same_letter_has_the_same_number_here_and_another_elsewhere(config: Config) -> None:
    mail = server(25)
    one, again = (letters.trial(config, mail, TO, "1", AT)["Message-ID"] for _ in range(2))
    other = letters.trial(config, mail, TO, "2", AT)["Message-ID"]
    elsewhere = letters.trial(replace(config, secret="x" * 32), mail, TO, "1", AT)["Message-ID"]
    assert one == again
    assert len({str(one), str(other), str(elsewhere)}) == 3
