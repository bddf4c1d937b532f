"""The bulletin's pages: which weeks there are, one week to read, to print and to pass on."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from triage import bulletin as bulletins
from triage.bulletin import Issue
from triage.publish import publisher
from triage.services import services
from triage.web.lasting import lasting
from triage.web.long_drawing import room

blueprint = Blueprint("bulletin", __name__, url_prefix="/buletin")
MOST_KEPT = 4  # papers, mostly this week's and the last one's


@blueprint.get("")
def weeks() -> ResponseReturnValue:
    """List the weeks of a year that have something."""
    given = request.args.get("tahun", "")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) == len("2026") else None
    with services().store.read() as session:
        year = bulletins.year(session, services().config.wilayah, wanted)
    return render_template("bulletins.html", year=year)


@blueprint.get("/<week>")
def bulletin(week: str) -> ResponseReturnValue:
    """Show a week."""
    issue = _issue(week)
    text = bulletins.message(issue, _office(), _address(issue), _fact)
    return render_template("bulletin.html", issue=issue, text=text, office=_office())


@blueprint.get("/<week>.pdf")
def paper(week: str) -> Response:
    """Give a week as a paper."""
    issue = _issue(week)
    tag = bulletins.etag(issue, _office(), _address(issue))
    headers = {"Content-Disposition": f'inline; filename="penjaga-buletin-{issue.week.name}.pdf"'}
    if request.if_none_match.contains(tag):
        response = Response(status=304, headers=headers)
    else:
        with room():
            made = _paper(issue, _office(), _address(issue))
        response = Response(made, content_type="application/pdf", headers=headers)
    response.set_etag(tag)
    return response


# One sets for seconds in a busy week.
@lru_cache(maxsize=MOST_KEPT)
def _paper(issue: Issue, office: str, address: str) -> bytes:
    return bulletins.paper(issue, office, address, _fact)


def _issue(name: str) -> Issue:
    region = services().config.wilayah
    week = bulletins.week_named(name, region)
    with services().store.read() as session:
        return bulletins.issue(session, region, week)


def _office() -> str:
    return publisher(services().config.wilayah)


def _address(issue: Issue) -> str:
    return lasting("bulletin.bulletin", week=issue.week.name)


def _fact(number: int) -> str:
    return lasting("library.fact", fact_check_id=number)
