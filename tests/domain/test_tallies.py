"""Tallies say what the messages say, whatever happened to these meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import event, func, select, update

from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import doctor, erasure, objections, retention, review
from triage.archive.rows import ArchiveRow, parse_row
from triage.archive.store import upsert
from triage.cli.trends import command
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import PenjagaError
from triage.permissions import Actor
from triage.review.decisions import Draft
from triage.tables import (
    ClaimGroup,
    Decision,
    FactCheck,
    Submission,
    SuggestedMatch,
    TallyCursor,
    TallyDay,
    TallyDelay,
    TallyDue,
    TallyHour,
)
from triage.trends import counting, slices, tallies
from triage.trends.counting import bucket

VILLAGES = ("35.08.01.2001", "35.08.02.2003", None)
FLOOD = "Air Kali Glidik naik cepat, warga di tepi sungai diminta segera pindah ke balai desa malam ini"
TAX = "Pajak kendaraan dihapus semua mulai bulan depan, cukup daftar lewat tautan yang dibagikan di grup"
DRAFT = Draft("hoaks", "Air naik", "Sungai tidak naik", "Menurut BPBD tidak.", "", (), "disaster")


@dataclass
class Desk:
    store: Store
    config: Config
    siti: Actor
    budi: Actor
    matching: ScriptedMatching = field(default_factory=ScriptedMatching)
    receipts: list[str] = field(default_factory=list)

    def send(self, text: str, village: str | None = None, device: str | None = None) -> None:
        self.receipts.append(send(self.store, self.config, text, device, village))
        drain(self.store, self.matching)

    def group(self, text: str) -> int:
        with self.store.read() as session:
            found = session.scalar(select(Submission.group_id).where(Submission.text == text).limit(1))
        assert found is not None
        return found

    def count(self) -> None:
        tallies.count(self.store, self.config)

    def days(self) -> Counter[tuple[object, ...]]:
        """Messages, those answered at once and unanswered ones by what `TallyDay` tells apart."""
        with self.store.read() as session:
            rows = session.scalars(select(TallyDay)).all()
        return Counter(
            {
                (row.village, row.harm, row.verdict, what): getattr(row, what)
                for row in rows
                for what in ("messages", "at_once", "unanswered")
                if getattr(row, what)
            }
        )

    def right(self) -> bool:
        with self.store.read() as session:
            found = tallies.compare(session, self.config, tallies.last_days(self.config, 40))
        assert len(found.days) == 40
        return found.wrong == []


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    with any_store.write() as session:
        siti, budi = make_account(session), make_account(session, "penyetuju")
    return Desk(any_store, config, siti, budi)


def test_a_message_is_counted_where_it_came_from_and_is_unanswered(desk: Desk) -> None:
    desk.send(FLOOD, VILLAGES[0])
    desk.send(FLOOD)
    desk.count()
    assert desk.days() == {
        (VILLAGES[0], "other", "", "messages"): 1, (VILLAGES[0], "other", "", "unanswered"): 1,
        ("", "other", "", "messages"): 1, ("", "other", "", "unanswered"): 1,
    }  # fmt: skip
    with desk.store.read() as session:
        assert {row.group_id for row in session.scalars(select(TallyHour))} == {desk.group(FLOOD)}


def test_who_is_answered_by_the_program_is_answered_at_once(desk: Desk) -> None:
    with desk.store.write() as session:
        number = make_fact_check(session).id
    desk.matching.expect(TAX, "answer", (number, 0.99))
    desk.send(TAX, VILLAGES[0])
    desk.send(TAX, VILLAGES[0])
    desk.send("ya")
    desk.count()
    days = desk.days()
    assert days[VILLAGES[0], "other", "hoaks", "at_once"] == 2
    assert days["", "other", "", "at_once"] == 1
    assert not any(what == "unanswered" for *_, what in days)
    with desk.store.read() as session:
        assert session.scalar(select(func.sum(TallyDelay.messages))) == 3


def test_a_decision_is_counted_where_it_belongs_and_how_long_it_took(desk: Desk) -> None:
    desk.send(FLOOD, VILLAGES[0])
    desk.count()
    with time_machine.travel(now() + timedelta(minutes=61)):
        group = desk.group(FLOOD)
        decision = review.decide(desk.store, desk.siti, group, DRAFT)
        review.approve(desk.store, desk.budi, decision)
        tell(desk.store)
        desk.count()
        # The next one finds the answer there.
        desk.send(FLOOD, VILLAGES[1])
        desk.count()
        assert desk.right()
    assert desk.days() == {
        (VILLAGES[0], "disaster", "hoaks", "messages"): 1,
        (VILLAGES[1], "disaster", "hoaks", "messages"): 1,
        (VILLAGES[1], "disaster", "hoaks", "at_once"): 1,
    }
    with desk.store.read() as session:
        late = session.scalars(select(TallyDelay.seconds).order_by(TallyDelay.seconds.desc())).first()
    assert late == 62 * 60


def test_merging_and_splitting_move_what_is_counted(desk: Desk) -> None:
    desk.send(FLOOD)
    desk.send(TAX)
    desk.count()
    kept, gone = desk.group(FLOOD), desk.group(TAX)
    review.merge(desk.store, desk.siti, gone, kept)
    desk.count()
    with desk.store.read() as session:
        assert dict(session.execute(select(TallyHour.group_id, TallyHour.messages)).all()) == {kept: 2}
    review.split(desk.store, desk.siti, gone, kept)
    desk.count()
    with desk.store.read() as session:
        assert dict(session.execute(select(TallyHour.group_id, TallyHour.messages)).all()) == {
            kept: 1, gone: 1,
        }  # fmt: skip


def test_an_erased_message_is_still_counted_but_from_nowhere(desk: Desk) -> None:
    desk.send(FLOOD, VILLAGES[0])
    desk.count()
    erasure.erase(desk.store, desk.config, desk.receipts[0])
    desk.count()
    assert sum(number for (_, _, _, what), number in desk.days().items() if what == "messages") == 1
    assert all(village == "" and what != "unanswered" for village, _, _, what in desk.days())


def test_what_time_empties_stays_counted(desk: Desk) -> None:
    with desk.store.write() as session:
        number = make_fact_check(session).id
    desk.matching.expect(TAX, "answer", (number, 0.99))
    desk.send(TAX, VILLAGES[0])
    desk.count()
    before = desk.days()
    with time_machine.travel(now() + desk.config.retention + timedelta(hours=1)):
        assert retention.expire(desk.store, desk.config) == 1
        desk.count()
        assert desk.days() == before
        with desk.store.read() as session:
            assert session.scalar(select(TallyCursor.seq)) == tallies.counted_to(session)


def test_what_time_emptied_stays_counted_where_messages_are_kept_longer_since(desk: Desk) -> None:
    with desk.store.write() as session:
        number = make_fact_check(session).id
    desk.matching.expect(TAX, "answer", (number, 0.99))
    desk.send(TAX, VILLAGES[0])
    desk.count()
    before, day = desk.days(), tallies.last_days(desk.config, 1)[0]
    with time_machine.travel(now() + desk.config.retention + timedelta(hours=1)):
        assert retention.expire(desk.store, desk.config) == 1
        longer = replace(desk.config, retention=2 * desk.config.retention)
        tallies.count_anew(desk.store, longer, [day])
        assert desk.days() == before
        with desk.store.read() as session:
            assert tallies.compare(session, longer, [day]).days == []


def test_a_store_with_history_is_counted_whole_even_what_was_emptied(desk: Desk) -> None:
    with desk.store.write() as session:
        number = make_fact_check(session).id
    desk.matching.expect(TAX, "answer", (number, 0.99))
    desk.send(TAX, VILLAGES[0])
    with time_machine.travel(now() + desk.config.retention + timedelta(days=2)):
        retention.expire(desk.store, desk.config)
        desk.send(TAX, VILLAGES[0])
        desk.count()
    assert sum(count for (*_, what), count in desk.days().items() if what == "messages") == 2


def test_a_changed_verdict_of_an_imported_check_is_counted_anew(desk: Desk) -> None:
    def enter(verdict: str) -> None:
        row = parse_row(1, {"target_id": "t-9", "title": "Pajak tidak dihapus", "verdict": verdict})
        assert isinstance(row, ArchiveRow)
        with desk.store.write() as session:
            upsert(session, [row])

    enter("hoaks")
    with desk.store.read() as session:
        number = session.scalars(select(FactCheck.id)).one()
    desk.matching.expect(TAX, "answer", (number, 0.99))
    desk.send(TAX)
    desk.count()
    enter("satire")
    desk.count()
    assert {verdict for _, _, verdict, _ in desk.days()} == {"satire"}


def test_two_counts_at_the_same_time_count_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send(FLOOD)
    of_day = counting.of_day
    nested: list[int] = []

    def with_another(*given: object) -> object:
        if not nested:
            nested.append(1)
            desk.send(FLOOD)
            tallies.count(desk.store, desk.config)
        return of_day(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(counting, "of_day", with_another)
    desk.count()
    monkeypatch.undo()
    assert desk.days()["", "other", "", "messages"] == 2
    assert desk.right()


def test_what_is_noted_while_a_day_is_counted_is_not_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a claim whose day is under way the tallies do not say yet that its messages lie there."""
    desk.send(FLOOD)
    desk.send(TAX)
    stored = slices.stored
    nested: list[int] = []

    def with_a_merge(*given: object) -> object:
        found = stored(*given)  # type: ignore[arg-type]
        if not nested:
            nested.append(1)
            review.merge(desk.store, desk.siti, desk.group(TAX), desk.group(FLOOD))
            while tallies._note(desk.store, desk.config):
                pass
        return found

    monkeypatch.setattr(slices, "stored", with_a_merge)
    desk.count()
    monkeypatch.undo()
    desk.count()
    assert nested
    assert desk.right()


