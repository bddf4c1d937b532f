"""Drawings of the trends: what came over time, and from where. A table beside each says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from markupsafe import Markup

from triage import charts, maps
from triage.charts import Bar
from triage.regions import local_time
from triage.services import services
from triage.trends.figures import Place, Sums
from triage.trends.filters import Filter
from triage.trends.overview import Figures
from triage.web.filters import day, moment
from triage.web.i18n import gettext

# Bars with a date or an hour below them, at most.
_TICKS = 8
Time = TypeVar("Time", date, datetime)


def over_time(found: Figures) -> Markup:
    """Draw the messages of each hour or, of more than a few days, of each day."""
    if found.hours:
        return _bars(found.hours, moment, _hour, gettext("Pesan per jam."))
    return _bars(found.days, day, lambda one: f"{one.day}/{one.month}", gettext("Pesan per hari."))


def where_from(
    outline: maps.Plan, asked: Filter, places: Sequence[Place], link: Callable[[str], str] | None = None
) -> Markup:
    """Draw kecamatan or villages; `link` leads from the code of one to what is known of it."""
    measure = shown_measure(asked)
    unit = measures(asked)[measure]
    shades = {}
    for place in places:
        value = measured(place, measure)
        said = gettext("tidak ditampilkan") if place.sums is None else "–" if value is None else str(value)
        href = "" if link is None or not place.code else link(place.code)
        label = gettext("%(place)s: %(number)s (%(unit)s)", place=place.name, number=said, unit=unit)
        shades[place.code] = maps.Shade(label, value, few=place.sums is None, href=href)
    words = maps.Words(
        name=gettext("Peta: %(unit)s", unit=unit), unit=unit, few=gettext("tidak ditampilkan"), few_sign="…",
        missing=gettext("tidak ada data"),
    )  # fmt: skip
    return Markup(maps.draw(outline, shades, words))  # noqa: S704 - escaped where it is drawn


def measures(asked: Filter) -> dict[str, str]:
    """Return what a map can show, in words."""
    found = {
        "pesan": gettext("Pesan"),
        "belum": gettext("Belum terjawab"),
        "per-1000": gettext("Belum terjawab per 1.000 pesan"),
    }
    if asked.of_a_kind:
        found["bagian"] = gettext("Yang dipilih per 1.000 pesan dari sini")
    return found


def shown_measure(asked: Filter) -> str:
    """Return the measure that a map shows: the one asked for, or messages where that means nothing."""
    return asked.measure if asked.measure in measures(asked) else "pesan"


def measured(place: Place, measure: str) -> int | None:
    """Return the number of a place, None where it is hidden or there is none."""
    if place.sums is None:
        return None
    values = {
        "pesan": place.sums.messages, "belum": place.sums.unanswered,
        "per-1000": place.sums.unanswered_per_1000, "bagian": place.kind_per_1000,
    }  # fmt: skip
    value = values[measure]
    return None if value is None else round(value)


def _hour(begins: datetime) -> str:
    return f"{begins.astimezone(local_time(services().config.wilayah).zone):%H}.00"


def _bars(
    given: Sequence[tuple[Time, Sums]], name: Callable[[Time], str], tick: Callable[[Time], str], what: str
) -> Markup:
    every = -(-len(given) // _TICKS)
    bars = [
        Bar(
            gettext(
                "%(day)s: %(number)s pesan, %(part)s terjawab seketika",
                day=name(one), number=sums.messages, part=sums.at_once,
            ),
            sums.messages,
            sums.at_once,
            tick(one) if number % every == 0 else "",
        )
        for number, (one, sums) in enumerate(given)
    ]  # fmt: skip
    most = max(given, key=lambda found: found[1].messages)
    peak = gettext("Terbanyak %(day)s: %(number)s.", day=name(most[0]), number=most[1].messages)
    return charts.bars(bars, f"{what} {peak}")
