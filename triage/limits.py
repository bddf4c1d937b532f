"""How much may come from one place: strict for one browser, generous for an address that a class shares.

Counted in the broker's Redis, so that all web processes count together and nothing of it stands in the store;
under keyed hashes, which expire with their window. One round trip for all counts of a request.
While the broker is away everything may pass: messages must not wait for a counter.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError

from triage.addresses import is_public
from triage.broker import connection
from triage.config import Config
from triage.errors import TooMany
from triage.receipts import keyed_hash

_MINUTE, _DAY = 60, 24 * 3600
# After the broker failed to answer, it is not asked for so long.
_PAUSE_S = 5.0
_TIMEOUT_S = 0.2
_IPV6_PREFIX = 64
# Adds one to each key and returns what they reached; a key lives as long as its window.
_ADD = """
local reached = {}
for i, key in ipairs(KEYS) do
  reached[i] = redis.call('INCR', key)
  if reached[i] == 1 then redis.call('EXPIRE', key, ARGV[i]) end
end
return reached
"""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in each window of `seconds`."""

    most: int
    seconds: int


# A person who sends what a whole RT received stays far below; a class of 30 at one address, too.
DEVICE = (Limit(30, _MINUTE), Limit(300, _DAY))
ADDRESS = (Limit(600, _MINUTE), Limit(20_000, _DAY))
# Each try costs a password hash.
SIGN_IN = (Limit(100, _MINUTE), Limit(2_000, _DAY))


class Limits:
    """Counts of one installation. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        self._secret = config.secret
        self._redis = connection(config, _TIMEOUT_S)
        self._add = self._redis.register_script(_ADD)
        self._asked_again = 0.0

    def submission(self, address: str, device: str | None) -> None:
        """Count a message from a browser (its keyed hash; None for a program) at an address.

        Raises `TooMany` with the seconds to wait; the message was not taken then.
        """
        counts = [(f"device:{device}", limit) for limit in DEVICE] if device else []
        self._count([*counts, *self._at(address, "submission", ADDRESS)], "too-many-messages")

    def sign_in(self, address: str) -> None:
        """Count a try to sign in from an address. Raises `TooMany`."""
        self._count(self._at(address, "sign-in", SIGN_IN), "too-many-sign-ins")

    def close(self) -> None:
        """Close the connections to the broker."""
        self._redis.close()

    def _at(self, address: str, purpose: str, limits: tuple[Limit, ...]) -> list[tuple[str, Limit]]:
        network = shared_part(address)
        if network is None:
            return []
        place = keyed_hash(self._secret, "address", network)
        return [(f"{purpose}:{place}", limit) for limit in limits]

    def _count(self, counts: list[tuple[str, Limit]], code: str) -> None:
        moment = time.time()
        if not counts or time.monotonic() < self._asked_again:
            return
        keys = [
            f"penjaga:limit:{place}:{limit.seconds}:{int(moment) // limit.seconds}" for place, limit in counts
        ]
        try:
            reached = self._add(keys=keys, args=[limit.seconds for _, limit in counts])
        except (RedisError, OSError) as error:
            self._asked_again = time.monotonic() + _PAUSE_S
            _log.warning("limits_not_counted", reason=type(error).__name__)
            return
        waits = [
            limit.seconds - int(moment) % limit.seconds
            for (_, limit), number in zip(counts, reached, strict=True)
            if number > limit.most
        ]
        if waits:
            raise TooMany("Too much came from this place; wait, then send it again.", max(waits), code)


def shared_part(address: str) -> str | None:
    """Return what the people behind an address share; None where it says nothing about anybody.

    A home or a school has one IPv4 address or one IPv6 network of 64 bits. An address that is not public is
    that of a proxy, of a gateway of one's own, or of the local network: all of it would be counted as one.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if not is_public(address):
        return None
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
