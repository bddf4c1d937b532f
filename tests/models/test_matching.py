from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import calibration, explain
from models.encoders import Encoder
from models.features import GROUPS, NAMES, matrix
from models.matching import Matcher, encode_queries
from models.query import Query
from models.retrieval import Background, select
from models.runs import longest_run
from models.text import normalise
from models.types import Entry, MatchResult
from tests.models.conftest import CLAIMS


def _codes(result: MatchResult) -> set[str]:
    return {reason.code for reason in result.matches[0].reasons}


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("awas semeru akn meletus bsr mlm ini, wrg pronojiwo diminta mengungsi skrg!!", "lahar"),
        (
            "Diteruskan berkali-kali\n*BANTUAN SOSIAL 600rb CAIR*, daftar lewat tautan ini sblm besok",
            "bansos",
        ),
        ("rebusan daun pepaya bisa menyembuhkan demam berdarah semalam, ga perlu dokter", "pepaya"),
        ("ada penculik anak keliling pakai mobil putih dekat SD", "penculik"),
        ("7 truk berisi surat suara tercoblos ketahuan di pelabuhan", "suara"),
    ],
)
def test_the_right_entry_comes_first(matcher: Matcher, message: str, name: str) -> None:
    (result,) = matcher.match([message])
    assert result.matches[0].target_id == name
    assert result.band in ("answer", "review")


def test_a_copy_is_answered(matcher: Matcher) -> None:
    (result,) = matcher.match([f"Info: {CLAIMS['lahar']} sebarkan!"])
    assert (result.band, result.matches[0].target_id) == ("answer", "lahar")
    assert result.matches[0].probability > 0.9


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Hoaks: " + CLAIMS["lahar"], "denial"),
        ("Tidak benar Semeru akan meletus besar malam ini, warga Pronojiwo diminta tetap tenang", "denial"),
        (CLAIMS["lahar"].replace("akan", "tidak akan"), "negation_differs"),
        (CLAIMS["gempa"].replace("8", "5"), "numbers_differ"),
        (CLAIMS["bca"].replace("BCA", "BRI"), "names_differ"),
        (CLAIMS["lahar"].replace("Pronojiwo", "Candipuro").replace("Semeru", "Merapi"), "names_differ"),
    ],
)
def test_nearly_the_same_words_with_another_meaning_are_never_answered(
    matcher: Matcher, message: str, code: str
) -> None:
    (result,) = matcher.match([message])
    assert result.band != "answer"
    assert code in _codes(result)


@pytest.mark.parametrize(
    "said",
    [
        "awas smeru akn mletus bsr mlm ini, wrg pronojiwo dminta mngungsi skrg",
        "Nanti malam Gunung Semeru diperkirakan meletus hebat, penduduk Pronojiwo harus segera mengungsi",
        "Awas! Semeru arep njeblug gedhe bengi iki, warga Pronojiwo dikon ngungsi saiki",
    ],
)
def test_a_warning_is_known_in_other_words_and_languages(matcher: Matcher, said: str) -> None:
    (result,) = matcher.match([said])
    assert result.matches[0].target_id == "lahar"
    assert result.band in ("answer", "review")


@pytest.mark.parametrize(
    "denied",
    [
        "BPBD: tidak benar Semeru akan meletus besar malam ini, warga Pronojiwo tidak perlu mengungsi",
        "Awas hoaks! Semeru akan meletus besar malam ini, warga Pronojiwo diminta mengungsi sekarang",
        "PVMBG membantah Semeru akan meletus besar malam ini dan warga Pronojiwo diminta mengungsi sekarang",
        "Kabar Semeru akan meletus besar malam ini, warga Pronojiwo diminta mengungsi sekarang cuma isu",
        "Ora bener Semeru arep njeblug gedhe bengi iki, warga Pronojiwo ora usah ngungsi",
    ],
)
def test_its_denial_has_more_of_its_words_and_is_never_answered_with_it(
    matcher: Matcher, denied: str
) -> None:
    (result,) = matcher.match([denied])
    assert result.band != "answer"


def test_a_question_about_a_claim_is_answered_like_the_claim(matcher: Matcher) -> None:
    (result,) = matcher.match([f"Apakah benar {CLAIMS['pepaya']}?"])
    assert (result.band, result.matches[0].target_id) == ("answer", "pepaya")


