"""Where a fault run happens: a process tree of `penjaga up`, with its servers beside it or built in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psutil
import requests

from tests.faults.servers import PostgreSQL, Redis, Server, SmallDisk
from tests.installation import MARKS, PENJAGA, START_S, STOP_S, free_port, wait_for
from triage.config import Config, load_config
from triage.db import Store

EMBEDDED, OUTGROWN = "embedded", "Redis + PostgreSQL"
# Found by Python when it starts; steps the clock of every Python process of the tree. Broker and database
# servers keep the right time, as servers elsewhere would.
_WRONG_CLOCK = Path(__file__).parent / "clock"


def missing() -> dict[str, str]:
    """Name what this machine lacks, and which faults are left out for it."""
    found = {}
    disk = SmallDisk()
    if not disk.possible:
        found["disk full"] = "no file system can be mounted here: that needs root"
    disk.remove()
    if shutil.which("redis-server") is None:
        found[OUTGROWN] = "redis-server is not installed"
    return found


@dataclass(slots=True)
class Place:
    """A running installation and what can be broken. `broker` and `database` are None where built in."""

    name: str
    url: str
    config: Config
    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    output: Path
    clock: Path
    disk: SmallDisk | None
    broker: Server | None
    database: Server | None

    def parts(self, name: str) -> list[psutil.Process]:
        """Return the living processes of a part of the tree."""
        found = []
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if MARKS[name] in " ".join(process.cmdline()):
                        found.append(process)
        return found

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to every process of a part."""
        for process in self.parts(name):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def step_clock(self, seconds: int) -> None:
        """Let the clock of every Python process of the tree be wrong by so much, ahead or behind."""
        self.clock.write_text(f"{seconds:+d}\n")

    def store(self) -> Store:
        """Open the store as this installation sees it."""
        return Store(self.config.database_url)

    def answers(self) -> bool:
        """Tell whether the whole service says that it is ready."""
        assert self.process.poll() is None, f"penjaga up ended: {self.output.read_text('utf-8')[-2000:]}"
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/readyz", timeout=3).status_code == 200
        return False


@contextmanager
def place(name: str, encoders: Path, faults: Sequence[str]) -> Iterator[Place]:
    """Start an installation that the named faults can be done to; stop it, and remove what it made."""
    with ExitStack() as ending:
        disk = None
        if "disk full" in faults:
            disk = SmallDisk()
            ending.callback(disk.remove)
            home = disk.folder
        else:
            home = Path(mkdtemp(prefix="penjaga-faults-"))
            # The database server is another user when root runs it.
            home.chmod(0o755)
            ending.callback(shutil.rmtree, home, ignore_errors=True)
        (home / "data").mkdir(mode=0o700)
        clock = home / "clock"
        environ = os.environ | {
            "PENJAGA_DATA": str(home / "data"),
            "PENJAGA_ENCODERS": str(encoders),
            "PORT": str(free_port()),
        }
        broker: Server | None = None
        database: Server | None = None
        if name == OUTGROWN:
            broker, database = _servers(home, ending)
            environ |= {"PENJAGA_REDIS_URL": broker.url, "PENJAGA_DATABASE_URL": database.url}
        config = load_config(environ)
        if "clock stepped" in faults:
            clock.write_text("+0\n")
            paths = [str(_WRONG_CLOCK), *filter(None, [environ.get("PYTHONPATH")])]
            environ |= {"PENJAGA_TEST_CLOCK": str(clock), "PYTHONPATH": os.pathsep.join(paths)}
        output = home / "up.out"
        with output.open("wb") as sink:
            process = subprocess.Popen([PENJAGA, "up"], env=environ, stdout=sink, stderr=subprocess.STDOUT)
        ending.callback(_end, process)
        url = f"http://127.0.0.1:{environ['PORT']}"
        found = Place(name, url, config, environ, process, output, clock, disk, broker, database)
        wait_for(
            "the installation to run", lambda: found.answers() and "Ctrl-C" in output.read_text(), START_S
        )
        yield found


def _servers(home: Path, ending: ExitStack) -> tuple[Server, Server]:
    (home / "redis").mkdir()
    (home / "postgres").mkdir()
    redis, postgres = Redis(home / "redis"), PostgreSQL(home / "postgres")
    for server in (redis, postgres):
        ending.callback(server.stop)
    redis.start()
    return redis, postgres


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGKILL):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
            return


def recover(where: Place) -> None:
    """Put back whatever a fault may have left broken, and wait until the installation is ready."""
    where.step_clock(0)
    if where.disk is not None:
        where.disk.free()
    for part in MARKS:
        where.signal(part, signal.SIGCONT)
    for server in (where.broker, where.database):
        if server is not None:
            server.start()
    wait_for("the installation to be ready again", where.answers, START_S, every=0.2)
