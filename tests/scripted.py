"""A stand-in for the encoder and index, where a test is about what happens with their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import time_machine

from models.types import Band, Match, MatchResult, Reason
from triage import answers, outbox, publish
from triage.assess import assess
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.intake import NewSubmission, accept
from triage.review.undoing import GRACE

# From here on a suggestion counts as likely, in a group that is known at all.
LIKELY = 0.3
# From here on it is certain, in a message that is certainly known.
CERTAIN = 0.97


class ScriptedMatching:
    """Gives each text the result that the test wrote for it (else `new`) and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.script: dict[str, MatchResult] = {}
        self.before: Callable[[], None] = lambda: None

    def expect(self, text: str, band: Band, *candidates: tuple[int, float]) -> None:
        """Let `text` be matched to fact-checks (number, probability), best first."""
        matches = tuple(
            Match(
                str(number),
                probability,
                (Reason("same_words", {"words": "desa, bantuan"}),),
                likely=band != "new" and probability >= LIKELY,
                certain=band == "answer" and probability >= CERTAIN,
            )
            for number, probability in candidates
        )
        self.script[text] = MatchResult(band, matches, "scripted")

    def match(self, texts: Sequence[str]) -> list[MatchResult]:
        """See `triage.assess.Matching`."""
        self.before()
        self.asked.extend(texts)
        return [self.script.get(text, MatchResult("new", (), "scripted")) for text in texts]


def send(
    store: Store, config: Config, text: str, device: str | None = None, village: str | None = None
) -> str:
    """Submit a text; returns the receipt."""
    return accept(store, config, NewSubmission(text, device=device, village=village))


def drain(store: Store, matching: ScriptedMatching) -> None:
    """Assess whatever is due, as a worker does."""
    while jobs := outbox.claim(store, "assess", 32):
        assess(store, matching, jobs)


def tell(store: Store, region: str = "35.08") -> None:
    """Publish and answer what was decided, as workers do once the seconds to think again are over."""
    with time_machine.travel(now() + GRACE):
        publish.publish(store, region, outbox.claim(store, "publish", 10))
        answers.answer_groups(store, outbox.claim(store, "answer", 10))
