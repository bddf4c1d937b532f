"""Trends for the office: what came, what rises, from where; each figure leads to the claims behind it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.types import HARMS
from triage import charts, maps
from triage.columns import now
from triage.intake import CHANNELS
from triage.permissions import Actor
from triage.regions import district_of, districts, local_time
from triage.services import services
from triage.trends.behind import Figure, behind
from triage.trends.calendar import day_of
from triage.trends.figures import Place, by_village
from triage.trends.filters import NO_VERDICT, PERIODS, Filter
from triage.trends.overview import Figures, Overview, added_up, overview
from triage.verdicts import verdicts
from triage.web import labels
from triage.web.auth import staff
from triage.web.i18n import gettext
from triage.web.kim.blueprint import blueprint
from triage.web.kim.spreadsheets import csv_file, xlsx_file
from triage.web.kim.trend_drawings import measured, measures, over_time, shown_measure, where_from
from triage.web.kim.trend_sheets import one_sheet, several_sheets
from triage.web.library import page_number


@blueprint.get("/tren")
@staff("trends.see")
def trends(actor: Actor) -> ResponseReturnValue:
    """Show what came and what rises."""
    return render_template("kim/trends.html", actor=actor, **_shown())


@blueprint.get("/tren/bagian")
@staff("trends.see")
def trends_part(actor: Actor) -> ResponseReturnValue:
    """Give the figures alone, to a page that is open already; 304 while nothing has changed."""
    shown = _shown()
    response = make_response(render_template("kim/trends_part.html", actor=actor, **shown))
    response.set_etag(shown["tag"])
    return response.make_conditional(request)


@blueprint.get("/tren/pesan")
@staff("trends.see")
def trends_claims(actor: Actor) -> ResponseReturnValue:
    """List the claims behind a figure."""
    asked, region = _asked(), services().config.wilayah
    figure = Figure.read(request.args, region, asked)
    with services().store.read() as session:
        found = behind(session, region, asked, page_number(), figure)
    choices = _choices(asked) | {"kept": {name: code for name, code in figure.args if name == "angka"}}
    return render_template("kim/trends_claims.html", actor=actor, found=found, figure=figure, **choices)


@blueprint.get("/tren/desa")
@staff("trends.see")
def trends_villages(actor: Actor) -> ResponseReturnValue:
    """Show the villages of all kecamatan on one map, without kinds: these are asked for by kecamatan."""
    given = _asked()
    asked = replace(given.every_kind(), district="")
    region = services().config.wilayah
    with services().store.read() as session:
        places = by_village(session, region, asked)
        outline = maps.plan(session, "villages", region)
    measure = shown_measure(asked)
    by_district: dict[str, list[tuple[Place, str]]] = {code: [] for code in districts(region)}
    for place in places:
        number = measured(place, measure)
        written = "…" if place.sums is None else "–" if number is None else str(number)
        by_district[district_of(place.code)].append((place, written))
    return render_template(
        "kim/trends_villages.html", actor=actor, map=where_from(outline, asked, places),
        measures=measures(asked), by_district=by_district, **_choices(asked),
    )  # fmt: skip


@blueprint.get("/tren/unduh.csv")
@staff("trends.see")
def trends_csv(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Give the figures as one table, a row for each number."""
    asked = _asked()
    return csv_file(one_sheet(_added_up(asked), _word), "tren", asked)


@blueprint.get("/tren/unduh.xlsx")
@staff("trends.see")
def trends_xlsx(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Give the figures as sheets of one workbook."""
    asked = _asked()
    return xlsx_file(several_sheets(_added_up(asked), _word), "tren", asked)


def _added_up(asked: Filter) -> Figures:
    with services().store.read() as session:
        return added_up(session, services().config, asked)


def _asked() -> Filter:
    region = services().config.wilayah
    return Filter.read(request.args, region, day_of(region, now()))


def _shown() -> dict[str, Any]:
    asked = _asked()
    choices = _choices(asked)
    with services().store.read() as session:
        found = overview(session, services().config, asked)
        region = asked.district or services().config.wilayah
        outline = maps.plan(session, "villages" if asked.district else "districts", region)
    return {
        "found": found,
        "figures": found.figures,
        "chart": over_time(found.figures),
        "map": where_from(
            outline,
            asked,
            found.figures.villages or found.figures.districts,
            None if asked.district else lambda code: str(choices["link"](kec=code)),
        ),
        "measures": measures(asked),
        "tag": _tag(found),
        "spark": charts.spark,
        "of_hour": _of_hour,
        **choices,
    }


def _choices(asked: Filter) -> dict[str, Any]:
    def link(endpoint: str = "kim.trends", **changed: str) -> str:
        """Return the address of the same with something else asked for."""
        chosen = {name: value for name, value in (asked.args | changed).items() if value}
        return url_for(endpoint) + (f"?{urlencode(chosen)}" if chosen else "")

    def items(**changed: str) -> str:
        return link("kim.trends_claims", **changed)

    return {
        "asked": asked,
        "periods": sorted(PERIODS),
        "districts": districts(services().config.wilayah),
        "harms": HARMS,
        "channels": sorted(CHANNELS),
        "verdict_codes": [*verdicts(), NO_VERDICT],
        "word": _word,
        "link": link,
        "items_behind": items,
        # What another filter leaves as it is.
        "kept": {},
    }


def _of_hour(begins: datetime) -> dict[str, str]:
    """Return the parts of an address that ask for an hour (UTC)."""
    local = begins.astimezone(local_time(services().config.wilayah).zone)
    day = local.date().isoformat()
    return {"hari": "", "dari": day, "sampai": day, "jam": str(local.hour)}


def _word(kind: str, code: str) -> str:
    """Return the words for a harm class, a verdict or a channel."""
    if kind == "verdict":
        verdict = verdicts().get(code)
        return gettext(verdict.label) if verdict else gettext("Belum ada putusan")
    words = labels.HARMS if kind == "harm" else labels.CHANNELS
    return gettext(words.get(code, code))


def _tag(found: Overview) -> str:
    """Name what the page says, all but the ages and the time of the count: these change by the minute."""
    rows = [
        (one.group_id, one.state, one.lease_holder, one.submissions, claim.recent, claim.surge is not None)
        for claim in found.rising
        for one in (claim.item,)
    ]
    said = replace(found.figures, counted_at=None)
    return hashlib.sha256(repr((said, found.today, found.waiting, rows)).encode()).hexdigest()[:32]
