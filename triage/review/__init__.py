"""Verification: the queue, the lease, the page of a claim group, decisions and their approval."""

from triage.review.decisions import Draft, approve, correct, decide, send_back
from triage.review.drafts import discard_draft, drop_old_drafts, save_draft, saved_draft
from triage.review.group_page import GroupPage, group_page, queue_item
from triage.review.judging import confirm, reject, withdraw
from triage.review.leases import expire_leases, lease, release
from triage.review.merging import merge, split
from triage.review.own import MAX_SHOWN, OwnWork, own_work
from triage.review.queue import QueueItem, QueuePage, queue
from triage.review.retracting import retract
from triage.review.undoing import LastStep, last_step, undo

__all__ = [
    "MAX_SHOWN",
    "Draft",
    "GroupPage",
    "LastStep",
    "OwnWork",
    "QueueItem",
    "QueuePage",
    "approve",
    "confirm",
    "correct",
    "decide",
    "discard_draft",
    "drop_old_drafts",
    "expire_leases",
    "group_page",
    "last_step",
    "lease",
    "merge",
    "own_work",
    "queue",
    "queue_item",
    "reject",
    "release",
    "retract",
    "save_draft",
    "saved_draft",
    "send_back",
    "split",
    "undo",
    "withdraw",
]
