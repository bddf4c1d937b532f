"""How much may come from one place, counted in a real broker; without it everything passes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis
import structlog
import time_machine

from tests.workers.conftest import bundled
from triage import limits
from triage.columns import now
from triage.config import Config
from triage.errors import TooMany
from triage.limits import ADDRESS, DEVICE, SIGN_IN, Limits, shared_part

HOME, SCHOOL, OTHER = "203.0.114.7", "203.0.114.8", "203.0.114.9"
PHONE = "a" * 64


@pytest.fixture
def broker(config: Config) -> Iterator[redis.Redis]:
    """The bundled broker, as an installation runs it."""
    with bundled(config, {}):
        connection = redis.Redis(unix_socket_path=str(config.broker_socket))
        yield connection
        connection.close()


@pytest.fixture
def counting(config: Config, broker: redis.Redis) -> Iterator[Limits]:
    found = Limits(config)
    # In the middle of a minute and of a day, so that no window ends while a test counts.
    with time_machine.travel(now().replace(hour=12, minute=30, second=20), tick=False):
        yield found
    found.close()


def _refused(work: object, times: int) -> int:
    refused = 0
    for _ in range(times):
        try:
            work()  # type: ignore[operator]
        except TooMany:
            refused += 1
    return refused


def test_a_browser_sends_thirty_a_minute_and_is_told_how_long_to_wait(counting: Limits) -> None:
    most = DEVICE[0].most
    assert _refused(lambda: counting.submission(HOME, PHONE), most) == 0
    with pytest.raises(TooMany) as refused:
        counting.submission(HOME, PHONE)
    assert refused.value.retry_after == 40
    assert refused.value.status == 429
    counting.submission(HOME, "b" * 64)


def test_the_next_minute_begins_anew_but_not_the_next_three_hundred_of_a_day(config: Config) -> None:
    with bundled(config, {}):
        counting = Limits(config)
        with time_machine.travel(now().replace(hour=12, minute=30, second=20), tick=False) as clock:
            taken = 0
            for _ in range(20):
                taken += (
                    DEVICE[0].most
                    + 5
                    - _refused(lambda: counting.submission(HOME, PHONE), DEVICE[0].most + 5)
                )
                clock.shift(60)
        counting.close()
    assert (DEVICE[0].most, DEVICE[1].most) == (30, 300)
    # What was refused within a minute counts for the day too: whoever goes on knocking waits.
    assert DEVICE[1].most - 5 * 10 <= taken <= DEVICE[1].most


def test_a_class_of_thirty_behind_one_address_works(counting: Limits) -> None:
    refused = sum(
        _refused(lambda phone=phone: counting.submission(SCHOOL, f"{phone:064d}"), 15) for phone in range(30)
    )
    assert refused == 0
    assert _refused(lambda: counting.sign_in(SCHOOL), 2 * 30) == 0


def test_a_flood_from_one_address_is_slowed_down_whatever_browser_it_claims(counting: Limits) -> None:
    most = ADDRESS[0].most
    phones = iter(f"{number:064d}" for number in range(10_000))
    assert _refused(lambda: counting.submission(HOME, next(phones)), most + 100) == 100
    assert _refused(lambda: counting.submission(HOME, None), 3) == 3
    counting.submission(OTHER, next(phones))
    counting.sign_in(HOME)


def test_tries_to_sign_in_are_counted_by_themselves(counting: Limits) -> None:
    assert _refused(lambda: counting.sign_in(HOME), SIGN_IN[0].most + 7) == 7
    counting.submission(HOME, PHONE)


def test_several_web_processes_count_together(config: Config, counting: Limits) -> None:
    other = Limits(config)
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(
            lambda number: _refused(lambda: (counting, other)[number % 2].submission(HOME, PHONE), 1),
            range(80),
        )
        assert sum(done) == 80 - DEVICE[0].most
    other.close()


def test_no_address_is_kept_and_every_count_ends_with_its_window(
    counting: Limits, broker: redis.Redis
) -> None:
    counting.submission(HOME, PHONE)
    counting.sign_in(HOME)
    keys = [key.decode() for key in broker.scan_iter("penjaga:limit:*")]
    assert len(keys) == len(DEVICE) + len(ADDRESS) + len(SIGN_IN)
    assert not any(HOME in key for key in keys)
    assert all(0 < broker.ttl(key) <= 24 * 3600 for key in keys)


def test_the_keyed_hash_of_an_address_needs_the_secret(config: Config, broker: redis.Redis) -> None:
    other = Limits(replace(config, secret="9f8e7d6c5b4a39281706f5e4d3c2b1a0"))
    for one in (Limits(config), other):
        one.sign_in(HOME)
    keys = {key.decode().split(":")[3] for key in broker.scan_iter("penjaga:limit:sign-in:*")}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("203.0.114.7", "203.0.114.7"),
        ("::ffff:203.0.114.7", "203.0.114.7"),
        ("2404:c0:1:2:aaaa::1", "2404:c0:1:2::/64"),
        ("2404:c0:1:2:bbbb::9", "2404:c0:1:2::/64"),
        ("2404:c0:1:3::1", "2404:c0:1:3::/64"),
        ("127.0.0.1", None), ("10.1.2.3", None), ("192.168.0.4", None), ("::1", None), ("fd00::1", None),
        ("", None), ("unix:", None), ("203.0.114.7, 10.0.0.1", None),
    ],
)  # fmt: skip
def test_what_people_behind_an_address_share(address: str, shared: str | None) -> None:
    assert shared_part(address) == shared


def test_while_the_broker_is_away_everything_passes_and_nobody_waits_for_it(config: Config) -> None:
    counting = Limits(config)
    with structlog.testing.capture_logs() as lines:
        began = time.monotonic()
        assert _refused(lambda: counting.submission(HOME, PHONE), 1_000) == 0
        assert time.monotonic() - began < limits._PAUSE_S * 4, "asked again and again"
    assert [line["event"] for line in lines][:1] == ["limits_not_counted"]
    assert len(lines) <= 4, "once for each pause"
    assert HOME not in str(lines)
    counting.close()


def test_counting_goes_on_when_the_broker_is_back(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_PAUSE_S", 0.0)
    counting = Limits(config)
    counting.submission(HOME, PHONE)
    with bundled(config, {}):
        assert _refused(lambda: counting.submission(HOME, PHONE), DEVICE[0].most + 40) >= 1
    counting.submission(HOME, PHONE)
    counting.close()
