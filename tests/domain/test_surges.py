"""What rises is found soon, a new claim above all, and quiet traffic raises no alarm."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select

from tests.factories import make_group
from tests.load import surges as simulated
from triage.config import Config
from triage.db import Store
from triage.tables import ClaimGroup, Event, Submission, Surge, TallyHour
from triage.trends import surges, surprise
from triage.trends.surges import SurgeWatch

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
VILLAGES = [f"35.08.{number:02d}.2001" for number in range(1, 9)]


class Traffic:
    """Eight weeks of tallies and messages of one installation, written as they would be there."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config, self.watch = store, config, SurgeWatch()
        self._number = 0

    def usual(self, weeks: int = 8, claims: int = 40, an_hour: int = 3) -> None:
        """Let some messages of some claims come each hour."""
        dice = random.Random(5)
        with self.store.write() as session:
            groups = [make_group(session).id for _ in range(claims)]
            rows = [
                {"begins": MONDAY_MORNING - number * HOUR, "group_id": group, "village": "", "channel": "web",
                 "messages": 1 + (dice.random() < 0.2), "at_once": 0, "unanswered": 0}
                for number in range(1, weeks * 168)
                for group in dice.sample(groups, an_hour)
            ]  # fmt: skip
            session.execute(insert(TallyHour), rows)

    def group(self) -> int:
        with self.store.write() as session:
            return make_group(session, first_seen=MONDAY_MORNING).id

    def send(self, group: int, at: datetime, sender: str | None, village: str | None = None) -> None:
        self._number += 1
        with self.store.write() as session:
            session.add(
                Submission(
                    receipt_hash=f"s{self._number}", payload_hash="", text="Kabar", channel="web",
                    created_at=at, state="assessed", group_id=group, reporter_hash=sender, village=village,
                )
            )  # fmt: skip

    def look(self, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            self.watch.watch(self.store, self.config)

    def found(self) -> list[Surge]:
        with self.store.read() as session:
            return list(session.scalars(select(Surge).order_by(Surge.id)))


@pytest.fixture
def traffic(any_store: Store, config: Config) -> Traffic:
    return Traffic(any_store, config)


def _burst(traffic: Traffic, group: int, senders: int = 12) -> datetime | None:
    """Send a burst over eight villages within half an hour; return when it was found, looking each minute."""
    for minute in range(31):
        at = MONDAY_MORNING + minute * MINUTE
        for number in range(senders):
            if number * 30 // senders == minute:
                traffic.send(group, at, f"warga{number}", VILLAGES[number % 8])
        traffic.look(at + timedelta(seconds=1))
        if traffic.found():
            return at
    return None


def test_a_burst_of_a_new_claim_over_eight_villages_is_found_within_half_an_hour(traffic: Traffic) -> None:
    traffic.usual()
    group = traffic.group()
    found_at = _burst(traffic, group)
    assert found_at is not None
    assert found_at - MONDAY_MORNING <= 30 * MINUTE
    [surge] = traffic.found()
    assert (surge.group_id, surge.ended_at) == (group, None)
    assert surge.observed >= surprise.LEAST_SENDERS > surge.expected
    assert surge.villages >= 4
    with traffic.store.read() as session:
        [event] = session.scalars(select(Event).where(Event.name == "surge"))
    assert (event.subject, event.subject_id) == ("group", group)
    assert set(event.data) == {"senders", "expected", "villages"}


def test_it_is_found_before_anything_is_known_of_the_place(traffic: Traffic) -> None:
    assert _burst(traffic, traffic.group()) is not None


def test_a_known_hoax_that_comes_again_is_found_too(traffic: Traffic) -> None:
    traffic.usual()
    with traffic.store.write() as session:
        group = make_group(session, "answered", first_seen=MONDAY_MORNING - 50 * timedelta(days=1)).id
        session.add(
            TallyHour(begins=MONDAY_MORNING - 900 * HOUR, group_id=group, village="", channel="web",
                      messages=3, at_once=3, unanswered=0)
        )  # fmt: skip
    assert _burst(traffic, group) is not None


def test_what_comes_so_often_all_the_time_is_no_surge(traffic: Traffic) -> None:
    traffic.usual()
    group = traffic.group()
    with traffic.store.write() as session:
        session.execute(
            insert(TallyHour),
            [
                {"begins": MONDAY_MORNING - number * HOUR, "group_id": group, "village": "",
                 "channel": "web", "messages": 24, "at_once": 0, "unanswered": 0}
                for number in range(1, 8 * 168)
            ],
        )  # fmt: skip
    assert _burst(traffic, group) is None


def test_one_person_is_no_crowd_and_neither_are_unknown_ones_of_one_village(traffic: Traffic) -> None:
    traffic.usual()
    group = traffic.group()
    for number in range(50):
        traffic.send(group, MONDAY_MORNING + number * timedelta(seconds=20), "satu orang", VILLAGES[0])
        traffic.send(group, MONDAY_MORNING + number * timedelta(seconds=20), None, VILLAGES[0])
    traffic.look(MONDAY_MORNING + 20 * MINUTE)
    assert traffic.found() == []


def test_a_rush_hour_of_everything_is_no_surge_of_anything(traffic: Traffic) -> None:
    traffic.usual()
    for _ in range(40):
        group = traffic.group()
        for number in range(3):
            traffic.send(group, MONDAY_MORNING + number * MINUTE, f"{group}-{number}")
    traffic.look(MONDAY_MORNING + 5 * MINUTE)
    assert traffic.found() == []


def test_a_surge_goes_on_once_and_ends_when_it_is_quiet(traffic: Traffic) -> None:
    traffic.usual()
    group = traffic.group()
    _burst(traffic, group)
    for number in range(12, 24):
        traffic.send(group, MONDAY_MORNING + 32 * MINUTE, f"warga{number}", VILLAGES[0])
    traffic.look(MONDAY_MORNING + 33 * MINUTE)
    [surge] = traffic.found()
    assert (surge.ended_at, surge.last_at) == (None, MONDAY_MORNING + 33 * MINUTE)
    strongest = surge.score
    traffic.look(MONDAY_MORNING + 6 * HOUR)
    [surge] = traffic.found()
    assert (surge.ended_at, surge.score) == (MONDAY_MORNING + 6 * HOUR, strongest)
    with traffic.store.read() as session:
        assert list(surges.going_on(session)) == []


def test_two_workers_open_one_surge(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    traffic.usual()
    group = traffic.group()
    for number in range(12):
        traffic.send(group, MONDAY_MORNING, f"warga{number}", VILLAGES[number % 8])
    look, nested = surges.look, [True]

    def with_another(*given: object) -> object:
        found = look(*given)  # type: ignore[arg-type]
        if nested.pop() if nested else False:
            SurgeWatch().watch(traffic.store, traffic.config)
        return found

    monkeypatch.setattr(surges, "look", with_another)
    traffic.look(MONDAY_MORNING + MINUTE)
    assert len(traffic.found()) == 1


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize(("per_day", "known"), [(60, 0.25), (400, 0.25), (400, 0.95), (3000, 0.95)])
def test_quiet_traffic_raises_at_most_one_alarm_a_week(seed: int, per_day: int, known: float) -> None:
    dice = random.Random(seed)
    messages = simulated.quiet(dice, per_day, simulated.LEARNED + simulated.WATCHED, known)
    usual = simulated.learn(messages)
    found = simulated.alarms(messages, usual, simulated.LEARNED, simulated.LEARNED + simulated.WATCHED)
    assert len(messages) > per_day * 80
    assert len(found) <= simulated.WATCHED / simulated.WEEK


def test_what_is_unlikely_scores_high() -> None:
    usual = surprise.usual([], {}, 0, 0)
    chances = [usual.chance(senders, 0.5) for senders in range(1, 40)]
    assert chances[0] == 1
    assert chances == sorted(chances, reverse=True)
    assert surprise.score(0.0) == 300
    assert surprise.score(0.001) == pytest.approx(3)


def test_busy_hours_are_expected_to_be_busy() -> None:
    totals = [(hour, 60 if hour % 24 == 19 else 6) for hour in range(168)] * 4
    usual = surprise.usual(totals, {1: 500, 2: 100}, 0, 4)
    half, three = surprise.WINDOWS
    assert usual.busy(half, 19.75) > 4 * usual.busy(half, 3.75)
    # A long window that ends after the busy hour has that hour in it.
    assert usual.busy(three, 22) > usual.busy(three, 22.5) > usual.busy(three, 23.01)
    assert usual.busy(three, 1) == pytest.approx(sum(usual.factors[hour] for hour in (166, 167, 0)))


def test_claims_that_come_all_the_time_leave_new_ones_their_line() -> None:
    few, many = (surprise.usual([], {1: 50_000}, regular, 8) for regular in (0, 500_000))
    assert few.line(regular=False) == many.line(regular=False)
    assert many.line(regular=True) < few.line(regular=True)


def test_surges_belong_to_groups_that_are_there(traffic: Traffic) -> None:
    _burst(traffic, traffic.group())
    with traffic.store.read() as session:
        assert session.get(ClaimGroup, traffic.found()[0].group_id) is not None
