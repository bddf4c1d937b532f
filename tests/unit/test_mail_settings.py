"""The mail server's settings: none, or whole; no password goes in the clear, and no error quotes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.config import load_config
from triage.errors import ConfigError

FROM = {"PENJAGA_MAIL_FROM": "penjaga@contoh.go.id"}


def test_without_an_address_nothing_is_sent(tmp_path: Path) -> None:
    empty = tmp_path / "smtp_password"
    empty.touch()
    given = {"PENJAGA_SMTP_URL": "", "PENJAGA_MAIL_FROM": "", "PENJAGA_SMTP_PASSWORD_FILE": str(empty)}
    assert load_config({"PENJAGA_DATA": str(tmp_path)} | given).mail is None


@pytest.mark.parametrize(
    ("url", "tls", "host", "port"),
    [
        ("smtp://penjaga@mail.contoh.go.id", "starttls", "mail.contoh.go.id", 587),
        ("smtp://penjaga@127.0.0.1:2525/", "starttls", "127.0.0.1", 2525),
        ("smtps://pen%40jaga@mail.contoh.go.id", "at once", "mail.contoh.go.id", 465),
    ],
)
def test_servers_that_ask_who_we_are(tmp_path: Path, url: str, tls: str, host: str, port: int) -> None:
    (tmp_path / "password").write_text("kopi susu\n", "utf-8")
    file = {"PENJAGA_SMTP_PASSWORD_FILE": str(tmp_path / "password")}
    mail = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_SMTP_URL": url} | FROM | file).mail
    assert mail is not None
    assert (mail.tls, mail.host, mail.port, mail.password) == (tls, host, port, "kopi susu")
    assert mail.user in ("penjaga", "pen@jaga")
    assert "kopi" not in repr(mail)


def test_a_relay_nearby_may_do_without_tls_if_that_is_said(tmp_path: Path) -> None:
    for url, tls in (("smtp://relay:25?starttls=no", "none"), ("smtp://relay:25", "starttls")):
        mail = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_SMTP_URL": url} | FROM).mail
        assert mail is not None
        assert (mail.tls, mail.user, mail.password) == (tls, "", "")


@pytest.mark.parametrize(
    ("url", "others", "named"),
    [
        ("mail.contoh.go.id:587", FROM, "PENJAGA_SMTP_URL must be like"),
        ("http://mail.contoh.go.id", FROM, "PENJAGA_SMTP_URL must be like"),
        ("smtp://", FROM, "PENJAGA_SMTP_URL must be like"),
        ("smtp://h:rahasia", FROM, "PENJAGA_SMTP_URL must be like"),
        ("smtp://h:0", FROM, "PENJAGA_SMTP_URL must be like"),
        ("smtp://[::1", FROM, "PENJAGA_SMTP_URL must be like"),
        ("smtp://h/rahasia", FROM, "PENJAGA_SMTP_URL must be like"),
        ("smtp://h?starttls=ya", FROM, "starttls=no"),
        ("smtps://h?starttls=no", FROM, "starttls=no"),
        ("smtp://u@h?starttls=no", FROM | {"PENJAGA_SMTP_PASSWORD": "rahasia"}, "in the clear"),
        ("smtp://u:rahasia@h", FROM, "PENJAGA_SMTP_PASSWORD_FILE"),
        ("smtp://u@h", FROM, "PENJAGA_SMTP_PASSWORD"),
        ("smtp://h", FROM | {"PENJAGA_SMTP_PASSWORD": "rahasia"}, "names a user exactly where"),
        ("smtp://u@h", FROM | {"PENJAGA_SMTP_PASSWORD": "rahasia\r\n"}, "PENJAGA_SMTP_PASSWORD"),
        ("smtp://u%0d%0a@h", FROM | {"PENJAGA_SMTP_PASSWORD": "rahasia"}, "PENJAGA_SMTP_URL"),
        ("smtp://u@h", FROM | {"PENJAGA_SMTP_PASSWORD_FILE": "/nowhere"}, "PENJAGA_SMTP_PASSWORD_FILE"),
        ("smtp://h", {}, "PENJAGA_MAIL_FROM"),
        ("smtp://h", {"PENJAGA_MAIL_FROM": "Penjaga <penjaga@contoh.go.id>"}, "PENJAGA_MAIL_FROM"),
        ("smtp://h", {"PENJAGA_MAIL_FROM": "a@contoh.go.id\r\nBcc: b@contoh.go.id"}, "PENJAGA_MAIL_FROM"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, url: str, others: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named) as refused:
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_SMTP_URL": url} | others)
    assert "rahasia" not in str(refused.value)


def test_links_in_letters_lead_to_the_first_host(tmp_path: Path) -> None:
    hosts = {"PENJAGA_HOSTS": " Penjaga.contoh.go.id , lain.contoh.go.id"}
    assert load_config({"PENJAGA_DATA": str(tmp_path)} | hosts).site == "https://penjaga.contoh.go.id"
    assert load_config({"PENJAGA_DATA": str(tmp_path)}).site == ""
