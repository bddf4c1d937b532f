"""How good our own work is: each figure in a sentence that says what it means, with charts and tables."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from triage.columns import now
from triage.permissions import Actor
from triage.quality import figures
from triage.quality.drift import LEAST
from triage.quality.figures import Quality
from triage.services import services
from triage.trends.calendar import day_of
from triage.trends.filters import Filter
from triage.web.auth import staff
from triage.web.kim.blueprint import blueprint
from triage.web.kim.quality_sheets import one_sheet, several_sheets
from triage.web.kim.spreadsheets import csv_file, xlsx_file
from triage.web.stretches import chart, name_of

# Shorter times have too few judgements to say anything.
PERIODS = (7, 30, 90)
_USUAL = {"hari": "90"}
_DAYS: tuple[str, ...] = ("hari", "dari", "sampai")


@blueprint.get("/mutu")
@staff("trends.see")
def quality(actor: Actor) -> ResponseReturnValue:
    """Show the figures of some time."""
    asked = _asked()
    found = _found(asked)
    return render_template(
        "kim/quality.html",
        actor=actor,
        asked=asked,
        periods=PERIODS,
        found=found,
        chart=chart(found.stretches, by_weeks=found.by_weeks),
        bins=[(_percents(low, high), part) for low, high, part in found.drift.bins],
        months=[(format_date(first, "MMMM y"), part) for first, part in found.drift.months],
        least=LEAST,
        name_of=name_of,
        args=_args(asked),
    )


@blueprint.get("/mutu/unduh.csv")
@staff("trends.see")
def quality_csv(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Give the figures as one table, a row for each."""
    asked = _asked()
    return csv_file(one_sheet(_found(asked)), "mutu", asked)


@blueprint.get("/mutu/unduh.xlsx")
@staff("trends.see")
def quality_xlsx(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Give the figures as sheets of one workbook."""
    asked = _asked()
    return xlsx_file(several_sheets(_found(asked)), "mutu", asked)


def _asked() -> Filter:
    region = services().config.wilayah
    given = request.args if set(_DAYS) & set(request.args) else _USUAL
    days = {name: given[name] for name in _DAYS if name in given}
    return Filter.read(days, region, day_of(region, now()))


def _args(asked: Filter) -> dict[str, str]:
    """Return the parts of an address that ask for the same; also the usual is said, which differs here."""
    return asked.args or {"hari": str(asked.period)}


def _found(asked: Filter) -> Quality:
    with services().store.read() as session:
        return figures.quality(session, services().config, asked.first, asked.last)


def _percents(low: float, high: float) -> str:
    return f"{round(100 * low)}–{round(100 * high)}\u00a0%"
