"""How surprising a count of senders is: what is usual for the hour of the week, and how unlikely more is.

A claim that comes at all brings further copies: of neighbours, of the same chat. So the model is of those
after the first, within a window of time: a negative binomial, whose mean is what is usual for claims that are
about at this hour of the week, plus what this very claim brings regularly; its spread is that of past weeks.

A claim is called rising where so many senders come by chance with a probability below a line: `FALSE_ALARMS`
a week, shared out over all looks of a week. These are as many as claims are about in one of its hours, times
the windows, times `LOOKS`, since windows slide. Claims that come all the time are looked at by the thousand,
though none of them is new: they have a share of false alarms of their own, `OF_REGULAR`, or new claims would
have to come more often to be seen, the more known ones there are. `python -m tests.load.surges` prints what
that comes to on simulated streams.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from scipy.special import betainc

HOURS_A_WEEK = 168
_HOUR = timedelta(hours=1)
WINDOWS = (timedelta(minutes=30), timedelta(hours=3))
FALSE_ALARMS, OF_REGULAR = 0.4, 0.1
LOOKS = 6
# Fewer senders are no rise, however unusual.
LEAST_SENDERS = 5
# As long as that is not unusual it goes on: a rise does not end and begin again with each lull.
STILL_UNUSUAL = 0.01
# A claim that was about in more hours than these within the weeks learned from comes regularly.
REGULAR_HOURS = 48
# What is assumed before anything was seen, and how many hours of claims that weighs.
_ASSUMED_MORE, _ASSUMED_SPREAD, _WEIGHT = 0.5, 3.0, 200
_LEAST_LOOKS_A_WEEK = 1_000
# An hour of the week is trusted as if the mean of its hour of the day had been seen so often, and that as if
# the mean of all hours had.
_SHRINK = 4
_LEAST_FACTOR, _MOST_FACTOR = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual. `factors`: by hour of the week, Monday 0.00 first, how busy it is (mean 1).

    `more`: how many messages of a claim an hour brings after its first. `spread`: their variance by their
    mean. `active`: in how many hours a week claims are about, all claims added up but those that come
    regularly; `regular`: the same of these.
    """

    factors: tuple[float, ...]
    more: float
    spread: float
    active: float
    regular: float

    def line(self, *, regular: bool) -> float:
        """Return the probability below which a count of a claim is no chance any more."""
        hours, alarms = (self.regular, OF_REGULAR) if regular else (self.active, FALSE_ALARMS)
        return alarms / max(_LEAST_LOOKS_A_WEEK, hours * len(WINDOWS) * LOOKS)

    def busy(self, window: timedelta, until: float) -> float:
        """Return how many hours of middling traffic a window comes to.

        It ends `until`, in hours of the week.
        """
        start = until - window / _HOUR
        return sum(
            self.factors[hour % HOURS_A_WEEK] * (min(until, hour + 1) - max(start, hour))
            for hour in range(math.floor(start), math.ceil(until))
        )

    def expected(self, busy: float, own: float) -> float:
        """Return how many senders after the first come in so many hours of middling traffic.

        `own`: what the claim itself brings an hour.
        """
        return (self.more + own) * busy

    def chance(self, senders: int, expected: float) -> float:
        """Return how likely so many senders, or more, are without a cause."""
        if senders <= 1:
            return 1.0
        # The upper tail of the negative binomial of this mean and spread.
        size = max(expected, 1e-6) / (self.spread - 1)
        return float(betainc(senders - 1, size, 1 - 1 / self.spread))


def score(chance: float) -> float:
    """Return minus the decimal logarithm of a chance, at most 300."""
    return min(300.0, -math.log10(chance)) if chance > 0 else 300.0


def usual(totals: Sequence[tuple[int, int]], claims: Mapping[int, int], regular: int, weeks: float) -> Usual:
    """Learn what is usual.

    `totals`: hour of the week and messages, of each hour looked at. `claims`: in how many hours a claim that
    was about brought so many messages. `regular`: in how many hours those were about that come regularly.
    `weeks`: of how many weeks these are.
    """
    cells = sum(claims.values())
    more = (sum((count - 1) * times for count, times in claims.items()) + _ASSUMED_MORE * _WEIGHT) / (
        cells + _WEIGHT
    )
    squares = sum((count - 1 - more) ** 2 * times for count, times in claims.items())
    variance = (squares + _ASSUMED_SPREAD * _ASSUMED_MORE * _WEIGHT) / (cells + _WEIGHT)
    spread = max(1.05, variance / more) if more > 0 else _ASSUMED_SPREAD
    return Usual(
        factors=_factors(totals),
        more=more,
        spread=spread,
        active=cells / weeks if weeks else 0.0,
        regular=regular / weeks if weeks else 0.0,
    )


def _factors(totals: Sequence[tuple[int, int]]) -> tuple[float, ...]:
    mean = sum(count for _, count in totals) / len(totals) if totals else 0.0
    if not mean:
        return (1.0,) * HOURS_A_WEEK
    of_day = _means([(hour % 24, count) for hour, count in totals], [mean] * 24)
    of_week = _means(totals, [of_day[hour % 24] for hour in range(HOURS_A_WEEK)])
    return tuple(min(_MOST_FACTOR, max(_LEAST_FACTOR, found / mean)) for found in of_week)


def _means(counts: Sequence[tuple[int, int]], before: Sequence[float]) -> list[float]:
    sums, seen = [_SHRINK * each for each in before], [_SHRINK] * len(before)
    for hour, count in counts:
        sums[hour] += count
        seen[hour] += 1
    return [total / times for total, times in zip(sums, seen, strict=True)]
