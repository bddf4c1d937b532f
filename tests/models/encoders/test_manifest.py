"""The manifest of a build: every change to a file is noticed, and the file is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from models.encoders.api import EncoderDamaged
from models.encoders.bundled import find_bundled, open_built
from models.encoders.manifest import MANIFEST, check_manifest, write_manifest

FILES = {
    "int8/encoder.onnx": b"graph",
    "int8/encoder.data": bytes(4096),
    "full/model": b"weights",
    "full/part/a": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_manifest(tmp_path, {"name": "tried"})
    return tmp_path


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_an_unchanged_folder_passes_whole_and_in_parts(folder: Path) -> None:
    check_manifest(folder)
    check_manifest(folder, "int8/")
    check_manifest(folder, "full/")
    listed = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert listed["name"] == "tried"
    assert set(listed["files"]) == set(FILES)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: _flip(path, 0), "is not what was built"),
        (lambda path: _flip(path, 4095), "is not what was built"),
        (lambda path: path.write_bytes(bytes(4095)), "has 4095 bytes, expected 4096"),
        (lambda path: path.write_bytes(bytes(4097)), "has 4097 bytes, expected 4096"),
        (lambda path: path.unlink(), "is missing"),
        (lambda path: (path.unlink(), path.mkdir()), "is missing"),
    ],
)
def test_a_changed_file_is_named(folder: Path, damage: Callable[[Path], object], says: str) -> None:
    damage(folder / "int8/encoder.data")
    for part in ("", "int8/"):
        with pytest.raises(EncoderDamaged, match=rf"int8/encoder\.data {says}"):
            check_manifest(folder, part)
    check_manifest(folder, "full/")


def test_a_folder_without_manifest_is_damaged(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(EncoderDamaged, match=r"manifest\.json cannot be read"):
        check_manifest(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"files": null}',
        b'{"files": ["int8/encoder.data"]}',
        b'{"files": {"int8/encoder.data": 4096}}',
        b'{"files": {"int8/encoder.data": "sha"}}',
    ],
)
def test_a_manifest_that_says_something_else_is_damaged(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(EncoderDamaged, match=r"manifest\.json cannot be read"):
        check_manifest(folder)


def test_a_manifest_that_leaves_facts_out_proves_nothing(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"files": {"int8/encoder.data": {"bytes": 4096}}}', "utf-8")
    with pytest.raises(EncoderDamaged, match=r"encoder\.data is not what was built"):
        check_manifest(folder)


@pytest.mark.parametrize("part", ["int4/", "int8x"])
def test_a_manifest_without_the_part_is_damaged(folder: Path, part: str) -> None:
    with pytest.raises(EncoderDamaged, match=f"lists no file {part}"):
        check_manifest(folder, part)


def test_an_altered_build_is_not_opened(folder: Path) -> None:
    (folder / "int8/encoder.onnx").write_bytes(b"grapH")
    with pytest.raises(EncoderDamaged, match=r"encoder\.onnx is not what was built"):
        open_built(folder, find_bundled())


def test_the_build_on_this_machine_is_whole(built: Path) -> None:
    check_manifest(built)
    about = json.loads((built / MANIFEST).read_text("utf-8"))
    assert about["weights"]["sha256"] == find_bundled().sha256
    assert built.name in about["name"]
