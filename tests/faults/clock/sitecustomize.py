"""Makes the clock of a Python process wrong by as many seconds as a file says, from one moment to the next.

Python loads it by itself where this folder is in PYTHONPATH. What measures spans, the monotonic clock, goes
on as it does on a machine whose clock is set.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import time_machine

LOOK_EVERY_S = 0.5
_SECONDS = Path(os.environ["PENJAGA_TEST_CLOCK"])


def _follow() -> None:
    wrong_by, travelling = 0, None
    while True:
        wanted = int(_SECONDS.read_text("ascii") or wrong_by)
        if wanted != wrong_by:
            if travelling is not None:
                travelling.stop()
                travelling = None
            if wanted:
                travelling = time_machine.travel(timedelta(seconds=wanted))
                travelling.start()
            wrong_by = wanted
        time.sleep(LOOK_EVERY_S)


threading.Thread(target=_follow, name="wrong-clock", daemon=True).start()
