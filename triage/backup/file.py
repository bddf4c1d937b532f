"""The file: gzip over lines of JSON, a header first, then each table and its rows, a checksum at the end."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from triage.errors import BackupRefused

FORMAT = 1
# Most of it is vectors, which hardly shrink: a low level is nearly as small and much faster.
_LEVEL = 3
_NO_LINKS = (errno.EPERM, errno.ENOTSUP)


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself.

    `secret`: check value of the secret in use (`triage.keys`); `numbers`: the highest number that each table
    ever gave, where the store knows it.
    """

    format: int
    revision: str
    store: str
    made_at: str
    secret: str
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Table:
    """The beginning of a table: its name and the columns that its rows have, in order."""

    name: str
    columns: list[str]


class Writer:
    """Writes lines, counts rows, and closes with the checksum of all lines before."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = gzip.GzipFile(fileobj=file, mode="wb", filename="", compresslevel=_LEVEL, mtime=0)
        self._digest = hashlib.sha256()
        self._table = ""
        self.rows: dict[str, int] = {}
        self._line({"penjaga-backup": asdict(header)})

    def table(self, table: Table) -> None:
        """Begin a table."""
        self._table, self.rows[table.name] = table.name, 0
        self._line({"table": table.name, "columns": table.columns})

    def row(self, values: list[Any]) -> None:
        """Add a row of the table that was begun."""
        self.rows[self._table] += 1
        self._line(values)

    def close(self) -> None:
        """Write the counts and the checksum; the file beneath stays open."""
        self._line({"end": self.rows})
        self._file.write(self._digest.hexdigest().encode() + b"\n")
        self._file.close()

    def _line(self, content: object) -> None:
        line = json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._file.write(line)


@contextmanager
def whole_file(target: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when it is whole and on the disk, for its owner alone.

    Raises `BackupRefused`, and leaves nothing, where it cannot be written or exists and may not be replaced.
    """
    if target.exists() and not replace:
        raise _exists(target)
    draft: str | None = None
    try:
        number, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _appear(Path(draft), target, replace=replace)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        raise BackupRefused(f"{target} cannot be written: {error.strerror}. No backup was made.") from error
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)


def _appear(draft: Path, target: Path, *, replace: bool) -> None:
    try:
        if replace:
            draft.replace(target)
        else:
            os.link(draft, target)
    except OSError as error:
        # A memory stick knows no second names.
        if error.errno not in _NO_LINKS or target.exists():
            raise
        draft.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _exists(target: Path) -> BackupRefused:
    return BackupRefused(f"{target} exists already; name another file, or say --replace.")


def read(path: Path) -> Iterator[Header | Table | list[Any]]:
    """Yield the header, then each table followed by its rows; at the end all was whole, as it was written.

    Raises `BackupRefused` saying what is wrong and where.
    """
    lines, place = _Lines(path), "the header"
    counted: dict[str, int] = {}
    name = ""
    try:
        yield _header(path, next(lines))
        for line in lines:
            place = f"line {lines.number}"
            content = json.loads(line)
            if isinstance(content, list):
                counted[name] += 1
                yield content
            elif "end" in content:
                lines.check_end(content["end"], counted)
                return
            else:
                name = content["table"]
                counted[name] = 0
                yield Table(name, content["columns"])
    except (EOFError, StopIteration) as error:
        raise BackupRefused(f"{path} ends too early, after {place}: the copy was cut off.") from error
    except (gzip.BadGzipFile, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{path} is damaged at {place}: take another copy.") from error
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error.strerror}.") from error
    raise BackupRefused(f"{path} ends too early, after {place}: the copy was cut off.")


class _Lines:
    """The lines of a backup, with their number and the checksum so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = self._read()
        self._digest = hashlib.sha256()
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line = next(self._lines)
        self.number += 1
        self._digest.update(line)
        return line

    def check_end(self, said: dict[str, int], counted: dict[str, int]) -> None:
        digest = self._digest.hexdigest()
        if next(self._lines, b"") != digest.encode() + b"\n":
            raise BackupRefused(f"{self._path} is damaged: its content does not fit its checksum.")
        if said != counted:
            raise BackupRefused(f"{self._path} is damaged: it holds other numbers of rows than it says.")
        if next(self._lines, None) is not None:
            raise BackupRefused(f"{self._path} is damaged: something follows its end.")

    def _read(self) -> Iterator[bytes]:
        with gzip.open(self._path, "rb") as file:
            yield from file


def _header(path: Path, line: bytes) -> Header:
    content = json.loads(line)
    if not isinstance(content, dict) or "penjaga-backup" not in content:
        raise BackupRefused(f"{path} is no backup of Penjaga.")
    header = content["penjaga-backup"]
    if header["format"] != FORMAT:
        raise BackupRefused(
            f"{path} has format {header['format']}: a later release made it; restore with that."
        )
    return Header(**header)
