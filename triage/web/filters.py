"""How values look on pages: dates in local time, spans, percentages, masked messages."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from flask import Flask, url_for
from flask_babel import format_date, format_datetime, format_decimal, format_timedelta
from markupsafe import Markup

from models.changes import changes
from models.explain import OBJECTIONS
from models.side_by_side import Piece, side_by_side
from models.types import Reason
from triage import reasons
from triage.columns import now
from triage.masking import masked
from triage.receipt_view import STARTER_NOTE
from triage.regions import local_time, region_name, village_name
from triage.review import QueueItem
from triage.review.leases import in_force
from triage.services import services
from triage.verdicts import Verdict, verdicts
from triage.web import labels
from triage.web.forms import evidence_lines
from triage.web.i18n import gettext

TARGET = timedelta(hours=24)
_Unit = Literal["second", "minute", "hour", "day"]
_SECONDS: dict[_Unit, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_STATIC = Path(__file__).parent.parent / "static"


def keep_days() -> int:
    """Return after how many days without a new answer a message is emptied."""
    return services().config.retention.days


def register(app: Flask, region: str) -> None:
    """Add the filters, the words for codes and the name of the region to the templates."""
    app.jinja_env.filters.update(
        day=day, iso_day=iso_day, clock=clock, span=span, moment=moment, age=age, percent=percent,
        number=format_decimal, masked=masked, excerpt=excerpt, agreeing=agreeing, differing=differing,
        personal=personal, evidence_lines=evidence_lines, translated=gettext, sentences=sentences,
        village=village_name, share=share, waited=waited,
    )  # fmt: skip
    app.jinja_env.globals.update(
        region_name=region_name(region),
        keep_days=keep_days,
        static_url=static_url,
        labels=labels,
        verdicts=verdicts,
        verdict_of=verdict_of,
        told=told,
        starter_note=STARTER_NOTE,
        state_of=state_of,
        overdue=overdue,
        remaining=remaining,
        seconds_until=seconds_until,
        region_of=region_name,
        compared=compared,
        changed=changed,
        is_free=is_free,
        urgency_of=labels.urgency,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def day(value: date) -> str:
    """Format a date: 5 November 2026."""
    return str(format_date(value, "d MMMM y"))


def moment(value: datetime) -> str:
    """Format an instant in the time of the region: 5 Nov 2026 14.30 WIB."""
    return f"{format_datetime(value, 'd MMM y HH.mm')} {local_time(services().config.wilayah).label}"


def iso_day(written: str) -> str:
    """Format a date that is kept as text, 2026-11-05: 5 November 2026."""
    return day(date.fromisoformat(written))


def clock(value: datetime) -> str:
    """Format a time of the day in the region, to the second: 14.30.05 WIB."""
    return f"{format_datetime(value, 'HH.mm.ss')} {local_time(services().config.wilayah).label}"


def seconds_until(value: datetime) -> int:
    """Return how many whole seconds are left, 0 when it is over."""
    return max(0, int((value - now()).total_seconds()))


def age(since: datetime) -> str:
    """Say how long ago: 5 jam."""
    return span(now() - since)


def span(value: timedelta) -> str:
    """Say how long: 5 jam."""
    return str(format_timedelta(value, granularity="minute", threshold=1.5))


def is_free(item: QueueItem) -> bool:
    """Tell whether anybody may take the item."""
    return item.state == "queued" or (item.state == "leased" and not in_force(item.lease_until))


def overdue(since: datetime) -> timedelta | None:
    """Return by how much the target of 24 hours has passed, None while it has not."""
    late = now() - since - TARGET
    return late if late > timedelta(0) else None


def remaining(since: datetime) -> str:
    """Say how much is left of the target of 24 hours: 19 jam."""
    return span(since + TARGET - now())


def percent(value: float) -> str:
    """Format a probability: 91 %. Never 100 %, which would claim certainty."""
    return f"{min(99, max(1, round(value * 100)))}\u00a0%"


def share(value: float) -> str:
    """Format a share that was counted: 2,5 %."""
    return f"{format_decimal(round(100 * value, 1))}\u00a0%"


def waited(seconds: int | None) -> str:
    """Say within what time, never less: 2 jam 30 menit; of nothing, or where it is not known yet: –."""
    if seconds is None:
        return "–"
    if seconds < 2 * _SECONDS["minute"]:
        return _of(seconds, "second")
    units: tuple[_Unit, _Unit] = ("day", "hour") if seconds >= _SECONDS["day"] else ("hour", "minute")
    whole, rest = units
    # Up, as tallies round: half of all were answered within what is said here.
    number, more = divmod(-(-seconds // _SECONDS[rest]), _SECONDS[whole] // _SECONDS[rest])
    return " ".join(_of(each, unit) for each, unit in ((number, whole), (more, rest)) if each)


def _of(number: int, unit: _Unit) -> str:
    length = timedelta(seconds=number * _SECONDS[unit])
    return str(format_timedelta(length, granularity=unit, threshold=math.inf))


def excerpt(text: str, characters: int = 240) -> str:
    """Mask a message and cut it to a few lines, at a word."""
    # Masked before it is cut, and generously: half a number would not be recognised.
    line = masked(" ".join(text.split())[: characters * 4])
    return line if len(line) <= characters else line[:characters].rsplit(" ", 1)[0] + " …"


def sentences(given: Sequence[Reason]) -> list[str]:
    """Say reasons in words. What an earlier release stored under a code that is gone is left out."""
    return [masked(reasons.sentence(one, gettext)) for one in given if one.code in reasons.TEMPLATES]


def differing(given: Sequence[Reason]) -> list[Reason]:
    """Return the reasons that speak against taking two texts for the same."""
    return [one for one in given if one.code in OBJECTIONS or one.code == "checked_long_ago"]


def agreeing(given: Sequence[Reason]) -> list[Reason]:
    """Return the reasons that speak for it."""
    against = differing(given)
    return [one for one in given if one not in against]


def compared(message: str, entry: str) -> tuple[Markup, Markup]:
    """Mark in two texts, masked, what stands in both, and the numbers that stand in one alone."""
    ours, theirs = side_by_side(masked(message), masked(entry))
    return _marked(ours), _marked(theirs)


def changed(before: str, after: str) -> Markup:
    """Write a text with what went struck out and what came underlined; signs for whoever sees neither."""
    marks = {"same": Markup("{}"), "gone": Markup("<del>{}</del>"), "new": Markup("<ins>{}</ins>")}
    return Markup("").join(marks[one.kind].format(one.text) for one in changes(before, after))


def _marked(pieces: Sequence[Piece]) -> Markup:
    marks = {
        "plain": Markup("{}"),
        "shared": Markup("<mark>{}</mark>"),
        "differs": Markup('<strong class="differs">{}</strong>'),
    }
    return Markup("").join(marks[piece.kind].format(piece.text) for piece in pieces)


def verdict_of(code: str) -> Verdict | None:
    """Return one of our verdicts, None for what an imported source called otherwise."""
    return verdicts().get(code)


def told(verdict: Verdict | None, text: str) -> str:
    """Put the verdict before what is shown alone: the bare claim would spread the hoax."""
    before = gettext(verdict.label) if verdict else gettext("Sudah pernah diperiksa")
    return f"{before}: {text}"


def state_of(item: QueueItem) -> str:
    """Return the words for where an item stands; a lease that ran out holds nothing."""
    if item.state == "decided" and item.answer:
        return gettext("Koreksi menunggu persetujuan")
    state = "queued" if is_free(item) else item.state
    return gettext(labels.STATES[state])


def personal(texts: Sequence[str]) -> bool:
    """Tell whether any of these texts holds a number or an address of a person."""
    return any(masked(text) != text for text in texts)


def static_url(name: str) -> str:
    """Return the address of a static file; it changes with the content, so browsers may keep it."""
    return url_for("static", filename=name, v=_content_hash(name))


@cache
def _content_hash(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
