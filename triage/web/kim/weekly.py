"""The report of a week, to read, to print and to forward."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from triage.bulletin import this_week, week_named
from triage.permissions import Actor
from triage.publish import publisher
from triage.services import services
from triage.trends.weekly import Weekly, weekly
from triage.web.auth import staff
from triage.web.kim import weekly_words
from triage.web.kim.blueprint import blueprint
from triage.web.kim.trend_drawings import over_time, where_from
from triage.web.kim.weekly_paper import paper


@blueprint.get("/tren/pekan")
@staff("trends.see")
def last_week(actor: Actor) -> ResponseReturnValue:  # noqa: ARG001 - the same for whoever may see it
    """Lead to the last week that is over."""
    week = this_week(services().config.wilayah).before
    return redirect(url_for("kim.week", week=week.name), 303)


@blueprint.get("/tren/pekan/<week>")
@staff("trends.see")
def week(actor: Actor, week: str) -> ResponseReturnValue:
    """Show a week."""
    found = _found(week)
    present = this_week(services().config.wilayah)
    return render_template(
        "kim/week.html",
        actor=actor,
        found=found,
        words=weekly_words,
        office=publisher(services().config.wilayah),
        later=found.week.after if found.week < present else None,
        chart=over_time(found.figures),
        map=where_from(found.outline, found.figures.asked, found.figures.districts),
    )


@blueprint.get("/tren/pekan/<week>.pdf")
@staff("trends.see")
def week_paper(actor: Actor, week: str) -> Response:  # noqa: ARG001 - the same for whoever may see it
    """Give a week as a paper."""
    found = _found(week)
    headers = {"Content-Disposition": f'inline; filename="penjaga-laporan-{found.week.name}.pdf"'}
    made = paper(found, publisher(services().config.wilayah))
    return Response(made, content_type="application/pdf", headers=headers)


def _found(name: str) -> Weekly:
    config = services().config
    week = week_named(name, config.wilayah)
    with services().store.read() as session:
        return weekly(session, config, week)
