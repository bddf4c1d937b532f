"""What stands in a log line cannot pose as another line, nor act on the terminal that shows it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

HOSTILE = [
    "satu\nlevel=info event=palsu", "satu\r\ndua", "\x1b[31mmerah\x1b[0m", "\x1b]0;judul\x07", "\x9b31m",
    "a\u202eb\u2066c",
    "\u2028baris", "\u2029", "\x85", "\x00", "\u200b\ufeff", '"} {"event": "palsu"', "\ud800",
]  # fmt: skip
PROGRAM = """
import json, sys, structlog, logging
from triage import logs
logs.configure()
for text in json.loads(sys.argv[1]):
    structlog.get_logger("uji").warning("kabar", sent=text)
    logging.getLogger("pustaka").warning("kabar %s", text)
"""


def _command() -> list[str]:
    return [sys.executable, "-c", PROGRAM, json.dumps(HOSTILE)]


def test_a_file_gets_one_line_of_json_for_each_event() -> None:
    ran = subprocess.run(_command(), capture_output=True, check=True, timeout=120)
    lines = ran.stderr.decode("ascii").splitlines()
    assert len(lines) == 2 * len(HOSTILE)
    found = [json.loads(line) for line in lines]
    assert [each["sent"] for each in found[::2]] == HOSTILE
    assert {each["level"] for each in found} == {"warning"}


@pytest.mark.skipif(not hasattr(pty, "openpty"), reason="no terminals here")
def test_a_terminal_gets_one_printable_line_for_each_event() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(_command(), stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = bytearray()
    while piece := _read(ours):
        shown += piece
    assert process.wait(60) == 0
    os.close(ours)
    lines = shown.decode("utf-8").replace("\r\n", "\n").removesuffix("\n").split("\n")
    assert len(lines) == 2 * len(HOSTILE)
    assert all(line.isprintable() for line in lines)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how a terminal says that its other end is gone
        return b""
