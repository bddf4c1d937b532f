"""The tree: children started in order, restarted when they die, stopped in reverse."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from triage.errors import CannotStart
from triage.supervisor.child import Child

READY_WITHIN_S = 180.0
_LOOK_EVERY_S = 0.2
_HOUSEKEEPING_EVERY_S = 60.0
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Tree:
    """Children in the order of their start. `say` prints one line for the operator."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self._children = children
        self._say = say
        self._asked_to_stop = 0

    def run(self, when_ready: Callable[[], None]) -> None:
        """Start everything, call `when_ready`, then keep it running until a signal asks to stop.

        Raises `CannotStart` if a child does not come up; nothing is left running in any case.
        Afterwards the process is meant to end: it no longer reacts to the signals that stop it.
        """
        for number in _STOPPING:
            signal.signal(number, self._note_signal)
        try:
            if self._start():
                when_ready()
                self._keep_running()
        finally:
            self._stop()
            # Who presses Ctrl-C once more now must not turn a clean end into a failure.
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop += 1

    def _start(self) -> bool:
        """Bring all children up; False if asked to stop meanwhile."""
        waiting: list[Child] = []
        for child in self._children:
            child.rotate_log(at_bytes=0)
            child.start()
            waiting.append(child)
            if child.program.first and not self._await_ready(waiting):
                return False
        return self._await_ready(waiting)

    def _await_ready(self, waiting: list[Child]) -> bool:
        give_up = time.monotonic() + READY_WITHIN_S
        while waiting and not self._asked_to_stop:
            for child in list(waiting):
                if not child.alive:
                    raise CannotStart(_report(child, f"ended during start-up ({child.how_it_ended()})"))
                if child.works():
                    self._say(f"{child.program.name:<8}{child.program.place}")
                    waiting.remove(child)
                elif time.monotonic() > give_up:
                    raise CannotStart(_report(child, f"was not ready after {READY_WITHIN_S:.0f} seconds"))
            time.sleep(_LOOK_EVERY_S / 2)
        return not self._asked_to_stop

    def _keep_running(self) -> None:
        housekeeping = time.monotonic() + _HOUSEKEEPING_EVERY_S
        while not self._asked_to_stop:
            for child in self._children:
                self._attend(child)
            if time.monotonic() > housekeeping:
                housekeeping += _HOUSEKEEPING_EVERY_S
                for child in self._children:
                    child.rotate_log()
            time.sleep(_LOOK_EVERY_S)

    def _attend(self, child: Child) -> None:
        name = child.program.name
        if not child.alive:
            if child.starts_at is None:
                how = child.how_it_ended()
                wait = child.schedule_restart()
                self._say(_report(child, f"ended ({how}); starting it again in {wait:.0f} s", lines=3))
            elif time.monotonic() >= child.starts_at:
                child.start()
        elif not child.ready and child.works():
            self._say(f"{name} is back (process {child.pid})")

    def _stop(self) -> None:
        """Stop children in reverse order, each with its grace; at once when asked a second time."""
        for child in reversed(self._children):
            child.ask_to_stop()
            deadline = time.monotonic() + child.program.grace_s
            while child.alive and self._asked_to_stop < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            if child.alive:
                self._say(f"{child.program.name} did not stop by itself: killed")
                child.kill()


def _report(child: Child, what: str, lines: int = 8) -> str:
    newest = "".join(f"\n    {line}" for line in child.last_lines(lines))
    where = f"\n  last lines of {child.log}:{newest}" if newest else ""
    return f"{child.program.name} {what}{where}"