def test_a_count_that_is_killed_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(now() - timedelta(days=3)) as clock:
        for _ in range(4):
            desk.send(FLOOD)
            clock.shift(timedelta(days=1))
        change = slices.change
        done: list[int] = []

        def killed_at_the_third(*given: object) -> None:
            change(*given)  # type: ignore[arg-type]
            done.append(1)
            if len(done) == 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(slices, "change", killed_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            desk.count()
        monkeypatch.undo()
        with desk.store.read() as session:
            assert session.scalar(select(func.sum(TallyDay.messages))) == 2
            assert session.scalar(select(func.count()).select_from(TallyDue)) == 2
            # What is still to be counted is not called wrong.
            assert tallies.compare(session, desk.config, tallies.last_days(desk.config, 5)).wrong == []
        desk.count()
        assert desk.right()


def test_what_waited_until_its_messages_were_emptied_is_left_as_it_was(desk: Desk) -> None:
    with desk.store.write() as session:
        number = make_fact_check(session).id
    desk.matching.expect(TAX, "answer", (number, 0.99))
    desk.send(TAX, VILLAGES[0])
    desk.count()
    before = desk.days()
    with desk.store.write() as session:
        session.add(TallyDue(day=tallies.last_days(desk.config, 1)[0], seq=1))
    with time_machine.travel(now() + desk.config.retention + timedelta(hours=1)):
        assert retention.expire(desk.store, desk.config) == 1
        desk.count()
        assert desk.days() == before
        with desk.store.read() as session:
            assert session.scalar(select(TallyDue.day)) is None


def test_the_doctor_sees_what_is_wrong_or_not_counted(desk: Desk) -> None:
    url = desk.store.engine.url.render_as_string(hide_password=False)
    config = replace(desk.config, database_url=url)

    def finding() -> doctor.Finding:
        [found] = [each for each in doctor.examine(config) if each.subject == "trends"]
        return found

    desk.send(FLOOD)
    desk.count()
    assert finding().ok
    with desk.store.write() as session:
        session.execute(update(TallyDay).values(messages=5))
    assert finding().remedy == "run `penjaga trends check --repair`"
    desk.send(FLOOD)
    with time_machine.travel(now() + timedelta(minutes=10)):
        assert finding().remedy == "see that worker and beat run"


def test_only_rows_that_differ_are_written(desk: Desk) -> None:
    for village in VILLAGES:
        desk.send(FLOOD, village)
    desk.count()
    desk.send(FLOOD, VILLAGES[0])
    written: list[str] = []

    def note(_: object, cursor: object, statement: str, given: object, context: object, many: bool) -> None:
        if statement.startswith(("INSERT INTO tally_", "DELETE FROM tally_")):
            written.extend([statement.split()[2]] * (len(given) if many else 1))  # type: ignore[arg-type]

    event.listen(desk.store.engine, "before_cursor_execute", note)
    desk.count()
    event.remove(desk.store.engine, "before_cursor_execute", note)
    tables = Counter(written)
    assert {tables[name] for name in ("tally_hour", "tally_day", "tally_area")} == {2}
    assert desk.right()


def test_damaged_tallies_are_found(desk: Desk) -> None:
    desk.send(FLOOD)
    desk.count()
    assert desk.right()
    for table in (TallyHour, TallyDay):
        with desk.store.write() as session:
            session.execute(update(table).values(messages=table.messages + 1))
        with desk.store.read() as session:
            found = tallies.compare(session, desk.config, tallies.last_days(desk.config, 7))
        assert len(found.wrong) == 1
        with desk.store.write() as session:
            session.execute(update(table).values(messages=table.messages - 1))
    assert desk.right()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_tallies_follow(desk: Desk, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A random walk of everything that changes what is counted, counted now and then, in small steps."""
    monkeypatch.setattr(tallies, "STEP", 7)
    dice = random.Random(seed)
    with desk.store.write() as session:
        checks = [make_fact_check(session, f"Arsip {number}").id for number in range(2)]
    _import_again(desk, dice)
    with desk.store.read() as session:
        checks.append(session.scalars(select(FactCheck.id).order_by(FactCheck.id.desc()).limit(1)).one())
    texts = [f"{FLOOD} kabar ke {word} dari tetangga" for word in ("satu", "dua", "tiga", "empat", "lima")]
    desk.matching.expect(texts[0], "answer", (checks[0], 0.99))
    desk.matching.expect(texts[1], "review", (checks[1], 0.7))
    desk.matching.expect(texts[2], "answer", (checks[2], 0.99))
    with time_machine.travel(now() - timedelta(days=20)) as clock:
        for _ in range(120):
            clock.shift(timedelta(minutes=dice.randrange(600)))
            _do_something(desk, dice, texts)
            if dice.random() < 0.3:
                desk.count()
        desk.count()
        assert desk.right()
        with desk.store.read() as session:
            came = session.scalar(select(func.count(Submission.id)))
            assert session.scalar(select(func.sum(TallyDay.messages))) == came
            assert session.scalar(select(func.sum(TallyHour.messages))) == came


def _do_something(desk: Desk, dice: random.Random, texts: list[str]) -> None:
    with desk.store.read() as session:
        states = session.execute(select(ClaimGroup.state, ClaimGroup.id, ClaimGroup.merged_into)).all()
        matches = session.execute(select(SuggestedMatch.group_id, SuggestedMatch.id)).all()
    waiting = [number for state, number, _ in states if state == "queued"]
    answered = [number for state, number, _ in states if state == "answered"]
    merged = [(number, into) for _, number, into in states if into]

    def draft() -> Draft:
        verdict, harm = dice.choice(("hoaks", "benar", "satire")), dice.choice(("health", "fraud"))
        return replace(DRAFT, verdict=verdict, harm=harm)

    deeds: list[Callable[[], object]] = [
        lambda: desk.send(dice.choice(texts), dice.choice(VILLAGES), dice.choice("abc")),
        lambda: desk.send(dice.choice(texts), dice.choice(VILLAGES)),
        lambda: review.decide(desk.store, desk.siti, dice.choice(waiting), draft()),
        lambda: review.merge(desk.store, desk.siti, *dice.sample(waiting, 2)),
        lambda: review.split(desk.store, desk.siti, *dice.choice(merged)),
        lambda: review.withdraw(desk.store, desk.siti, dice.choice(answered)),
        lambda: review.correct(desk.store, desk.siti, dice.choice(answered), draft(), "Salah."),
        lambda: review.retract(desk.store, desk.budi, dice.choice(answered), "Salah."),
        lambda: [review.confirm(desk.store, desk.siti, *match) for match in matches[:1]],
        lambda: _approve_one(desk),
        lambda: _approve_one(desk),
        lambda: tell(desk.store),
        lambda: erasure.erase(desk.store, desk.config, dice.choice(desk.receipts)),
        lambda: objections.object_to(desk.store, desk.config, dice.choice(desk.receipts)),
        lambda: _import_again(desk, dice),
    ]
    # What the state of things does not allow just now is refused.
    with suppress(PenjagaError, IndexError, ValueError):
        dice.choice(deeds)()


def _import_again(desk: Desk, dice: random.Random) -> None:
    row = parse_row(1, {"target_id": "t-9", "title": "Arsip", "verdict": dice.choice(("hoaks", "benar"))})
    assert isinstance(row, ArchiveRow)
    with desk.store.write() as session:
        upsert(session, [row])


def _approve_one(desk: Desk) -> None:
    with desk.store.read() as session:
        decision = session.scalar(select(Decision.id).where(Decision.state == "proposed").limit(1))
    if decision is not None:
        review.approve(desk.store, desk.budi, decision)


def test_delays_are_rounded_up_to_what_is_kept() -> None:
    assert [bucket(seconds) for seconds in (0, 0.2, 119.5, 121, 3600, 86_399, 86_401)] == [
        0, 1, 120, 180, 3600, 86_400, 90_000,
    ]  # fmt: skip


def test_days_are_those_of_the_region(desk: Desk) -> None:
    # 23.30 UTC is the next morning in Lumajang.
    with time_machine.travel("2026-11-08T23:30:00+00:00", tick=False):
        desk.send(FLOOD)
        desk.count()
    with desk.store.read() as session:
        assert session.scalars(select(TallyDay.day)).all() == [date(2026, 11, 9)]


def test_the_command_says_whether_tallies_and_messages_agree(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENJAGA_DATA", str(desk.config.data))
    url = desk.store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PENJAGA_DATABASE_URL", url)
    desk.send(FLOOD)
    right = CliRunner().invoke(command, ["check"])
    assert (right.exit_code, right.output) == (
        0, "tallies ok: of the last 14 days 14 were compared with their messages\n",
    )  # fmt: skip
    with desk.store.write() as session:
        session.execute(update(TallyHour).values(messages=5))
    wrong = CliRunner().invoke(command, ["check"])
    assert wrong.exit_code == 1
    assert wrong.output.startswith("tallies differ from the messages on 20")
    repaired = CliRunner().invoke(command, ["check", "--repair"])
    assert (repaired.exit_code, "counted anew" in repaired.output) == (0, True)
    assert desk.right()
