"""Groups: which messages came first makes no difference, and what a person has in hand stays theirs."""

from __future__ import annotations

import random

import pytest

from models.fingerprint import fingerprint
from tests.domain.test_plans import plans, scans
from tests.factories import groups_of, make_account, make_fact_check, make_group, suggest
from tests.scripted import ScriptedMatching, drain, send
from triage import events, grouping, review
from triage.config import Config
from triage.db import Store
from triage.review import Draft
from triage.tables import ClaimGroup, Event, FingerprintBand, Sighting, Submission

RICE = (
    "Pembagian beras gratis untuk semua warga dimulai besok pagi di balai desa, cukup membawa fotokopi kartu "
    "keluarga dan datang sebelum pukul delapan karena jumlahnya terbatas"
)
BEFORE = "Panitia menyampaikan bahwa setiap keluarga mendapat satu karung dan diminta membawa kantong sendiri"
AFTER = (
    "Yang datang dari luar kecamatan menunggu sampai warga setempat selesai dilayani oleh panitia semuanya"
)
# The middle one is an excerpt of both others, which have too little in common to be the same by themselves.
LONG, MIDDLE, OTHER_LONG = f"{BEFORE}. {RICE}", RICE, f"{RICE}. {AFTER}"
LONGEST = f"{BEFORE}. {BEFORE.replace('Panitia', 'Ketua')}. {RICE}"
DENIAL = f"Kabar bohong: {RICE}"
POWER = "Besok pagi ada pemadaman listrik di seluruh kecamatan, harap warga menyiapkan lilin dan air bersih"
SENT = (LONG, MIDDLE, OTHER_LONG, LONGEST, RICE.upper(), DENIAL, POWER, f"Info: {POWER}", "Apa kabar semua")
DRAFT = Draft("hoaks", RICE, "Judul", "Penjelasan.", "", (), "fraud")


@pytest.fixture
def matching() -> ScriptedMatching:
    return ScriptedMatching()


def _partition(store: Store) -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    with store.read() as session:
        for message in session.query(Submission):
            assert message.group_id is not None
            groups.setdefault(message.group_id, set()).add(message.text)
    return {frozenset(texts) for texts in groups.values()}


def _group_of(store: Store, text: str) -> ClaimGroup:
    with store.read() as session:
        number = session.query(Submission.group_id).filter(Submission.text == text).limit(1).scalar()
        return session.get_one(ClaimGroup, number)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("batch", [1, 4])
def test_the_groups_are_the_same_in_whatever_order_messages_come(
    store: Store, config: Config, matching: ScriptedMatching, seed: int, batch: int
) -> None:
    order = random.Random(seed).sample(SENT, len(SENT))
    for start in range(0, len(order), batch):
        for text in order[start : start + batch]:
            send(store, config, text, device=text[:3])
        drain(store, matching)
    rice = frozenset({LONG, MIDDLE, OTHER_LONG, LONGEST, RICE.upper()})
    assert _partition(store) == {rice, *map(frozenset, ({DENIAL}, {POWER, f"Info: {POWER}"}, {SENT[-1]}))}
    group = _group_of(store, RICE.upper())
    assert (group.state, group.submissions) == ("queued", len(rice))
    with store.read() as session:
        assert group.reporters == len(
            {row.reporter_hash for row in session.query(Sighting).filter_by(group_id=group.id)}
        )
        assert events.first_break(session) is None


def _two_groups(store: Store, config: Config, matching: ScriptedMatching) -> tuple[int, int]:
    for text in (LONG, OTHER_LONG):
        send(store, config, text)
        drain(store, matching)
    return _group_of(store, LONG).id, _group_of(store, OTHER_LONG).id


def test_a_message_that_links_two_waiting_groups_makes_them_one(
    any_store: Store, config: Config, matching: ScriptedMatching
) -> None:
    first, second = _two_groups(any_store, config, matching)
    assert first != second
    send(any_store, config, MIDDLE)
    drain(any_store, matching)
    assert matching.asked == [LONG, OTHER_LONG]
    assert {_group_of(any_store, text).id for text in (LONG, MIDDLE, OTHER_LONG)} == {first}
    with any_store.read() as session:
        gone = session.get_one(ClaimGroup, second)
        assert (gone.state, gone.merged_into) == ("merged", first)
        said = {row.name: (row.subject_id, row.data) for row in session.query(Event)}
    assert said["link"] == (second, {"into": first})
    assert said["absorb"] == (first, {"group": second})
    send(any_store, config, OTHER_LONG)
    drain(any_store, matching)
    assert _group_of(any_store, LONG).submissions == 4