@pytest.mark.parametrize("message", ["", "   ", "😀😀😀", "\u200b\u202e", "\0", "!!!"])
def test_without_words_there_is_no_match(matcher: Matcher, message: str) -> None:
    assert matcher.match([message]) == [MatchResult("new", (), matcher.model_version)]


@pytest.mark.parametrize(
    "message",
    ["Besok kerja bakti di balai desa jam tujuh", "Selamat ulang tahun ya", "semeru", "jual kambing murah"],
)
def test_other_messages_are_not_answered(matcher: Matcher, message: str) -> None:
    assert matcher.match([message])[0].band != "answer"


def test_an_empty_archive_knows_nothing(encoder: Encoder) -> None:
    matcher = Matcher(encoder)
    assert matcher.match([CLAIMS["lahar"], ""]) == [MatchResult("new", (), matcher.model_version)] * 2


def test_results_come_in_order_and_do_not_depend_on_company(matcher: Matcher) -> None:
    messages = [*CLAIMS.values(), "", "sesuatu yang lain"] * 8
    together = matcher.match(messages, top=3)
    assert [result.matches[0].target_id for result in together[: len(CLAIMS)]] == list(CLAIMS)
    for message, result in zip(messages[:12], together, strict=False):
        (alone,) = matcher.match([message], top=3)
        assert alone.band == result.band
        assert [match.target_id for match in alone.matches] == [match.target_id for match in result.matches]
        np.testing.assert_allclose(
            [match.probability for match in alone.matches],
            [match.probability for match in result.matches],
            atol=1e-5,
        )


def test_matches_are_best_first_at_most_top_each_entry_once(encoder: Encoder) -> None:
    matcher = Matcher(encoder)
    entries = [Entry(name, (claim, f"Kabar: {claim}")) for name, claim in CLAIMS.items()]
    matcher.index.update(entries, matcher.encode_entries(entries))
    (result,) = matcher.match([CLAIMS["beras"]], top=4)
    probabilities = [match.probability for match in result.matches]
    assert probabilities == sorted(probabilities, reverse=True)
    names = [match.target_id for match in result.matches]
    assert len(names) == len(set(names)) == 4


def test_an_entry_is_found_by_any_of_its_wordings(encoder: Encoder) -> None:
    matcher = Matcher(encoder)
    entries = [Entry(name, (claim,)) for name, claim in CLAIMS.items()]
    entries.append(Entry("dua", ("Judul yang tidak menyebut apa-apa", "Kucing hitam di atap membawa sial")))
    matcher.index.update(entries, matcher.encode_entries(entries))
    (result,) = matcher.match(["kucing hitam di atas atap katanya membawa sial"])
    assert result.matches[0].target_id == "dua"


def test_the_bundled_encoder_is_the_one_calibrated_for(encoder: Encoder) -> None:
    assert Matcher(encoder).calibrated
    assert Matcher(encoder).model_version == f"{encoder.name}+{calibration.load().identity}"


def test_another_encoder_is_never_trusted_with_answers(encoder: Encoder) -> None:
    other = Matcher(encoder, replace(calibration.load(), encoder="some-other-model"))
    entries = [Entry(name, (claim,)) for name, claim in CLAIMS.items()]
    other.index.update(entries, other.encode_entries(entries))
    assert not other.calibrated
    assert {result.band for result in other.match(list(CLAIMS.values()))} == {"review"}


def test_reasons_are_few_known_and_never_missing(matcher: Matcher) -> None:
    messages = [*CLAIMS.values(), *(claim.upper().replace(" ", "  ") for claim in CLAIMS.values()), "gempa 8"]
    for result in matcher.match(messages):
        for match in result.matches:
            assert 1 <= len(match.reasons) <= explain.MAX_REASONS
            assert {reason.code for reason in match.reasons} <= explain.CODES


def test_reasons_name_what_both_texts_share(matcher: Matcher) -> None:
    (result,) = matcher.match(["Kata tetangga, penculik anak berkeliling memakai mobil putih, hati-hati"])
    passages = [reason.values for reason in result.matches[0].reasons if reason.code == "shared_passage"]
    assert passages == [{"passage": "penculik anak berkeliling memakai mobil putih"}]
    (copy,) = matcher.match([CLAIMS["beras"]])
    assert _codes(copy) == {"same_wording"}


