"""Settings: read in one place, refused with the name of the setting at fault."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lokal import wilayah

from triage.broker import broker_url
from triage.config import load_config
from triage.errors import ConfigError
from triage.regions import villages

README = Path(__file__).parents[2] / "README.md"
SOURCE = Path(__file__).parents[2] / "triage" / "config.py"


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
