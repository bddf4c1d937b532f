"""`penjaga evaluate` and `penjaga bench` on a handful of made-up texts: the lines that the README shows."""

from __future__ import annotations

import json
import os
import re
from importlib import resources
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models import noise
from models.encoders import Encoder
from models.encoders import speed as encoder_speed
from models.encoders.bundled import find_bundled
from models.encoders.speed import SpeedRow
from models.speed.peers import PEERS, TORCH
from models.speed.steps import STEPS
from tests.models.conftest import CLAIMS
from triage.cli import loading
from triage.cli.bench import command as bench
from triage.cli.evaluate import command as evaluate
from triage.errors import InputRefused

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
HELD_OUT = json.loads(resources.files("models").joinpath("data/held_out_sentences.json").read_text("utf-8"))[
    "ids"
].split()
INTERVAL = r"\[[\d.]+, [\d.]+\]"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten entries, messages about four of them, one that comes round again, texts about something else."""
    files: dict[str, list[dict[str, object]]] = {
        "id_archive": [
            {"target_id": name, "title": title, "text": "Tidak benar." if name == "bca" else ""}
            for name, title in CLAIMS.items()
        ],
        "id_pairs.dev": [
            _pair("bca", CLAIMS["bca"], "easy"),
            _pair("bca", "tarif transfer bca jadi 150 ribu sebulan", "hard"),
            _pair("garam", CLAIMS["garam"], "easy"),
            _pair("penculik", CLAIMS["beras"], "hard", same=["beras"]),
        ],
        "id_pairs.train": [
            _pair("beras", "Kata bakul pasar, beras plastik itu nasinya awet sampai tiga hari", "easy")
        ],
        "id_recirculation.dev": [_recurrence(CLAIMS["bca"], "tarif transfer bca jadi 150 ribu sebulan")],
        "id_negatives.dev": [{"text": "Jadwal posyandu bulan depan di balai desa"}, {"text": "Selamat pagi"}],
        "id_contested.dev": [{"text": "Harga cabai turun setelah panen raya"}],
        "lang_pairs.train": [
            {"id": "baru", "lang": "jv", "ind": "Ayam naik atap.", "tgt": "Pitik munggah payon."},
            {
                "id": HELD_OUT[0],
                "lang": "jv",
                "ind": "Ibu pergi ke pasar.",
                "tgt": "Ibu lunga menyang pasar.",
            },
            {"id": HELD_OUT[1], "lang": "mad", "ind": "Hujan lebat.", "tgt": "Ojan raja."},
        ],
    }
    for name, rows in files.items():
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, "utf-8")
    return tmp_path


def _pair(target: str, query: str, tier: str, same: list[str] | None = None) -> dict[str, object]:
    row: dict[str, object] = {"query": query, "target_id": target, "tier": tier, "judged_same": same or []}
    return row | {"query_id": query, "alt_target_ids": [], "soft_alt_ids": []}


def _recurrence(earlier: str, later: str) -> dict[str, object]:
    return {"earlier_id": earlier, "earlier": earlier, "later_id": later, "later": later}


def _evaluate(data: Path, *words: str) -> Result:
    environ = {"PENJAGA_DATA": str(data / "installation"), "PENJAGA_ENCODERS": str(ENCODERS)}
    return CliRunner().invoke(evaluate, ["--data", str(data), *words], env=environ, catch_exceptions=False)


def test_evaluate_prints_each_figure_of_the_readme(data: Path, encoder: Encoder) -> None:
    done = _evaluate(data)
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert re.fullmatch(rf"model {encoder.name}\+[0-9a-f]{{8}}, (not )?calibrated", lines[0])
    for archive in (
        "titles only",
        r"titles \+ wordings learned from id_pairs.train",
        r"title \+ text",
    ):
        for expected in (
            rf"{archive}, id_pairs.dev \(all\), n=4: lenient R@1 1.000 \[1.000, 1.000\]",
            rf"{archive}, id_pairs.dev \(all\), n=4: lenient R@10 1.000 {INTERVAL}",
            rf"{archive}, id_pairs.dev \(all\), n=4: strict R@1 0.750 {INTERVAL}",
            rf"{archive}, id_pairs.dev \(hard\), n=2: strict R@1 0.500 {INTERVAL}",
            rf"{archive}, id_pairs.dev, n=4: band answer [\d.]+ {INTERVAL}",
            rf"{archive}, id_pairs.dev, n=4: expected calibration error [\d.]+ {INTERVAL}",
            rf"{archive}, id_negatives.dev, n=2: band new [\d.]+ {INTERVAL}",
            rf"{archive}, id_contested.dev, n=1: band answer 0.000 {INTERVAL}",
            rf"{archive}, id_pairs.dev \(medium\), n=4: expected calibration error [\d.]+ {INTERVAL}",
            rf"{archive}, id_pairs.dev: reliability of the best match's probability",
        ):
            assert [line for line in lines if re.fullmatch(expected, line)], expected
    for expected in (
        rf"lang_pairs.train held out \(jv -> id, 3 candidates\), n=1: encoder alone S@1 1.000 {INTERVAL}",
        rf"lang_pairs.train held out \(mad -> id, 3 candidates\), n=1: matching S@1 [\d.]+ {INTERVAL}",
        r"  promised [\d.]+, right [\d.]+, n= +\d+ [=| ]+",
    ):
        assert [line for line in lines if re.fullmatch(expected, line)], expected


def test_evaluate_prints_what_is_found_when_a_hoax_comes_round_again(data: Path) -> None:
    lines = _evaluate(data, "--titles-only").stdout.splitlines()
    for state in ("unknown", "known", "learned", "known, near-copies grouped"):
        expected = (
            rf"titles only, id_recirculation.dev, earlier message {state}, n=1: lenient R@1 1.000 {INTERVAL}"
        )
        assert [line for line in lines if re.fullmatch(expected, line)], expected
    for expected in (
        r"id_recirculation.dev, near-copies, n=0: pairwise precision nan \[nan, nan\]",
        rf"id_recirculation.dev, near-copies, n=1: pairwise recall 0.000 {INTERVAL}",
        rf".*id_recirculation.dev, near-copies and answers, n=1: pairwise recall [01].000 {INTERVAL}",
    ):
        assert [line for line in lines if re.fullmatch(expected, line)], expected


def test_evaluate_on_titles_alone_leaves_the_slower_run_out(data: Path) -> None:
    printed = _evaluate(data, "--titles-only").stdout
    assert "title + text" not in printed
    assert "wordings learned" not in printed


def test_evaluate_names_what_is_broken_in_its_files(data: Path) -> None:
    (data / "id_contested.dev.jsonl").write_text('{"teks": "x"}\n', "utf-8")
    with pytest.raises(InputRefused, match=r"id_contested\.dev\.jsonl, line 1: text is missing\."):
        _evaluate(data)
    (data / "id_contested.dev.jsonl").unlink()
    with pytest.raises(InputRefused, match=r"id_contested\.dev\.jsonl: No such file"):
        _evaluate(data)


def test_evaluate_shows_what_each_kind_of_noise_costs(data: Path, encoder: Encoder) -> None:
    lines = _evaluate(data, "--noise").stdout.splitlines()
    assert lines[0].startswith(f"model {encoder.name}+")
    assert lines[0].endswith("titles only, 4 messages of id_pairs.dev")
    for kind in ("plain", *noise.KINDS):
        for name in ("lenient R@1", "lenient R@10", "band answer"):
            assert [line for line in lines if re.fullmatch(rf"{kind}, n=4: {name} [\d.]+ {INTERVAL}", line)]


FIGURES = (
    r"[\d.]+ items/s, p50 [\d.]+ ms, p95 [\d.]+ ms, in batches [\d.]+ items/s, peak memory \d+ MB, "
    r"ready in [\d.]+ s, ratio [\d.]+, in batches [\d.]+"
)


def _bench(folder: Path, **settings: str) -> Result:
    environ = {"PENJAGA_DATA": str(folder), "PENJAGA_ENCODERS": str(ENCODERS)} | settings
    return CliRunner().invoke(bench, ["--entries", "300"], env=environ, catch_exceptions=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_bench_prints_each_line_of_the_readme(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The comparison of encoders takes minutes, and has a test of its own below.
    row = SpeedRow("one text", 1, 27.4, "torch fp32", 10.0, 32.5)
    monkeypatch.setattr(encoder_speed, "compare", lambda folder: [row])
    done = _bench(tmp_path)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "encoder, one text (1 x 27 tokens): int8 10.0 ms, torch fp32 32.5 ms, ratio 3.25"
    sizes = {size: f"{size} entries, " for size in (30, 100, 300)}
    systems = ("Penjaga", *(peer.name for peer in PEERS.values()))
    for size, system in [(100, "Penjaga"), *product((30, 300), systems)]:
        expected = re.escape(f"{sizes[size]}{system}: ") + FIGURES
        assert [line for line in lines if re.fullmatch(expected, line)], expected
    streams = [line for line in lines if line.startswith("stream with 19 repeats of each message, 30 ")]
    assert [line.split(", ")[2].split(":")[0] for line in streams] == [
        "Penjaga",
        PEERS[TORCH].name.split(", ")[0],
    ]
    matched = re.search(r"(\d+) of 400 matched", streams[0])
    assert matched is not None
    assert 20 <= int(matched[1]) < 200
    grown = [line for line in lines if line.startswith("growth, ")]
    for line, step in zip(grown, (*STEPS, "a new message, p50"), strict=True):
        costs = ", ".join(rf"[\d.]+ ms at {size}" for size in sizes)
        assert re.fullmatch(rf"growth, {step}: {costs}, exponent -?[\d.]+", line), line


def test_bench_says_what_it_leaves_out_and_what_failed(
    tmp_path: Path, letters: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process of its own is told the name of the encoder, and this one has none that it could load.
    monkeypatch.setattr(loading, "encoder", lambda config, progress: letters)
    done = _bench(tmp_path, PENJAGA_ENCODER=str(tmp_path / "letters"))
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert "encoder: letters is no build of ours; the int8 comparison is left out" in lines
    assert lines[-1].startswith("Error: Penjaga: ")


@pytest.mark.slow
def test_encoders_are_compared_on_the_same_texts(encoder: Encoder) -> None:
    texts = ["Katanya pasar tutup seminggu", "Tolong sebarkan, air sumur beracun"]
    one, batch = encoder_speed.compare(ENCODERS / find_bundled().key, texts, repeats=1)
    assert (one.workload, one.texts, batch.workload, batch.texts) == ("one text", 1, "batch", 2)
    assert 3 < batch.tokens < 30
    for row in (one, batch):
        assert row.ratio == row.peer_ms / row.int8_ms
        assert min(row.int8_ms, row.peer_ms) > 0
