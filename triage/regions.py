"""The served regency by its Kemendagri code: its name, its time, its villages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lokal import wilayah

_REGENCY = 2
_WORD = re.compile(r"\w+")
# What people write before a name, which no name of ours consists of.
_KINDS = frozenset({"desa", "ds", "kelurahan", "kel", "kecamatan", "kec"})


@dataclass(frozen=True, slots=True)
class Village:
    """A desa or kelurahan; `code` is dotted (35.08.01.2001), `district` its kecamatan."""

    code: str
    name: str
    district: str

    def __str__(self) -> str:
        """Write it as people do: `Sumberwuluh, Candipuro`."""
        return f"{self.name}, {self.district}"


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
def districts(region: str) -> Mapping[str, str]:
    """Return the kecamatan of a regency by their dotted codes, in the order of these; none of any other."""
    # Of what is no region, the list is that of all provinces.
    inside = wilayah.list_wilayah(region) if is_regency(region) else ()
    found = sorted(inside, key=lambda district: district.code)
    return MappingProxyType({district.code: district.name for district in found})


@cache
def _by_code(region: str) -> dict[str, Village]:
    return {village.code: village for village in villages(region)}


def district_of(village: str) -> str:
    """Return the code of the kecamatan that a village (its code) lies in; '' of ''."""
    return village.rpartition(".")[0]


def villages_like(region: str, typed: str) -> tuple[Village, ...]:
    """Return the villages that may be meant by a code, a name, or a few letters of desa and kecamatan.

    A name written out means that village alone: `Candipuro, Candipuro` is not every village of Candipuro.
    """
    wanted = _words(typed)
    if not wanted:
        return ()
    if typed.strip() in _by_code(region):
        return (_by_code(region)[typed.strip()],)
    exact = [village for village in villages(region) if _words(str(village)) == wanted]
    named = [village for village in villages(region) if _words(village.name) == wanted]
    begun = [village for village in villages(region) if _begins(village, wanted)]
    return tuple(exact or named or begun)


def _words(text: str) -> list[str]:
    found = _WORD.findall(text.casefold())
    return [word for word in found if word not in _KINDS] or found


def _begins(village: Village, wanted: list[str]) -> bool:
    there = _words(str(village))
    # Without the space that people leave out or put in: "sumber wuluh", "Klakah kidul".
    joined = [village.name.casefold().replace(" ", ""), village.district.casefold().replace(" ", "")]
    return all(any(word.startswith(begun) for word in [*there, *joined]) for begun in wanted) or any(
        name.startswith("".join(wanted)) for name in joined
    )


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
