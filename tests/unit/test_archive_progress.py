"""What a person sees of a running import, on a terminal of eight lines and without one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from triage.archive.importing import Progress
from triage.cli import import_progress

URL = "https://contoh.example/wp-json/wp/v2/posts"


class Terminal:
    """A small terminal, and what stands on it."""

    def __init__(self) -> None:
        self.console = Console(file=io.StringIO(), force_terminal=True, width=100, height=8)

    def lines(self, shown: import_progress.Shown) -> list[str]:
        assert isinstance(shown, import_progress.Bars)
        sheet = io.StringIO()
        Console(file=sheet, width=100, height=8).print(shown.bar.get_renderable())
        return [line.strip() for line in sheet.getvalue().splitlines() if line.strip()]


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def test_the_file_in_hand_is_the_one_that_is_shown(terminal: Terminal) -> None:
    with import_progress.shown(terminal.console) as shown:
        for number in range(30):
            shown.update(Progress(f"/arsip/berkas{number}.jsonl", 0, None, 0, 0))
            (line,) = terminal.lines(shown)
            assert f"berkas{number}.jsonl: opening" in line
            shown.update(Progress(f"/arsip/berkas{number}.jsonl", 500, 1000, 499, 1))
            (line,) = terminal.lines(shown)
            assert f"berkas{number}.jsonl" in line
            assert "500/1000" in line


def test_an_address_is_shown_while_it_is_fetched_and_while_a_server_lets_us_wait(terminal: Terminal) -> None:
    with import_progress.shown(terminal.console) as shown:
        assert isinstance(shown, import_progress.Bars)
        during: list[list[str]] = []
        bars = import_progress.Bars(shown.bar, sleep=lambda _seconds: during.append(terminal.lines(bars)))
        bars.update(Progress(URL, 0, None, 0, 0))
        assert "posts: fetching" in terminal.lines(bars)[0]
        bars.wait(30)
        assert "posts: waiting 30 s before asking the server again" in during[0][0]
        assert "posts: fetching" in terminal.lines(bars)[0]


def test_controls_in_a_name_do_not_reach_the_terminal(terminal: Terminal) -> None:
    with import_progress.shown(terminal.console) as shown:
        shown.update(Progress("/arsip/a\x1b]0;b\udcff.jsonl", 0, None, 0, 0))
        assert "a\\x1b]0;b\\udcff.jsonl: opening" in terminal.lines(shown)[0]


def test_without_a_terminal_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    waits: list[float] = []
    shown = import_progress.Lines(sleep=waits.append)
    for line in range(0, 10_500, 500):
        shown.update(Progress(URL, line, None, line, 0))
    shown.wait(2.4)
    assert capsys.readouterr().err.splitlines() == [
        f"{URL}: line 5000, in 5000, refused 0",
        f"{URL}: line 10000, in 10000, refused 0",
        f"{URL}: waiting 2 s before asking the server again",
    ]
    assert waits == [2.4]


def test_where_nobody_looks_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with import_progress.shown(Console(file=io.StringIO(), force_terminal=False)) as shown:
        shown.update(Progress(URL, 500, None, 500, 0))
    assert isinstance(shown, import_progress.Lines)
    assert capsys.readouterr().err == ""
