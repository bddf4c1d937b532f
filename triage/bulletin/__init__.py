"""The bulletin: what was checked, corrected and retracted within a week, as a page, a paper and a message."""

from __future__ import annotations

from triage.bulletin.issue import Correction, Issue, Retraction, issue
from triage.bulletin.message import MAX_CHARACTERS, message
from triage.bulletin.paper import paper
from triage.bulletin.weeks import Counted, Week, Year, week_named, year

__all__ = [
    "MAX_CHARACTERS", "Correction", "Counted", "Issue", "Retraction", "Week", "Year", "issue", "message",
    "paper", "week_named", "year",
]  # fmt: skip
