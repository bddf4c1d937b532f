"""Assessment: known messages join without the encoder, certain ones are answered, the rest wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories import make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from triage import outbox, receipt_view
from triage.assess import assess, missing_from
from triage.config import Config
from triage.db import Store
from triage.intake import NewSubmission, accept
from triage.tables import Answer, ClaimGroup, FactCheck, Outbox, Sighting, Submission, SuggestedMatch

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
NEAR = "AWAS!! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang ya"
OTHER = "Besok pagi ada pemadaman listrik di seluruh kecamatan, harap warga menyiapkan lilin dan air bersih"
DENIAL = (
    "Tidak benar: pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
)
VILLAGES = ("35.08.01.2001", "35.08.01.2002")


@pytest.fixture
def matching() -> ScriptedMatching:
    return ScriptedMatching()


def _fact_check(store: Store, **fields: object) -> FactCheck:
    with store.write() as session:
        return make_fact_check(session, **fields)


def _groups(store: Store) -> list[ClaimGroup]:
    with store.read() as session:
        return list(session.query(ClaimGroup).order_by(ClaimGroup.id))


def test_a_certain_match_is_answered_at_once(
    any_store: Store, config: Config, matching: ScriptedMatching
) -> None:
    fact_check = _fact_check(any_store)
    matching.expect(HOAX, "answer", (fact_check.id, 0.99))
    receipt = send(any_store, config, HOAX)
    drain(any_store, matching)
    view = receipt_view.find(any_store, config, receipt)
    assert view.status == "answered"
    assert view.answer is not None
    assert view.answer.verdict is not None
    assert view.answer.verdict.code == "hoaks"
    assert view.answer.checked_by == "Contoh"
    (group,) = _groups(any_store)
    assert (group.state, group.band, group.fact_check_id) == ("answered", "answer", fact_check.id)


@pytest.mark.parametrize("band", ["review", "new"])
def test_anything_less_waits_for_a_person(
    store: Store, config: Config, matching: ScriptedMatching, band: str
) -> None:
    fact_check = _fact_check(store)
    matching.expect(HOAX, "review" if band == "review" else "new", (fact_check.id, 0.5))
    receipt = send(store, config, HOAX)
    drain(store, matching)
    assert receipt_view.find(store, config, receipt).status == "in_review"
    (group,) = _groups(store)
    assert (group.state, group.band) == ("queued", band)
    assert group.urgency > 0
    with store.read() as session:
        match = session.query(SuggestedMatch).one()
        assert (match.state, match.reasons[0]["code"]) == ("suggested", "same_words")


@pytest.mark.parametrize(
    ("fields", "answered"),
    [
        ({"origin": "starter", "verdict": "hoaks"}, True),
        ({"origin": "starter", "verdict": "tiruan"}, True),
        ({"origin": "starter", "verdict": "konteks-salah"}, False),
        ({"origin": "starter", "verdict": "menyesatkan"}, False),
        ({"origin": "starter", "verdict": "belum-terbukti"}, False),
        ({"origin": "imported", "verdict": "konteks-salah"}, True),
        ({"origin": "own", "verdict": "menyesatkan"}, True),
        ({"origin": "own", "searchable": False}, False),
    ],
)
def test_what_may_be_true_this_time_or_was_withdrawn_is_left_to_a_person(
    store: Store, config: Config, matching: ScriptedMatching, fields: dict[str, object], answered: bool
) -> None:
    fact_check = _fact_check(store, **fields)
    matching.expect(HOAX, "answer", (fact_check.id, 0.99))
    receipt = send(store, config, HOAX)
    drain(store, matching)
    assert receipt_view.find(store, config, receipt).status == ("answered" if answered else "in_review")
    (group,) = _groups(store)
    assert (group.state, group.band) == (("answered", "answer") if answered else ("queued", "review"))


def test_a_known_message_never_reaches_the_encoder(
    any_store: Store, config: Config, matching: ScriptedMatching
) -> None:
    for text in (HOAX, HOAX, NEAR, HOAX.upper(), f"  {HOAX}\n"):
        send(any_store, config, text)
        drain(any_store, matching)
    assert matching.asked == [HOAX]
    (group,) = _groups(any_store)
    assert group.submissions == 5


def test_a_denial_of_a_known_message_is_not_the_message(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    for text in (HOAX, DENIAL):
        send(store, config, text)
        drain(store, matching)
    assert matching.asked == [HOAX, DENIAL]
    assert len(_groups(store)) == 2


def test_copies_in_one_batch_are_matched_once(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    for text in (HOAX, HOAX, OTHER, HOAX):
        send(store, config, text)
    drain(store, matching)
    assert sorted(matching.asked) == sorted([HOAX, OTHER])
    assert [group.submissions for group in _groups(store)] == [3, 1]


def test_near_copies_in_one_batch_are_matched_once(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    for text in (HOAX, NEAR, OTHER, DENIAL):
        send(store, config, text)
    drain(store, matching)
    assert matching.asked == [HOAX, OTHER, DENIAL]
    assert [group.submissions for group in _groups(store)] == [2, 1, 1]


def test_a_link_of_its_own_field_is_matched_too(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    link = "https://contoh.id/berita/123"
    for text, url in (("Kabar ini benar tidak", link), ("", link + "4"), (f"Baca {link}5 ini", f"{link}5/")):
        accept(store, config, NewSubmission(text, url=url))
    drain(store, matching)
    assert matching.asked == [f"Kabar ini benar tidak\n{link}", f"{link}4", f"Baca {link}5 ini"]


def test_many_workers_at_once_make_one_group(
    any_store: Store, config: Config, matching: ScriptedMatching
) -> None:
    for number in range(24):
        send(any_store, config, HOAX, device=f"d{number % 6}")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: assess(any_store, matching, outbox.claim(any_store, "assess", 4)), range(6)))
    (group,) = _groups(any_store)
    assert (group.submissions, group.reporters) == (24, 6)


def test_the_same_job_twice_counts_once(store: Store, config: Config, matching: ScriptedMatching) -> None:
    send(store, config, HOAX)
    jobs = outbox.claim(store, "assess", 5)
    assess(store, matching, jobs)
    assess(store, matching, jobs)
    (group,) = _groups(store)
    assert group.submissions == 1


def test_a_worker_that_dies_before_writing_leaves_everything_to_the_next(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    receipt = send(store, config, HOAX)

    def die() -> None:
        raise MemoryError

    matching.before = die
    with pytest.raises(MemoryError):
        assess(store, matching, outbox.claim(store, "assess", 5))
    assert receipt_view.find(store, config, receipt).status == "received"
    with store.read() as session:
        assert session.query(Outbox).count() == 1
        assert session.query(ClaimGroup).count() == 0


def test_other_words_for_an_answered_claim_join_its_group(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    fact_check = _fact_check(store)
    matching.expect(HOAX, "answer", (fact_check.id, 0.99))
    matching.expect(OTHER, "answer", (fact_check.id, 0.98))
    receipts = [send(store, config, text) for text in (HOAX, OTHER)]
    drain(store, matching)
    assert [receipt_view.find(store, config, receipt).status for receipt in receipts] == ["answered"] * 2
    (group,) = _groups(store)
    assert group.submissions == 2


@pytest.mark.parametrize(
    ("text", "url", "missing"),
    [
        ("", "https://contoh.example", ""),
        ("😀" * 50, None, "text"),
        ("12345 !!!", None, "text"),
        ("hoax?", None, "context"),
        ("benarkah ini", None, "context"),
        ("benarkah ini", "https://contoh.example", ""),
        ("https://contoh.id/berita/123", None, ""),
        ("cek contoh.id/berita?a=1 ini", None, ""),
        (HOAX, None, ""),
    ],
)
def test_what_a_thin_message_lacks_is_named(text: str, url: str | None, missing: str) -> None:
    assert missing_from(text, url) == missing


def test_a_thin_message_is_asked_back_and_bothers_no_verifier(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    receipt = send(store, config, "hoax?")
    drain(store, matching)
    view = receipt_view.find(store, config, receipt)
    assert (view.status, view.missing) == ("answered", "context")
    assert view.answer is not None
    assert view.answer.verdict is not None
    assert view.answer.verdict.code == "tidak-dapat-diperiksa"
    assert matching.asked == []
    assert _groups(store) == []


def test_senders_and_villages_are_counted_as_people_and_places(
    store: Store, config: Config, matching: ScriptedMatching
) -> None:
    sent = [("d1", VILLAGES[0]), ("d1", VILLAGES[0]), ("d1", VILLAGES[1]), ("d2", VILLAGES[1]), (None, None)]
    for device, village in sent:
        send(store, config, HOAX, device, village)
    drain(store, matching)
    (group,) = _groups(store)
    assert (group.submissions, group.reporters, group.villages) == (5, 3, 2)
    with store.read() as session:
        assert sum(row.times for row in session.query(Sighting)) == 5


def test_answers_are_given_once_per_sender(store: Store, config: Config, matching: ScriptedMatching) -> None:
    fact_check = _fact_check(store)
    matching.expect(HOAX, "answer", (fact_check.id, 0.99))
    for _ in range(3):
        send(store, config, HOAX)
    drain(store, matching)
    with store.read() as session:
        assert session.query(Answer).count() == 3
        assert {row.state for row in session.query(Submission)} == {"answered"}
