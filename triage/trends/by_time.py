"""Reading tallies and messages of a time: not by the index of groups, which would read all that ever came."""

from __future__ import annotations

from sqlalchemy import func

from triage.tables import Submission, TallyHour

# The same numbers, 0 for none; SQLite would rather group by an index than look only at the time asked for.
TALLIED_GROUP = func.coalesce(TallyHour.group_id, 0)
MESSAGE_GROUP = func.coalesce(Submission.group_id, 0)
MESSAGE_VILLAGE = func.coalesce(Submission.village, "")
