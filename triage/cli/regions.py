"""`penjaga regions`: the outlines from which maps are drawn."""

from __future__ import annotations

from pathlib import Path

import click

from triage.archive.unreadable import SourceUnreadable
from triage.cli.opening import existing
from triage.cli.printing import escape_unknown, say
from triage.maps.geojson import MOST_BYTES
from triage.maps.importing import Imported, import_boundaries
from triage.permissions import OPERATOR
from triage.regions import region_name, villages

MAX_SHOWN = 20


@click.group()
def command() -> None:
    """Read the boundaries of villages, so that maps show where they lie."""
    escape_unknown()


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Read the boundaries of the regency's villages, or of its kecamatan, from FILE (GeoJSON, WGS 84).

    Each feature needs a property with its Kemendagri code, with dots or without; the property's name does not
    matter. Kecamatan are drawn from their villages. What was read before is replaced; maps are of tiles as
    long as there is nothing.
    """
    with existing() as (config, store):
        try:
            with file.open("rb") as stream:
                content = stream.read(MOST_BYTES + 1)
        except OSError as error:
            raise SourceUnreadable(f"{file}: {error.strerror}") from error
        done = import_boundaries(store, config.wilayah, content, OPERATOR)
        _show(done, config.wilayah)


def _show(done: Imported, region: str) -> None:
    counts = f"{len(done.districts)} kecamatan and {len(done.villages)} villages"
    say(f"{region_name(region)}: outlines of {counts}" + ("" if done.changed else "; nothing has changed"))
    if done.elsewhere:
        say(f"features of other regions, left out: {done.elsewhere}")
    _list(
        "not read",
        [f"feature {one.number}: {one.reason}" if one.number else one.reason for one in done.refused],
    )
    names = {village.code: str(village) for village in villages(region)}
    _list("villages without an outline", [f"{code} {names[code]}" for code in done.missing])


def _list(title: str, lines: list[str]) -> None:
    if not lines:
        return
    say(f"{title}: {len(lines)}")
    for line in lines[:MAX_SHOWN]:
        say(f"  {line}")
    if len(lines) > MAX_SHOWN:
        say(f"  and {len(lines) - MAX_SHOWN} more")
