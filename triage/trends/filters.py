"""What the trends pages show of all that came: between which days, from where, about what, by which channel.

It stands in the address of the page, so that a page can be sent on, kept, and come back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Self

from models.types import HARMS
from triage.intake import CHANNELS
from triage.regions import districts
from triage.verdicts import verdicts

# Days, today included; the first is what a page shows when nothing is asked for.
PERIODS = (7, 1, 30, 90)
LONGEST = timedelta(days=3660)
# Nothing came before; a calendar has no day before its first one, nor what is compared with it.
EARLIEST = date(2000, 1, 1)
# In an address, where '' asks for every verdict.
NO_VERDICT = "belum"
Measure = Literal["pesan", "belum", "per-1000", "bagian"]
MEASURES: tuple[Measure, ...] = ("pesan", "belum", "per-1000", "bagian")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """From the day `first` to the day `last`, both included; '' in any other field asks for all.

    `period`: the number of days up to today that this is, 0 for two days that somebody chose. `measure`: what
    the map shows: messages, unanswered ones, these of 1,000, or how many of 1,000 from a place are what was
    asked for. `refused`: the parts of the address that could not be understood, and were left out.
    """

    first: date
    last: date
    period: int = PERIODS[0]
    district: str = ""
    harm: str = ""
    channel: str = ""
    verdict: str = ""
    measure: Measure = MEASURES[0]
    refused: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str], region: str, today: date) -> Self:
        """Read a filter from the parts of an address. Never fails: see `refused`."""
        first, last, period, refused = _days(given, today)
        allowed = {
            "kec": districts(region).keys(),
            "bahaya": HARMS,
            "saluran": CHANNELS,
            "putusan": (*verdicts(), NO_VERDICT),
        }
        chosen = {name: given.get(name, "") for name in allowed}
        refused += [name for name, code in chosen.items() if code and code not in allowed[name]]
        kec, bahaya, saluran, putusan = ("" if name in refused else code for name, code in chosen.items())
        measure = next((one for one in MEASURES if one == given.get("peta")), MEASURES[0])
        if given.get("peta", measure) != measure:
            refused.append("peta")
        return cls(first, last, period, kec, bahaya, saluran, putusan, measure, tuple(refused))

    @property
    def args(self) -> dict[str, str]:
        """The parts of an address that ask for this; what is shown anyway is left out."""
        days = {"dari": self.first.isoformat(), "sampai": self.last.isoformat()}
        if self.period:
            days = {"hari": str(self.period)} if self.period != PERIODS[0] else {}
        chosen = {
            "kec": self.district, "bahaya": self.harm, "saluran": self.channel, "putusan": self.verdict,
            "peta": self.measure if self.measure != MEASURES[0] else "",
        }  # fmt: skip
        return days | {name: code for name, code in chosen.items() if code}

    @property
    def of_a_kind(self) -> bool:
        """Whether only some of what came is asked for, wherever it came from."""
        return bool(self.harm or self.channel or self.verdict)

    @property
    def days(self) -> int:
        """How many days it spans."""
        return (self.last - self.first).days + 1

    def before(self) -> Self:
        """The same for as many days just before."""
        span = timedelta(days=self.days)
        return replace(self, first=self.first - span, last=self.last - span, period=0)

    def every_kind(self) -> Self:
        """The same for whatever came."""
        return replace(self, harm="", channel="", verdict="")


def _days(given: Mapping[str, str], today: date) -> tuple[date, date, int, list[str]]:
    refused: list[str] = []
    asked = given.get("hari", "")
    period = next((days for days in PERIODS if str(days) == asked), PERIODS[0])
    if asked and str(period) != asked:
        refused.append("hari")
    usual = (today - (period - 1) * _DAY, today, period)
    if not given.get("dari") and not given.get("sampai"):
        return (*usual, refused)
    first, last = _day(given.get("dari", "")), _day(given.get("sampai", "")) or today
    if first is None or first < EARLIEST or first > last or last > today or last - first > LONGEST:
        return (*usual, [*refused, "dari"])
    return first, last, 0, refused


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