def test_a_shared_link_is_a_reason(encoder: Encoder) -> None:
    matcher = Matcher(encoder)
    entries = [Entry("a", ("Bantuan kambing di https://www.contoh.id/kambing?utm_source=x",))]
    matcher.index.update(entries, matcher.encode_entries(entries))
    (result,) = matcher.match(["coba buka contoh.id/kambing ada bantuan"])
    assert "same_link" in _codes(result)


def _features(matcher: Matcher, message: str) -> tuple[list[str], np.ndarray]:
    """Return the entries that are candidates for a message, best first, and their features."""
    snapshot = matcher.index.snapshot()
    assert snapshot is not None
    query = Query.of(message)
    scores = snapshot.scores(query, *encode_queries(matcher.encoder, [query]))
    candidates = select(snapshot, scores, calibration.load().background)
    names = [snapshot.wordings[row].target_id for row in candidates.rows]
    return names, matrix(snapshot, query, scores, candidates)


@pytest.mark.parametrize("group", ["passage", "wording", "meaning"])
def test_what_a_reason_stands_for_is_by_how_much_the_score_falls_without_it(
    matcher: Matcher, group: str
) -> None:
    fitted = calibration.load()
    names, found = _features(
        matcher, "Kata tetangga, penculik anak berkeliling memakai mobil putih, hati-hati"
    )
    place = names.index("penculik")
    without = found.copy()
    columns = [NAMES.index(name) for name in GROUPS[group]]
    without[:, columns] = fitted.neutral[columns]
    fallen = fitted.log_odds(found)[place] - fitted.log_odds(without)[place]
    assert fallen == pytest.approx(fitted.influences(found)[group][place])
    assert fallen > 0
    assert fitted.probabilities(without)[place] < fitted.probabilities(found)[place]


def test_a_message_without_the_shared_passage_scores_lower_and_loses_the_reason(matcher: Matcher) -> None:
    whole = "Kata tetangga, penculik anak berkeliling memakai mobil putih, hati-hati"
    apart = "Kata tetangga, mobil putih hati-hati penculik memakai berkeliling anak"
    (kept,), (torn,) = matcher.match([whole]), matcher.match([apart])
    assert "shared_passage" in _codes(kept)
    assert "shared_passage" not in _codes(torn)
    assert torn.matches[0].target_id == kept.matches[0].target_id == "penculik"
    assert torn.matches[0].probability < kept.matches[0].probability


def test_a_passage_is_shown_as_each_text_writes_it(matcher: Matcher) -> None:
    (result,) = matcher.match(["AWAS2 rebusan daun pepaya menyembuhkan demam berdarah dlm semalam, sebarkan"])
    (told,) = [reason.values for reason in result.matches[0].reasons if reason.code == "alike_passage"]
    assert told["message"] == "rebusan daun pepaya menyembuhkan demam berdarah dlm semalam"
    assert told["entry"] == "rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"


def test_a_long_message_is_matched_by_its_passages(matcher: Matcher) -> None:
    chat = "Selamat pagi bapak ibu sekalian, berikut ringkasan rapat warga tadi malam di balai dusun. "
    chat += (
        "Iuran kebersihan disepakati dua puluh ribu, ronda mulai pekan depan, jangan lupa bawa senter. " * 4
    )
    message = f"{chat}Oh ya, {CLAIMS['pepaya'].lower()}. {chat}"
    assert len(Query.of(message).parts) > 2
    names, found = _features(matcher, message)
    best = dict(zip(NAMES, found[names.index("pepaya")], strict=True))
    assert best["part"] > best["dense"]
    (result,) = matcher.match([message])
    assert result.matches[0].target_id == "pepaya"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("hubungi 0813-7788-9911 untuk undian", "Panggilan 0813 7788 9911 menguras pulsa"),
        ("cek https://rejeki-pos.example/masuk?no=3 hari ini", "Hadiah di https://rejeki-pos.example/klaim"),
        ("kabarnya kena denda Rp1.735.000", "Tagihan 1.735.000 dari pengadilan"),
        ("katanya dari BPJS", "BPJS menghapus kelas rawat inap"),
    ],
    ids=["phone", "host", "amount", "name"],
)
def test_what_shares_only_a_number_a_link_or_a_name_is_a_candidate(
    encoder: Encoder, said: str, told: str
) -> None:
    matcher = Matcher(encoder)
    first = said.split(maxsplit=1)[0]
    others = {f"lain {number}": f"{first} untuk cek hari ini dari kabarnya, {number}" for number in range(80)}
    entries = [Entry(name, (claim,)) for name, claim in {**others, "itu": told}.items()]
    matcher.index.update(entries, matcher.encode_entries(entries))
    names, _ = _features(matcher, said)
    assert "itu" in names
    unmarked, _ = _features(matcher, first)
    assert "itu" not in unmarked


