"""A flood of copies becomes one item with a count, and the encoder is asked for the first of them alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_submission
from triage import outbox, receipt_view
from triage.archive.starter import import_starter
from triage.assess import assess
from triage.config import Config
from triage.db import Store
from triage.intake import NewSubmission, accept
from triage.matcher import LiveMatcher
from triage.tables import ClaimGroup, Submission

COPIES = 5_000
HOAX = (
    "Info dari grup sebelah: mulai besok pasar hewan di lapangan kecamatan ditutup satu bulan karena ada "
    "sapi yang dibawa dari luar daerah, tolong teruskan ke semua peternak"
)
BATCH = 128


def _copy(number: int) -> str:
    """The hoax as it is passed on by hand: a heading, capitals, marks, and a few words more."""
    ways = (
        HOAX, HOAX.upper(), f"Diteruskan\n\n{HOAX}", f"{HOAX}!!! 🙏", f"*{HOAX}*", HOAX.replace(", ", ",\n"),
        f"{HOAX} ya bapak ibu", f"Assalamualaikum, {HOAX}",
    )  # fmt: skip
    return ways[number % len(ways)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_thousand_copies_are_one_item_and_cost_one_look(
    store: Store, config: Config, encoders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, encoders=encoders)
    matcher = LiveMatcher(store, config)
    import_starter(store)
    while jobs := outbox.claim(store, "embed", BATCH):
        matcher.embed(jobs)
    encoded: list[str] = []
    kind = type(matcher._encoder)
    encode = kind.encode

    def counting(self: Any, texts: Sequence[str], *rest: Any, **options: Any) -> Any:
        encoded.extend(texts)
        return encode(self, texts, *rest, **options)

    monkeypatch.setattr(kind, "encode", counting)
    first = accept(store, config, NewSubmission(_copy(0), device="perangkat 0"))
    while jobs := outbox.claim(store, "assess", BATCH):
        assess(store, matcher, jobs)
    asked_for_one = len(encoded)
    assert asked_for_one > 0, "the encoder was never asked at all: what is counted is not what is used"
    with store.write() as session:
        # As intake leaves them, but in one transaction: how fast it stores is not what is asked here.
        for number in range(1, COPIES):
            copy = make_submission(session, _copy(number), reporter_hash=f"{number:064d}")
            outbox.add(session, "assess", copy.id)
    while jobs := outbox.claim(store, "assess", BATCH):
        assess(store, matcher, jobs)
    assert len(encoded) == asked_for_one
    with store.read() as session:
        (group,) = session.query(ClaimGroup).all()
        assert (group.submissions, group.reporters) == (COPIES, COPIES)
        assert session.query(Submission).filter(Submission.group_id == group.id).count() == COPIES
    assert receipt_view.find(store, config, first).status == "in_review"
