"""How a decision will read once it is told: on the web, passed on by WhatsApp, and as one SMS."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from triage import forwards
from triage.columns import now
from triage.forwards import SMS_CHARACTERS, Forward
from triage.publish import publisher
from triage.receipt_view import PublicAnswer
from triage.regions import local_time
from triage.services import services
from triage.verdicts import verdict_sign, verdicts
from triage.web.forms import DecisionForm
from triage.web.i18n import gettext

# The number of the page is not known before it is published: as long as one that many have.
_NUMBER = 99_999


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer as its senders will read it, and as it is passed on; `room`: characters of an SMS."""

    answer: PublicAnswer
    forward: Forward
    room: int = SMS_CHARACTERS


def preview(form: DecisionForm) -> Preview:
    """Show a form as the answer that it would become; what is still missing stays empty."""
    region, draft = services().config.wilayah, form.draft()
    answer = PublicAnswer(
        verdict=verdicts().get(draft.verdict),
        headline=draft.headline,
        explanation=draft.explanation,
        what_to_do=draft.what_to_do,
        ask="",
        sources=draft.evidence,
        checked_by=publisher(region),
        checked_at=now().astimezone(local_time(region).zone).date(),
        page=None,
    )
    sign, _tone = verdict_sign(answer.verdict)
    address = url_for("library.fact", fact_check_id=_NUMBER, _external=True)
    return Preview(answer, forwards.forward(answer, sign, address, gettext))
