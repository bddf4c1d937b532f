"""Which network addresses an outside URL may lead to: public ones, and hosts that the office names itself."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]
"""Host and port to the numeric addresses behind them; raises `OSError` if there is none."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# What the registries of special addresses hold beside what Python knows of them: NAT64 within a network, two
# blocks of IPv6 and one of IPv4 that nobody is reached at, relays of 6to4.
_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("64:ff9b:1::/48", "3fff::/20", "5f00::/16", "192.0.0.0/24", "192.88.99.0/24"))
)
_LOW_32_BITS = 0xFFFF_FFFF


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host, each once, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Tell whether a numeric address belongs to the public internet, also where it wraps an IPv4 address."""
    try:
        parsed: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(_is_global(part) for part in (parsed, *_wrapped(parsed)))


def _is_global(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or address in _NAT64:  # judged by the address inside
            return True
        if address.is_site_local:
            return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inside: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    if address.teredo is not None:
        inside += address.teredo
    if address in _NAT64:
        inside.append(ipaddress.IPv4Address(int(address) & _LOW_32_BITS))
    return [part for part in inside if part is not None]
