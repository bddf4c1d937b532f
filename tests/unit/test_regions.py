"""The served regency: its name, and the time that people there go by, for every province of Indonesia."""

from __future__ import annotations

import pytest
from lokal import wilayah

from triage.regions import local_time, region_name

CENTRAL = {
    "Bali", "Nusa Tenggara Barat", "Nusa Tenggara Timur", "Kalimantan Selatan", "Kalimantan Timur",
    "Kalimantan Utara", "Sulawesi Utara", "Sulawesi Tengah", "Sulawesi Selatan", "Sulawesi Tenggara",
    "Gorontalo", "Sulawesi Barat",
}  # fmt: skip
EAST = {
    "Maluku", "Maluku Utara", "Papua", "Papua Barat", "Papua Selatan", "Papua Tengah", "Papua Pegunungan",
    "Papua Barat Daya",
}  # fmt: skip
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


@pytest.mark.parametrize("province", wilayah.list_wilayah(), ids=lambda province: province.name)
def test_every_regency_goes_by_the_time_of_its_province(province: wilayah.Wilayah) -> None:
    label = "WITA" if province.name in CENTRAL else "WIT" if province.name in EAST else "WIB"
    for regency in wilayah.list_wilayah(province.code):
        found = local_time(regency.code)
        assert (found.label, found.zone.key) == (label, ZONES[label])


def test_the_times_of_all_provinces_are_known() -> None:
    assert {province.name for province in wilayah.list_wilayah()} >= CENTRAL | EAST


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("35.08", "Kabupaten Lumajang"),
        ("51.71", "Kota Denpasar"),
        ("95.01", "Kabupaten Jayawijaya"),
        ("99.99", "99.99"),
    ],
)
def test_a_region_has_its_official_name(code: str, name: str) -> None:
    assert region_name(code) == name
