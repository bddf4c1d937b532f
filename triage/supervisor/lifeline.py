"""Runs a program that ends when the process that started it ends, however that ends.

Started as a file, without site packages, because it must cost nothing:
`python -I -S lifeline.py PARENT_PID PROGRAM [ARGUMENT...]`. Where the kernel can kill a child with its
parent, this process becomes the program; elsewhere it stays and watches the parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import FrameType

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_S = 0.5
_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Run the program; returns only if the parent is gone already or the kernel cannot help."""
    parent, program = int(arguments[0]), list(arguments[1:])
    bound = _bound_to_parent()
    # The parent may have died before it was asked for.
    if os.getppid() != parent:
        return 1
    if bound:
        os.execvp(program[0], program)  # noqa: S606 - no shell is the point
    return watch(program, lambda: os.getppid() == parent)


def watch(program: Sequence[str], parent_lives: Callable[[], bool]) -> int:
    """Run the program as a child, pass signals on, kill it when the parent is gone; return its exit code."""
    # With whatever was lent to this process, which has nothing else open.
    with subprocess.Popen(program, close_fds=False) as child:

        def pass_on(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        for each in _PASSED_ON:
            signal.signal(each, pass_on)
        while True:
            try:
                return child.wait(_LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                if not parent_lives():
                    child.kill()


def _bound_to_parent() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL)) == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