def test_marks_are_numbers_links_hosts_and_names() -> None:
    marks = Query.of("Undian BRI 2 juta di https://www.rejeki.example/klaim?x=1 khusus Jawa Timur").marks
    link = "https://rejeki.example/klaim?x=1"
    assert marks == f"2000000 bri {link} jawa timur rejeki.example"
    assert Query.of("tidak ada apa-apa").marks == ""


def test_an_explanation_helps_to_find_its_entry_and_is_no_wording_of_the_claim(encoder: Encoder) -> None:
    matcher = Matcher(encoder)
    entries = [Entry(name, (claim,)) for name, claim in CLAIMS.items()]
    told = (
        "Beredar pesan berantai bahwa petani yang memakai cangkul gagang merah akan didatangi macan kumbang. "
        "Faktanya, dinas pertanian memastikan kabar itu tidak benar."
    )
    entries.append(Entry("macan", ("Pesan berantai soal cangkul",), told))
    matcher.index.update(entries, matcher.encode_entries(entries))
    (result,) = matcher.match(["petani yang memakai cangkul gagang merah akan didatangi macan kumbang"])
    assert result.matches[0].target_id == "macan"
    (denied,) = matcher.match(["Tidak benar petani cangkul gagang merah didatangi macan kumbang, itu hoaks"])
    assert denied.band != "answer"
    assert "denial" in _codes(denied)


@pytest.mark.parametrize("proven", [True, False])
def test_what_one_person_alone_called_the_same_is_found_but_answers_nobody(
    encoder: Encoder, proven: bool
) -> None:
    said = "Godhong kates digodhog sampai kental iku obat DBD, isuk wis mari ora usah nang dokter"
    pepaya = Entry("pepaya", (CLAIMS["pepaya"],))
    pepaya = replace(pepaya, texts=(*pepaya.texts, said)) if proven else replace(pepaya, unproven=(said,))
    entries = [pepaya, *(Entry(name, (text,)) for name, text in CLAIMS.items() if name != "pepaya")]
    matcher = Matcher(encoder)
    matcher.index.update(entries, matcher.encode_entries(entries))
    again, published = matcher.match([said, CLAIMS["pepaya"]])
    assert (again.band, again.matches[0].target_id) == ("answer" if proven else "review", "pepaya")
    assert _codes(again) == {"same_wording"}
    assert (published.band, published.matches[0].target_id) == ("answer", "pepaya")


def test_features_have_a_column_for_each_name(matcher: Matcher) -> None:
    found = _features(matcher, CLAIMS["gempa"])[1]
    assert found.shape == (len(CLAIMS), len(NAMES))
    assert np.isfinite(found).all()
    best = dict(zip(NAMES, found[0], strict=True))
    assert best["word"] == pytest.approx(1.0, abs=1e-4)
    assert best["run_share"] == best["word_coverage"] == pytest.approx(1.0, abs=1e-4)
    assert best["numbers_agree"] == 1
    assert best["numbers_missing"] == best["names_differ"] == 0


def test_a_small_archive_is_judged_against_the_background() -> None:
    background = Background(mean=0.8, spread=0.02)
    scores = np.array([0.8, 0.9], np.float32)
    few = background.of(scores).standardise(scores)
    assert few[0] == pytest.approx(0.0, abs=0.05)
    assert few[1] > 3
    scores = np.random.default_rng(1).normal(0.5, 0.1, 50_000).astype(np.float32)
    many = background.of(scores).standardise(scores)
    assert float(many.mean()) == pytest.approx(0.0, abs=0.05)
    assert float(many.std()) == pytest.approx(1.0, abs=0.05)


