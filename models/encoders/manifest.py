"""The list of what belongs to a built encoder, with a hash of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from models.encoders.api import EncoderDamaged

MANIFEST = "manifest.json"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, about: Mapping[str, object]) -> None:
    """List every file below `folder` with size and hash, beside the facts in `about`."""
    files = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": file_sha256(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    content = json.dumps({**about, "files": files}, indent=2) + "\n"
    (folder / MANIFEST).write_text(content, encoding="utf-8")


def check_manifest(folder: Path, part: str = "") -> None:
    """Compare the files whose path begins with `part` with the manifest.

    Raises EncoderDamaged when the manifest cannot be read, when it lists none of them, or
    when one of them is absent, of another size or of another hash.
    """
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        files = {name: dict(facts) for name, facts in listed.items() if name.startswith(part)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderDamaged(f"{folder}: {MANIFEST} cannot be read ({error})") from error
    if not files:
        raise EncoderDamaged(f"{folder}: {MANIFEST} lists no file {part}*")
    for name, facts in files.items():
        path = folder / name
        if not path.is_file():
            raise EncoderDamaged(f"{folder}: {name} is missing")
        if path.stat().st_size != facts.get("bytes"):
            raise EncoderDamaged(
                f"{folder}: {name} has {path.stat().st_size} bytes, expected {facts.get('bytes')}"
            )
        if file_sha256(path) != facts.get("sha256"):
            raise EncoderDamaged(f"{folder}: {name} is not what was built")
