"""Settings: read in one place, refused with the name of the setting at fault."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lokal import wilayah
from sqlalchemy import make_url

from triage.broker import broker_url
from triage.config import load_config
from triage.errors import ConfigError
from triage.regions import villages

README = Path(__file__).parents[2] / "README.md"
SOURCE = Path(__file__).parents[2] / "triage" / "config.py"


SECRET = "0123456789abcdef" * 4


def test_production_refuses_to_start_without_its_host_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_HOSTS is not set"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_ENV": "production", "PENJAGA_SECRET": SECRET})


def test_host_names_and_proxies_are_read(tmp_path: Path) -> None:
    given = {"PENJAGA_HOSTS": "Penjaga.contoh.go.id, penjaga.local,", "PENJAGA_PROXIES": "2"}
    config = load_config({"PENJAGA_DATA": str(tmp_path)} | given)
    assert (config.hosts, config.proxies) == ({"penjaga.contoh.go.id", "penjaga.local"}, 2)
    assert load_config({"PENJAGA_DATA": str(tmp_path)}).proxies == 0


def test_secrets_come_from_files(tmp_path: Path) -> None:
    for name, held in (("key", f"{SECRET}\n"), ("db", "a/b@c:d\n"), ("redis", "r%r")):
        (tmp_path / name).write_text(held, "utf-8")
    config = load_config(
        {
            "PENJAGA_DATA": str(tmp_path),
            "PENJAGA_SECRET_FILE": str(tmp_path / "key"),
            "PENJAGA_DATABASE_URL": "postgresql://penjaga@db:5433/penjaga",
            "PENJAGA_DATABASE_PASSWORD_FILE": str(tmp_path / "db"),
            "PENJAGA_REDIS_URL": "redis://redis:6379/0",
            "PENJAGA_REDIS_PASSWORD_FILE": str(tmp_path / "redis"),
        }
    )
    url = make_url(config.database_url)
    assert config.secret == SECRET
    assert (url.username, url.password, url.host, url.port) == ("penjaga", "a/b@c:d", "db", 5433)
    assert config.redis_url == "redis://:r%25r@redis:6379/0"


@pytest.mark.parametrize(
    ("setting", "held", "others"),
    [
        ("PENJAGA_SECRET_FILE", None, {}),
        ("PENJAGA_SECRET_FILE", b"", {}),
        ("PENJAGA_SECRET_FILE", b"\xff" * 40, {}),
        ("PENJAGA_SECRET_FILE", b"a" * 5_000, {}),
        ("PENJAGA_SECRET_FILE", b"satu\ndua", {}),
        ("PENJAGA_SECRET_FILE", SECRET.encode(), {"PENJAGA_SECRET": SECRET}),
        ("PENJAGA_DATABASE_PASSWORD_FILE", b"x", {}),
        ("PENJAGA_DATABASE_PASSWORD_FILE", b"x", {"PENJAGA_DATABASE_URL": "postgresql://u:rahasia@h/d"}),
        ("PENJAGA_REDIS_PASSWORD_FILE", b"x", {}),
    ],
)
def test_a_secret_that_does_not_come_by_its_file_is_named(
    tmp_path: Path, setting: str, held: bytes | None, others: dict[str, str]
) -> None:
    path = tmp_path / "held"
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(ConfigError, match=setting) as refused:
        load_config({"PENJAGA_DATA": str(tmp_path), setting: str(path)} | others)
    assert "rahasia" not in str(refused.value)


def test_a_weak_secret_in_a_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("changeme", "utf-8")
    with pytest.raises(ConfigError, match="too easy to guess"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_SECRET_FILE": str(tmp_path / "key")})


def test_production_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_SECRET is not set"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_ENV": "production"})
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("secret", ["changeme", ("0123456789abcdef" * 2)[:31], "a" * 32, "012345678" * 4])
@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_weak_secret_is_refused(tmp_path: Path, environment: str, secret: str) -> None:
    given = {"PENJAGA_DATA": str(tmp_path), "PENJAGA_ENV": environment, "PENJAGA_SECRET": secret}
    with pytest.raises(ConfigError, match="PENJAGA_SECRET is too easy to guess"):
        load_config(given)


def test_a_secret_as_long_and_varied_as_asked_is_taken(tmp_path: Path) -> None:
    secret = "012345678" * 3 + "0123a"
    assert load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_SECRET": secret}).secret == secret


def test_what_a_log_prints_of_the_settings_holds_no_secret(tmp_path: Path) -> None:
    config = load_config(
        {
            "PENJAGA_DATA": str(tmp_path),
            "PENJAGA_SECRET": "kenari-0123456789-abcdefghijklmnop",
            "PENJAGA_DATABASE_URL": "postgresql://penjaga:kenari@db/penjaga",
            "PENJAGA_REDIS_URL": "redis://:kenari@redis:6379/0",
        }
    )
    assert "kenari" in config.secret + config.database_url + config.redis_url
    assert "kenari" not in repr(config) + str(config)
    assert str(tmp_path) in repr(config)


@pytest.mark.parametrize(("given", "share"), [("5", 0.05), ("0", 0.0), ("0.5", 0.005), ("100", 1.0)])
def test_the_share_of_audited_answers_is_a_percentage(tmp_path: Path, given: str, share: float) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_AUDIT_PERCENT": given})
    assert config.audit_share == pytest.approx(share)


@pytest.mark.parametrize(
    "code", ["35.8", "xx", "", "35", "35.08.01", "35.08.01.2001", "3508", " 35.08", "35.99"]
)
def test_a_region_that_is_no_regency_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_WILAYAH is"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_WILAYAH": code})


def test_every_regency_that_is_taken_has_villages(tmp_path: Path) -> None:
    codes = [
        regency.code for province in wilayah.list_wilayah() for regency in wilayah.list_wilayah(province.code)
    ]
    assert len(codes) > 500
    for code in codes:
        assert load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_WILAYAH": code}).wilayah == code
        assert villages(code)


def test_each_installation_makes_its_own_secret_once_and_privately(tmp_path: Path) -> None:
    environ = {"PENJAGA_DATA": str(tmp_path / "one")}
    with ThreadPoolExecutor(8) as pool:
        secrets = {config.secret for config in pool.map(load_config, [environ] * 16)}
    assert len(secrets) == 1
    assert stat.S_IMODE((tmp_path / "one" / "secret").stat().st_mode) == 0o600
    assert load_config({"PENJAGA_DATA": str(tmp_path / "two")}).secret not in secrets


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PENJAGA_ENV", "staging"),
        ("PENJAGA_DATABASE_URL", "mysql://x/y"),
        ("PENJAGA_DATABASE_URL", "postgresql://u:rahasia@h:abc/x"),
        ("PENJAGA_DATA", "/proc/none"),
        ("PENJAGA_REDIS_URL", "nonsense"),
        ("PENJAGA_REDIS_URL", "http://127.0.0.1:6379/0"),
        ("PENJAGA_REDIS_URL", "redis://127.0.0.1:rahasia/0"),
        ("PENJAGA_REDIS_URL", "redis://127.0.0.1:6379/nama"),
        ("PENJAGA_HOSTS", "https://penjaga.contoh.go.id"),
        ("PENJAGA_HOSTS", "penjaga.contoh.go.id:443"),
        ("PENJAGA_HOSTS", "*"),
        ("PENJAGA_PROXIES", "-1"),
        ("PENJAGA_PROXIES", "satu"),
        ("PENJAGA_PROXIES", "5"),
        ("PENJAGA_AUDIT_PERCENT", "101"),
        ("PENJAGA_AUDIT_PERCENT", "-1"),
        ("PENJAGA_AUDIT_PERCENT", "5%"),
        ("PENJAGA_AUDIT_PERCENT", ""),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name) as refused:
        load_config({"PENJAGA_DATA": str(tmp_path), name: value})
    assert "rahasia" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["redis://h", "redis://:sandi@h:6379/0", "rediss://h:6380/1?ssl_cert_reqs=none"]
)
def test_addresses_of_a_redis_are_taken_as_they_are(tmp_path: Path, url: str) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_REDIS_URL": url})
    assert broker_url(config) == url


def test_a_secret_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes("rahasia yang rusak: ÿ dan é, 32 huruf".encode("latin-1"))
    with pytest.raises(ConfigError, match="secret is damaged: restore it"):
        load_config({"PENJAGA_DATA": str(tmp_path)})
    (tmp_path / "secret").unlink()
    (tmp_path / "secret").symlink_to("gone")
    with pytest.raises(ConfigError, match=r"secret cannot be read or made \(.*PENJAGA_DATA"):
        load_config({"PENJAGA_DATA": str(tmp_path)})


def test_postgresql_urls_choose_the_installed_driver(tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_DATABASE_URL": "postgres://h/d"})
    assert config.database_url == "postgresql+psycopg://h/d"


def test_a_deep_data_folder_still_gets_a_socket_that_the_system_accepts(tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path / ("d" * 120))})
    assert len(str(config.broker_socket)) <= 100
    assert broker_url(config) == f"redis+socket://{config.broker_socket}"


def test_the_settings_table_of_the_readme_names_every_setting() -> None:
    read = set(re.findall(r'env\.get\(\s*"([A-Z_]+)"', SOURCE.read_text("utf-8")))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", README.read_text("utf-8"), re.MULTILINE))
    assert read == {name for name in documented if name.startswith("PENJAGA_")}
