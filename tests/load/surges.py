"""False alarms and delay of surge detection on simulated streams: `python -m tests.load.surges`.

Quiet traffic: a rhythm of days and weeks, claims that are about all the time (Zipf), and new ones that each
bring some copies over hours, some of them within minutes of another (one chat). Eight weeks are learned from,
eight are watched, looked at every two minutes as the worker would. Then bursts of a new claim are planted.
"""

from __future__ import annotations

import argparse
import itertools
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import exp, inf, log, pi, sin
from statistics import mean, median

from triage.trends import surprise
from triage.trends.surprise import LEAST_SENDERS, WINDOWS, Usual

# Minutes.
HOUR, DAY, WEEK = 60, 1440, 10_080
LEARNED, WATCHED = 8 * WEEK, 8 * WEEK
EVERY = 2
# What one claim brings: of how many messages in all, on the average, and over how long (median).
COPIES, MEDIAN_DELAY = 4, 6 * HOUR
BURST, BURST_LASTS = 12, 30
BURSTS, NEW, SOON = 20, 10**8, 30


@dataclass(frozen=True)
class Message:
    at: float
    claim: int
    sender: int


def rhythm(minute: float) -> float:
    """How busy a minute of the week is, 1 on the average: nights are quiet, evenings and Sundays busy."""
    hour = minute / HOUR % 24
    day = 1 + 0.9 * sin((hour - 9) / 24 * 2 * pi)
    return max(0.05, day) * (1.3 if minute // DAY % 7 >= 5 else 0.88)


def quiet(dice: random.Random, per_day: float, until: int, known: float) -> list[Message]:
    """Messages in order of time: about `per_day` a day, a share `known` of claims that are always about."""
    found: list[Message] = []
    senders = iter(range(1, 10**9))
    weights = [1 / rank for rank in range(1, 201)]
    always = dice.choices(range(200), weights, k=int(per_day * until / DAY))
    found += [Message(at, always.pop(), next(senders)) for at in _arrivals(dice, per_day * known, until)]
    for claim, first in enumerate(_arrivals(dice, per_day * (1 - known) / COPIES, until), start=1000):
        times = [first]
        for _ in range(_geometric(dice, COPIES) - 1):
            near = dice.random() < 0.3
            delay = dice.expovariate(1 / 10) if near else exp(dice.gauss(log(MEDIAN_DELAY), 1.2))
            times.append((dice.choice(times) if near else first) + delay)
        found += [Message(at, claim, next(senders)) for at in times if at < until]
    return sorted(found, key=lambda message: message.at)


def _arrivals(dice: random.Random, per_day: float, until: int) -> Iterator[float]:
    at, most = 0.0, per_day / DAY * 2.5
    while (at := at + dice.expovariate(most)) < until:
        if dice.random() < rhythm(at) * per_day / DAY / most:
            yield at


def _geometric(dice: random.Random, average: float) -> int:
    return 1 + int(log(1 - dice.random()) / log(1 - 1 / average))


def learn(messages: list[Message]) -> Usual:
    """Learn from the messages of the first weeks, as `surges.learn` does from tallies."""
    past = [message for message in messages if message.at < LEARNED]
    by_hour = Counter(int(message.at // HOUR) for message in past)
    cells = Counter((int(message.at // HOUR), message.claim) for message in past)
    hours = Counter(claim for _, claim in cells)
    about = [count for (_, claim), count in cells.items() if hours[claim] <= surprise.REGULAR_HOURS]
    totals = [(hour % 168, by_hour[hour]) for hour in range(LEARNED // HOUR)]
    return surprise.usual(totals, Counter(about), len(cells) - len(about), LEARNED / WEEK)


def alarms(messages: list[Message], usual: Usual, start: int, end: int) -> list[tuple[float, int]]:
    """Return when which claims are found to rise, each rise once: looked at every two minutes."""
    before = [message for message in messages if start - 4 * WEEK <= message.at < start]
    own = Counter(message.claim for message in before)
    about = Counter(claim for _, claim in {(message.at // HOUR, message.claim) for message in before})
    times: defaultdict[int, list[float]] = defaultdict(list)
    for message in messages:
        if start - 3 * HOUR <= message.at < end:
            times[message.claim].append(message.at)
    found: list[tuple[float, int]] = []
    for claim, came in times.items():
        if len(came) >= LEAST_SENDERS:
            line = usual.line(regular=about[claim] > surprise.REGULAR_HOURS)
            looks = _rises(came, usual, own[claim] / (28 * 24), line, range(start, end))
            found += [(at, claim) for at in looks]
    return found


def _rises(came: list[float], usual: Usual, own: float, line: float, watched: range) -> Iterator[float]:
    rising = False
    # Only after a message can a count be higher than before.
    looks = sorted({int(at // EVERY + 1) * EVERY for at in came} | {int(at) + 181 for at in came})
    for look in looks:
        if look not in watched:
            continue
        chances = [_chance(came, usual, own, look, window) for window in WINDOWS]
        if not rising and min(chances) <= line:
            rising = True
            yield look
        elif rising and min(chances) > surprise.STILL_UNUSUAL:
            rising = False


def _chance(came: list[float], usual: Usual, own: float, look: int, window: timedelta) -> float:
    senders = bisect_left(came, look) - bisect_left(came, look - window.total_seconds() / 60)
    if senders < LEAST_SENDERS:
        return 1.0
    return usual.chance(senders, usual.expected(usual.busy(window, look / HOUR % 168), own))


def planted(dice: random.Random, at: float, claim: int) -> list[Message]:
    """A burst of a new claim: so many senders within half an hour."""
    return [Message(at + dice.random() * BURST_LASTS, claim, 10**9 + number) for number in range(BURST)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=100)
    given = parser.parse_args()
    for per_day, known in itertools.product((60, 400, 3000), (0.25, 0.95)):
        rates: list[float] = []
        delays: list[float] = []
        for seed in range(given.first, given.first + given.seeds):
            dice = random.Random(seed)
            messages = quiet(dice, per_day, LEARNED + WATCHED, known)
            usual = learn(messages)
            rates.append(len(alarms(messages, usual, LEARNED, LEARNED + WATCHED)) / (WATCHED / WEEK))
            delays += [_delay(dice, usual) for _ in range(BURSTS)]
        soon = [delay for delay in delays if delay <= SOON]
        print(
            f"{per_day} messages a day, {known:.0%} of known claims: false alarms a week {mean(rates):.2f} "
            f"(most in one stream {max(rates):.2f}), bursts of {BURST} found within {SOON} min {len(soon)} "
            f"of {len(delays)}, half of them after {median(soon or [0]):.0f} min, "
            f"the last after {max(soon, default=0):.0f}"
        )


def _delay(dice: random.Random, usual: Usual) -> float:
    """Plant a burst somewhere; return how many minutes after its first message it is found."""
    burst = planted(dice, LEARNED + dice.random() * (WATCHED - DAY), NEW)
    found = alarms(burst, usual, LEARNED, LEARNED + WATCHED)
    return found[0][0] - min(message.at for message in burst) if found else inf


if __name__ == "__main__":
    main()