def test_the_group_that_has_a_likely_fact_check_remains(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    with store.write() as session:
        fact_check = make_fact_check(session).id
    matching.expect(OTHER_LONG, "review", (fact_check, 0.6))
    _, second = _two_groups(store, config, matching)
    send(store, config, MIDDLE)
    drain(store, matching)
    assert _group_of(store, LONG).id == second


@pytest.mark.parametrize("work", ["lease", "send back", "reject"])
def test_a_group_that_somebody_worked_on_takes_others_in_and_goes_nowhere(
    store: Store, config: Config, matching: ScriptedMatching, work: str
) -> None:
    with store.write() as session:
        siti, dewi = make_account(session), make_account(session, "penyetuju")
        fact_check = make_fact_check(session).id
    matching.expect(OTHER_LONG, "review", (fact_check, 0.6))
    first, second = _two_groups(store, config, matching)
    if work == "reject":
        with store.read() as session:
            match = review.group_page(session, siti, second).matches[0].id
        review.reject(store, siti, second, match)
        review.release(store, siti, second)
    elif work == "lease":
        review.lease(store, siti, second)
    else:
        review.send_back(store, dewi, review.decide(store, siti, second, DRAFT), "Belum jelas.")
    send(store, config, MIDDLE)
    drain(store, matching)
    assert {_group_of(store, text).id for text in (LONG, MIDDLE, OTHER_LONG)} == {second}
    with store.read() as session:
        assert session.get_one(ClaimGroup, first).state == "merged"


def test_two_groups_that_people_work_on_stay_two(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    with store.write() as session:
        actors = [make_account(session) for _ in range(2)]
    numbers = _two_groups(store, config, matching)
    for actor, number in zip(actors, numbers, strict=True):
        review.lease(store, actor, number)
    send(store, config, MIDDLE)
    drain(store, matching)
    assert (_group_of(store, LONG).id, _group_of(store, OTHER_LONG).id) == numbers
    assert _group_of(store, MIDDLE).id in numbers


def test_what_is_answered_takes_the_newcomer_but_not_what_waits(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    with store.write() as session:
        fact_check = make_fact_check(session).id
    matching.expect(LONG, "answer", (fact_check, 0.99))
    first, second = _two_groups(store, config, matching)
    send(store, config, f"{BEFORE}. {RICE}!!! Sebarkan")
    send(store, config, MIDDLE)
    drain(store, matching)
    assert _group_of(store, LONG).submissions >= 2
    assert (_group_of(store, LONG).id, _group_of(store, OTHER_LONG).id) == (first, second)
    assert _group_of(store, OTHER_LONG).state == "queued"


def test_the_nearest_of_several_wordings_decides(store: Store) -> None:
    with store.write() as session:
        groups = [make_group(session, state="answered") for _ in range(3)]
        for group, text in zip(groups, (LONGEST, f"{RICE} ya", LONG), strict=True):
            grouping.remember(session, group.id, fingerprint(text), {})
        found = groups_of(session, RICE)
        assert [group.id for group in found] == [groups[1].id, groups[2].id, groups[0].id]
        assert grouping.united(session, found).id == groups[1].id


def test_a_hub_of_look_alikes_hides_nothing_that_is_nearer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MAX_SHARING", 8)
    monkeypatch.setattr(grouping, "MAX_CANDIDATES", 4)
    with store.write() as session:
        wanted = make_group(session)
        grouping.remember(session, wanted.id, fingerprint(f"{RICE}. {AFTER}"), {})
        for number in range(30):
            other = make_group(session)
            grouping.remember(session, other.id, fingerprint(f"{RICE} di posko {number + 50}. {BEFORE}"), {})
        keys = session.query(FingerprintBand).count()
        found = groups_of(session, f"{RICE}. {AFTER} ya")
    assert keys > 30 * 8
    assert [group.id for group in found] == [wanted.id]


@pytest.mark.embedded
def test_a_known_message_is_found_by_index(store: Store) -> None:
    with store.write() as session:
        group = make_group(session)
        suggest(session, group, make_fact_check(session))
        other = make_group(session)
        grouping.remember(session, group.id, fingerprint(LONG), {})
        grouping.remember(session, other.id, fingerprint(OTHER_LONG), {})

    def look() -> None:
        with store.write() as session:
            found = groups_of(session, MIDDLE)
            assert len(found) == 2
            grouping.united(session, found)

    found = plans(store, look)
    assert scans(found) == []
    read_whole = [step for steps in found.values() for step in steps if step.startswith("SCAN fingerprint")]
    assert read_whole == []
