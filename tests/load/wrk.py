"""Debian's `wrk` as the source of load: how many requests in how long, and how soon they were answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Each request once and in order, from another address each: a load is many people.
_SCRIPT = """
local lines = {}
for line in io.lines(os.getenv("LOAD_LINES")) do lines[#lines + 1] = line end
local method, kind, cookie = os.getenv("LOAD_METHOD"), os.getenv("LOAD_KIND"), os.getenv("LOAD_COOKIE")
local number = 0
local figures = '{"requests":%d,"micros":%d,"refused":%d,"lost":%d,"p50":%d,"p99":%d,"most":%d}'
function request()
  local line = lines[number % #lines + 1]
  number = number + 1
  local from = string.format("103.%d.%d.%d", number % 199, math.floor(number / 199) % 251, number % 7)
  local headers = {["X-Forwarded-For"] = from, ["X-Forwarded-Proto"] = "https", ["Cookie"] = cookie}
  if method == "GET" then return wrk.format("GET", line, headers) end
  headers["Content-Type"] = kind
  return wrk.format(method, wrk.path, headers, line)
end
function done(summary, latency, requests)
  local wrong = summary.errors
  io.write("\\nFIGURES " .. string.format(
    figures, summary.requests, summary.duration, wrong.status,
    wrong.connect + wrong.read + wrong.write + wrong.timeout,
    latency:percentile(50), latency:percentile(99), latency.max) .. "\\n")
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one load came to. `refused`: answered with an error; `lost`: not answered. Milliseconds."""

    answered: int
    refused: int
    lost: int
    seconds: float
    p50: float
    p99: float
    most: float

    @property
    def rate(self) -> float:
        """Requests that were answered well, a second."""
        return (self.answered - self.refused) / self.seconds

    def __str__(self) -> str:
        """Write the figures in one line."""
        wrong = f", {self.refused} refused, {self.lost} lost" if self.refused or self.lost else ""
        return (
            f"{self.rate:.0f}/s, p50 {self.p50:.0f} ms, p99 {self.p99:.0f} ms, most {self.most:.0f} ms{wrong}"
        )


def installed() -> bool:
    """Tell whether the machine has it (`apt-get install wrk`)."""
    return shutil.which("wrk") is not None


def post(url: str, bodies: Path, seconds: int, connections: int, folder: Path) -> Load:
    """Post a file of JSON bodies over so many connections at once, as fast as they are answered."""
    return _run(url, bodies, seconds, connections, folder, {"METHOD": "POST", "KIND": "application/json"})


def get(url: str, paths: Path, seconds: int, connections: int, folder: Path, cookie: str = "") -> Load:
    """Get a file of paths, in the same way."""
    return _run(url, paths, seconds, connections, folder, {"METHOD": "GET", "COOKIE": cookie})


def _run(
    url: str, lines: Path, seconds: int, connections: int, folder: Path, settings: dict[str, str]
) -> Load:
    script = folder / "load.lua"
    script.write_text(_SCRIPT, "utf-8")
    given = {"LOAD_LINES": str(lines), "LOAD_KIND": "", "LOAD_COOKIE": ""}
    given |= {f"LOAD_{name}": value for name, value in settings.items()}
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=20s", "-s", str(script), url]
    done = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("FIGURES "))
    found = json.loads(line.removeprefix("FIGURES "))
    return Load(
        answered=found["requests"],
        refused=found["refused"],
        lost=found["lost"],
        seconds=found["micros"] / 1e6,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        most=found["most"] / 1000,
    )
