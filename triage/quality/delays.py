"""How long people wait for their first answer, from the tallies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Waits:
    """How many messages were answered after so many seconds, and how many have not been."""

    answered: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0

    @property
    def messages(self) -> int:
        """How many there are."""
        return self.answered.total() + self.unanswered

    @property
    def median(self) -> int | None:
        """See `quantile`."""
        return self.quantile(0.5)

    @property
    def ninth(self) -> int | None:
        """The 90th percentile: see `quantile`."""
        return self.quantile(0.9)

    def quantile(self, share: float) -> int | None:
        """Return within how many seconds this share of the messages was answered.

        What is not answered yet takes longer than all else: None where the quantile lies there, and of none.
        """
        needed, reached = share * self.messages, 0
        for seconds, number in sorted(self.answered.items()):
            reached += number
            if reached >= needed:
                return seconds
        return None

    def __add__(self, other: Waits) -> Waits:
        """Take both together."""
        return Waits(self.answered + other.answered, self.unanswered + other.unanswered)
