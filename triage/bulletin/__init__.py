"""The bulletin: what was checked, corrected and retracted within a week, as a page, a paper and a message."""

from __future__ import annotations

from triage.bulletin.issue import Correction, Issue, Retraction, issue
from triage.bulletin.message import MAX_CHARACTERS, message
from triage.bulletin.paper import etag, paper
from triage.bulletin.weeks import Counted, Week, Year, this_week, week_named, year

__all__ = [
    "MAX_CHARACTERS", "Correction", "Counted", "Issue", "Retraction", "Week", "Year", "etag", "issue",
    "message", "paper", "this_week", "week_named", "year",
]  # fmt: skip
