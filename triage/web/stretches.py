"""Weeks and months as people read them: their names, and the chart of their messages."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import format_date, format_decimal
from markupsafe import Markup

from triage import charts
from triage.charts import Bar
from triage.quality.figures import Stretch
from triage.web.filters import day
from triage.web.i18n import gettext

# Names that stand below the bars, at most.
_TICKS = 8


def chart(given: Sequence[Stretch], *, by_weeks: bool) -> Markup:
    """Draw how many messages came in each, and how many of them were answered at once."""
    every = -(-len(given) // _TICKS)
    bars = [
        Bar(
            gettext(
                "%(name)s: %(number)s pesan, %(part)s terjawab seketika",
                name=name_of(one, by_weeks=by_weeks),
                number=format_decimal(one.sums.messages),
                part=format_decimal(one.sums.at_once),
            ),
            one.sums.messages,
            one.sums.at_once,
            _tick(one, by_weeks=by_weeks) if number % every == 0 else "",
        )
        for number, one in enumerate(given)
    ]
    most = max(given, key=lambda one: one.sums.messages)
    name, number = name_of(most, by_weeks=by_weeks), format_decimal(most.sums.messages)
    said = (
        gettext("Pesan per pekan. Terbanyak %(name)s: %(number)s.", name=name, number=number)
        if by_weeks
        else gettext("Pesan per bulan. Terbanyak %(name)s: %(number)s.", name=name, number=number)
    )
    return charts.bars(bars, said)


def name_of(one: Stretch, *, by_weeks: bool) -> str:
    """Return what a week or month is called: `2 Nov – 8 Nov 2026`, or `November 2026`."""
    if not by_weeks:
        return str(format_date(one.first, "MMMM y"))
    if one.first == one.last:
        return day(one.first)
    return f"{format_date(one.first, 'd MMM')} – {format_date(one.last, 'd MMM y')}"


def _tick(one: Stretch, *, by_weeks: bool) -> str:
    return f"{one.first.day}/{one.first.month}" if by_weeks else str(format_date(one.first, "MMM yy"))
