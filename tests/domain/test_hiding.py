"""What is hidden of villages can be told neither from the total nor from the other kinds of messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_fact_check, make_group, make_submission
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.regions import districts
from triage.tables import TallyDay
from triage.trends import figures
from triage.trends.calendar import day_of
from triage.trends.filters import Filter
from triage.trends.hiding import with_cover

DISTRICT = "35.08.05"
MOST = 9


def _possible(shown: Mapping[str, int], hidden: list[str], total: int) -> dict[str, set[int]]:
    """What each hidden village may have sent, for whoever reads the rest and the total."""
    rest = total - sum(shown.values())
    # A village from which nothing came is hidden only together with all of them.
    least = 1 if shown else 0
    found: dict[str, set[int]] = defaultdict(set)
    # One more than any has sent: who reads does not know what the most is.
    for numbers in product(range(least, MOST + 2), repeat=len(hidden)):
        if sum(numbers) == rest:
            for code, number in zip(hidden, numbers, strict=True):
                found[code].add(number)
    return found


@given(st.lists(st.tuples(st.integers(0, MOST), st.integers(0, MOST)), min_size=2, max_size=4))
def test_no_hidden_number_is_the_only_one_possible(villages: list[tuple[int, int]]) -> None:
    messages = {str(place): number for place, (number, _) in enumerate(villages)}
    few = {
        str(place) for place, (number, people) in enumerate(villages) if number and min(number, people) < 3
    }
    hidden = with_cover(few, messages)
    assert few <= hidden
    shown = {code: number for code, number in messages.items() if code not in hidden}
    possible = _possible(shown, sorted(hidden), sum(messages.values()))
    assert all(len(possible[code]) > 1 for code in few), (messages, hidden)


def test_all_is_shown_where_many_are_behind_every_number() -> None:
    assert with_cover(set(), {"1": 5, "2": 0}) == frozenset()


def _told(store: Store, config: Config, harm: str = "") -> dict[str, int | None]:
    today = day_of(config.wilayah, now())
    asked = Filter(today - timedelta(days=6), today, district=DISTRICT, harm=harm)
    with store.read() as session:
        found = figures.by_village(session, config.wilayah, asked)
    return {one.code[-4:]: one.sums.messages if one.sums else None for one in found}


def _traffic(store: Store, config: Config, sent: dict[tuple[str, str], str]) -> None:
    """Let people (letters) send from a village something of a harm class."""
    with store.write() as session:
        check = make_fact_check(session)
        for (village, harm), people in sent.items():
            group = make_group(session, harm=harm, fact_check_id=check.id)
            for person in people:
                make_submission(
                    session, village=f"{DISTRICT}.{village}", group_id=group.id, state="assessed",
                    reporter_hash=person * 64,
                )  # fmt: skip
            session.add(
                TallyDay(
                    day=day_of(config.wilayah, now()), village=f"{DISTRICT}.{village}", channel="web",
                    harm=harm, verdict="hoaks", messages=len(people), at_once=0, unanswered=0,
                )
            )  # fmt: skip


def test_a_kind_is_not_told_by_taking_another_from_all(any_store: Store, config: Config) -> None:
    _traffic(
        any_store, config,
        {("2001", "health"): "abcd", ("2001", "fraud"): "e",
         ("2002", "health"): "abcd", ("2003", "health"): "abc", ("2003", "fraud"): "def"},
    )  # fmt: skip
    everything, health = _told(any_store, config), _told(any_store, config, harm="health")
    assert (everything["2001"], everything["2002"], everything["2003"]) == (5, 4, 6)
    # Five less four is one person's fraud; the next smallest number covers for it.
    assert (health["2001"], health["2003"], health["2002"]) == (None, None, 4)
    assert _told(any_store, config, harm="fraud")["2001"] is None


def test_the_villages_of_all_kecamatan_are_hidden_as_in_each(any_store: Store, config: Config) -> None:
    _traffic(
        any_store, config,
        {("2001", "health"): "abc", ("2002", "health"): "aa", ("2003", "health"): "abcdef"},
    )  # fmt: skip
    other = "35.08.06.2001"
    today = day_of(config.wilayah, now())
    with any_store.write() as session:
        for number, person in enumerate("abcdab"):
            make_submission(
                session, village=other, state="assessed",
                reporter_hash=None if number > 3 else person * 64,
            )  # fmt: skip
        session.add(
            TallyDay(
                day=today, village=other, channel="web", harm="other", verdict="", messages=6, at_once=0,
                unanswered=6,
            )
        )  # fmt: skip
    with any_store.read() as session:
        asked = Filter(today, today)
        every = {one.code: one.sums for one in figures.by_village(session, config.wilayah, asked)}
        alone = {
            one.code: one.sums
            for district in districts(config.wilayah)
            for one in figures.by_village(session, config.wilayah, replace(asked, district=district))
        }
    assert every == alone
    assert len(every) == 205
    shown = [(found := every[code]) and found.messages for code in (
        f"{DISTRICT}.2001", f"{DISTRICT}.2002", f"{DISTRICT}.2003", other
    )]  # fmt: skip
    # Two people's number, and the smallest beside it, for the total of the kecamatan would tell it.
    assert shown == [None, None, 6, 6]


def test_what_is_hidden_of_all_is_hidden_of_each_kind(any_store: Store, config: Config) -> None:
    _traffic(
        any_store, config,
        {("2001", "health"): "a", ("2001", "fraud"): "b", ("2002", "health"): "abcd",
         ("2002", "fraud"): "abcd", ("2003", "health"): "abcdef"},
    )  # fmt: skip
    assert _told(any_store, config)["2002"] == 8
    for harm in ("", "health", "fraud"):
        found = _told(any_store, config, harm)
        assert (found["2001"], found["2003"]) == (None, None), harm
