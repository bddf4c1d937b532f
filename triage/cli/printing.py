"""Printing that takes any file name, and ends as a clear message where the output is full or gone."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

import click

from triage.errors import PenjagaError


class OutputLost(PenjagaError):
    """What a command prints cannot be written any more: the disk is full, or nobody reads it."""

    code = "output-lost"
    status = 500


def escape_unknown() -> None:
    """Print what the terminal's encoding lacks as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(line: str) -> None:
    """Print a line. Raises `OutputLost`, and only once: lines after that one are dropped."""
    try:
        click.echo(printable(line))
    except OSError as error:
        _drop_output()
        raise OutputLost(f"the output cannot be written: {error.strerror}") from error


def complain(lines: str) -> None:
    """Print lines beside the output, if they can be printed."""
    with suppress(OSError):
        click.echo(printable(lines, keep="\n"), err=True)


def printable(text: str, keep: str = "") -> str:
    """Escape what a file name may hold: controls of the terminal, bytes that are no text."""
    return "".join(each if each.isprintable() or each in keep else ascii(each)[1:-1] for each in text)


def _drop_output() -> None:
    # What is still buffered would be tried again, and fail again, when the process ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
