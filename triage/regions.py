"""Villages of the served regency, by Kemendagri code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lokal import wilayah


@dataclass(frozen=True, slots=True)
class Village:
    """A desa or kelurahan; `code` is dotted (35.08.01.2001), `district` its kecamatan."""

    code: str
    name: str
    district: str


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


def is_village(region: str, code: str) -> bool:
    """Tell whether the code is a village of the regency."""
    return code in _by_code(region)


def village_name(code: str) -> str:
    """Return `Desa, Kecamatan` for a code, or the code itself if it is unknown."""
    found = wilayah.get_wilayah(code)
    return ", ".join(found.path.split(", ")[:2]) if found else code