def test_longest_run_of_words() -> None:
    message = ["satu", "dua", "tiga", "empat", "lima"]
    assert longest_run(message, ["nol", "dua", "tiga", "empat", "enam"]) == ["dua", "tiga", "empat"]
    assert longest_run(["satu"], ["satuan"]) == []
    assert longest_run([], ["satu"]) == []


@pytest.mark.parametrize(
    ("code", "message", "entry"),
    [
        ("denial", "Tidak benar gempa besar mengguncang kota pada hari Jumat, itu hoaks", CLAIMS["gempa"]),
        ("negation_differs", "warga boleh minum air sumur itu", "warga tidak boleh minum air sumur itu"),
        ("numbers_differ", "bantuan sebesar 300 ribu dibagikan besok", "bantuan 500 ribu dibagikan besok"),
        ("names_differ", "bantuan tunai dari bank mandiri besok pagi", "bantuan tunai dari bank bri besok"),
        ("short_message", "gempa besar", CLAIMS["gempa"]),
        ("long_message", f"{CLAIMS['gempa']} " * 200, CLAIMS["gempa"]),
    ],
)
def test_what_forbids_an_answer_is_known_as_an_objection(code: str, message: str, entry: str) -> None:
    found = {reason.code for reason in explain.differences(Query.of(message), normalise(entry))}
    assert code in found
    assert found <= explain.OBJECTIONS < explain.CODES


def test_what_was_learned_answers_only_what_its_guard_would_answer_too(encoder: Encoder) -> None:
    fitted = calibration.load()
    bands = {}
    for name, guard in (("none", None), ("same", fitted), ("wary", replace(fitted, answer=1.0))):
        matcher = Matcher(encoder, replace(fitted, guard=guard))
        entries = [Entry(key, (claim,)) for key, claim in CLAIMS.items()]
        matcher.index.update(entries, matcher.encode_entries(entries))
        (result,) = matcher.match([CLAIMS["lahar"]])
        bands[name] = result.band
        assert result.matches[0].probability >= fitted.answer
    assert bands == {"none": "answer", "same": "answer", "wary": "review"}


def test_likely_is_what_the_calibration_in_use_would_show(encoder: Encoder) -> None:
    fitted = calibration.load()
    for shown_from in (fitted.review, 0.9999):
        matcher = Matcher(encoder, replace(fitted, review=shown_from))
        entries = [Entry(name, (claim,)) for name, claim in CLAIMS.items()]
        matcher.index.update(entries, matcher.encode_entries(entries))
        (result,) = matcher.match(["ada penculik anak keliling pakai mobil putih dekat SD"])
        assert [each.likely for each in result.matches] == [
            each.probability >= shown_from for each in result.matches
        ]
        assert result.matches[0].likely == (shown_from == fitted.review)
        assert not result.matches[-1].likely


def test_a_calibration_reads_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    fitted = calibration.load()
    calibration.save(fitted, path)
    assert calibration.load(path).identity == fitted.identity
    changed = path.read_text("utf-8").replace('"hubness"', '"something_else"')
    path.write_text(changed, "utf-8")
    with pytest.raises(calibration.CalibrationRefused, match="other features"):
        calibration.load(path)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"features": {}}', '{"features": 3}'])
def test_what_is_no_calibration_is_refused_with_its_name(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "angka.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(calibration.CalibrationRefused, match=r"angka\.json"):
        calibration.load(path)


@given(st.text(st.characters(), max_size=300))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_matched(matcher: Matcher, text: str) -> None:
    (result,) = matcher.match([text])
    assert result.band in ("answer", "review", "new")


@pytest.mark.parametrize(
    "text", ["a " * 5000, "😀" * 10_000, "semeru " * 1400, "1.000 " * 1600, "x" * 10_000]
)
def test_long_texts_can_be_matched(matcher: Matcher, text: str) -> None:
    assert matcher.match([text])[0].band in ("review", "new")


def test_a_long_message_costs_no_more_against_long_wordings(letters: Encoder) -> None:
    words = [f"kata{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}" for number in range(2000)]
    wordings = [" ".join(words[start:] + words[:start])[:10_000] for start in range(0, 2000, 50)]
    matcher = Matcher(letters)
    entries = [Entry(str(number), (text,)) for number, text in enumerate(wordings)]
    matcher.index.update(entries, matcher.encode_entries(entries))
    (result,) = matcher.match([wordings[7]])
    assert result.matches[0].target_id == "7"
