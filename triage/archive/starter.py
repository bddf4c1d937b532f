"""The starter archive: entries of our own that make the first run useful without any download."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib.resources import files
from itertools import islice

from triage.archive import jsonl
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.db import Store

PUBLISHER = "Arsip awal Penjaga"
_BATCH = 500


def import_starter(store: Store) -> int:
    """Bring the starter archive into the store; returns how many entries are new or changed (again: 0).

    Raises `StoreUnavailable`.
    """
    changed = 0
    stream = io.BytesIO(files("triage").joinpath("archive/starter.jsonl").read_bytes())
    # A line that is no entry cannot happen: the starter archive is held by a test of its own.
    rows = (replace(row, publisher=PUBLISHER) for row in jsonl.read(stream) if isinstance(row, ArchiveRow))
    while batch := list(islice(rows, _BATCH)):
        with store.write() as session:
            counts = upsert(session, batch, origin="starter")
        changed += counts.added + counts.updated
    return changed
