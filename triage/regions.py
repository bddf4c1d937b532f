"""The served regency by its Kemendagri code: its name, its time, its villages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from lokal import wilayah

_REGENCY = 2


@dataclass(frozen=True, slots=True)
class Village:
    """A desa or kelurahan; `code` is dotted (35.08.01.2001), `district` its kecamatan."""

    code: str
    name: str
    district: str


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The time that people in a region go by; `label` is what they write behind it."""

    label: str
    zone: ZoneInfo


_WEST = LocalTime("WIB", ZoneInfo("Asia/Jakarta"))
_CENTRAL = LocalTime("WITA", ZoneInfo("Asia/Makassar"))
_EAST = LocalTime("WIT", ZoneInfo("Asia/Jayapura"))
# Provinces by the first two digits of their regencies' codes; all others keep western time.
_TIMES = {
    **dict.fromkeys(("51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"), _CENTRAL),
    **dict.fromkeys(("81", "82", "91", "92", "93", "94", "95", "96"), _EAST),
}


def local_time(region: str) -> LocalTime:
    """Return the time that a region goes by."""
    return _TIMES.get(region[:2], _WEST)


def region_name(region: str) -> str:
    """Return the official name of a region (`Kabupaten Lumajang`), or the code itself if it is unknown."""
    found = wilayah.get_wilayah(region)
    return found.name if found else region


@cache
def villages(region: str) -> tuple[Village, ...]:
    """Return the villages of a regency (its dotted code), by kecamatan and name."""
    found = [
        Village(village.code, village.name, district.name)
        for district in wilayah.list_wilayah(region)
        for village in wilayah.list_wilayah(district.code)
    ]
    return tuple(sorted(found, key=lambda village: (village.district, village.name)))


@cache
def _by_code(region: str) -> dict[str, Village]:
    return {village.code: village for village in villages(region)}


def is_regency(region: str) -> bool:
    """Tell whether the code, written with dots, is a regency or city. Loads no villages: each has some."""
    found = wilayah.get_wilayah(region)
    return found is not None and found.level == _REGENCY and found.code == region


def is_village(region: str, code: str) -> bool:
    """Tell whether the code is a village of the regency."""
    return code in _by_code(region)


def village_name(code: str) -> str:
    """Return `Desa, Kecamatan` for a code, or the code itself if it is unknown."""
    found = wilayah.get_wilayah(code)
    return ", ".join(found.path.split(", ")[:2]) if found else code
