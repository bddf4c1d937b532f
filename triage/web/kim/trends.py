"""Trends for the office: what came, what rises, from where; each figure leads to the claims behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from models.types import HARMS
from triage import charts, maps
from triage.charts import Bar
from triage.columns import now
from triage.intake import CHANNELS
from triage.permissions import Actor
from triage.regions import districts
from triage.services import services
from triage.sheets import csv_bytes, xlsx_bytes
from triage.trends.behind import behind
from triage.trends.calendar import day_of
from triage.trends.figures import Place, Sums
from triage.trends.filters import NO_VERDICT, PERIODS, Filter
from triage.trends.overview import Figures, Overview, added_up, overview
from triage.verdicts import verdicts
from triage.web import labels
from triage.web.auth import staff
from triage.web.filters import day
from triage.web.i18n import gettext
from triage.web.kim.blueprint import blueprint
from triage.web.kim.trend_sheets import one_sheet, several_sheets
from triage.web.library import page_number

# Days whose dates stand below the bars, at most.
_TICKS = 8


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
    asked = _asked()
    with services().store.read() as session:
        found = behind(session, services().config.wilayah, asked, page_number())
    return render_template("kim/trends_claims.html", actor=actor, found=found, **_choices(asked))


@blueprint.get("/tren/unduh.csv")
@staff("trends.see")
def trends_csv(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Give the figures as one table, a row for each number."""
    asked = _asked()
    with services().store.read() as session:
        found = added_up(session, services().config, asked)
    return _file(csv_bytes(one_sheet(found, _word)), "text/csv; charset=utf-8", asked, "csv")


@blueprint.get("/tren/unduh.xlsx")
@staff("trends.see")
def trends_xlsx(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Give the figures as sheets of one workbook."""
    asked = _asked()
    with services().store.read() as session:
        found = added_up(session, services().config, asked)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(xlsx_bytes(several_sheets(found, _word)), kind, asked, "xlsx")


def _file(content: bytes, kind: str, asked: Filter, suffix: str) -> Response:
    name = f"penjaga-tren-{asked.first}-{asked.last}.{suffix}"
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _asked() -> Filter:
    region = services().config.wilayah
    return Filter.read(request.args, region, day_of(region, now()))


def _shown() -> dict[str, Any]:
    asked = _asked()
    with services().store.read() as session:
        found = overview(session, services().config, asked)
        region = asked.district or services().config.wilayah
        outline = maps.plan(session, "villages" if asked.district else "districts", region)
    return {
        "found": found,
        "figures": found.figures,
        "chart": _chart(found.figures.days),
        "map": _map(outline, found.figures, _choices(asked)["link"]),
        "measures": _measures(asked),
        "tag": _tag(found),
        "spark": charts.spark,
        **_choices(asked),
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
    }


def _word(kind: str, code: str) -> str:
    """Return the words for a harm class, a verdict or a channel."""
    if kind == "verdict":
        verdict = verdicts().get(code)
        return gettext(verdict.label) if verdict else gettext("Belum ada putusan")
    words = labels.HARMS if kind == "harm" else labels.CHANNELS
    return gettext(words.get(code, code))


def _chart(days: Sequence[tuple[date, Sums]]) -> Markup:
    every = -(-len(days) // _TICKS)
    bars = [
        Bar(
            gettext(
                "%(day)s: %(number)s pesan, %(part)s terjawab seketika",
                day=day(one), number=sums.messages, part=sums.at_once,
            ),
            sums.messages,
            sums.at_once,
            f"{one.day}/{one.month}" if number % every == 0 else "",
        )
        for number, (one, sums) in enumerate(days)
    ]  # fmt: skip
    most = max(days, key=lambda found: found[1].messages)
    name = gettext(
        "Pesan per hari. Terbanyak %(day)s: %(number)s.", day=day(most[0]), number=most[1].messages
    )
    return charts.bars(bars, name)


def _measures(asked: Filter) -> dict[str, str]:
    found = {
        "pesan": gettext("Pesan"),
        "belum": gettext("Belum terjawab"),
        "per-1000": gettext("Belum terjawab per 1.000 pesan"),
    }
    if asked.of_a_kind:
        found["bagian"] = gettext("Yang dipilih per 1.000 pesan dari sini")
    return found


def _map(outline: maps.Plan, found: Figures, link: Callable[..., str]) -> Markup:
    """Draw the kecamatan, or the villages of the one that was asked for."""
    measure = found.asked.measure if found.asked.measure in _measures(found.asked) else "pesan"
    unit = _measures(found.asked)[measure]
    shades = {}
    for place in found.villages or found.districts:
        value = _measured(place, measure)
        said = gettext("tidak ditampilkan") if place.sums is None else "–" if value is None else str(value)
        href = "" if found.villages or not place.code else link(kec=place.code)
        label = gettext("%(place)s: %(number)s (%(unit)s)", place=place.name, number=said, unit=unit)
        shades[place.code] = maps.Shade(label, value, few=place.sums is None, href=href)
    words = maps.Words(
        name=gettext("Peta: %(unit)s", unit=unit), unit=unit, few=gettext("kurang dari 3 pengirim"),
        missing=gettext("tidak ada data"),
    )  # fmt: skip
    return Markup(maps.draw(outline, shades, words))  # noqa: S704 - escaped where it is drawn


def _measured(place: Place, measure: str) -> int | None:
    if place.sums is None:
        return None
    values = {
        "pesan": place.sums.messages, "belum": place.sums.unanswered,
        "per-1000": place.sums.unanswered_per_1000, "bagian": place.kind_per_1000,
    }  # fmt: skip
    value = values[measure]
    return None if value is None else round(value)


def _tag(found: Overview) -> str:
    """Name what the page says, all but the ages and the time of the count: these change by the minute."""
    rows = [
        (one.group_id, one.state, one.lease_holder, one.submissions, claim.recent, claim.surge is not None)
        for claim in found.rising
        for one in (claim.item,)
    ]
    told = found.figures
    said = (told.asked, told.total, told.before, told.days, told.kinds, told.districts, told.villages)
    return hashlib.sha256(repr((said, found.waiting, rows)).encode()).hexdigest()[:32]
