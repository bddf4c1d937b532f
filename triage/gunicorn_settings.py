"""Settings of gunicorn: `gunicorn --config=python:triage.gunicorn_settings 'triage.app:served_app()'`."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile

from triage import logs

workers = 2
threads = 8
# Seconds for requests that have begun, when asked to stop.
graceful_timeout = 30
# What proxies say is believed, as far as PENJAGA_PROXIES declares them, by the application alone.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
# In memory: a worker's sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn makes its own unguessable file there
# Where the processes put what they count, so that each can tell what all have counted. In memory, too: the
# files are mapped, and writing to such a file on a full disk ends a process.
_COUNTED = tempfile.mkdtemp(prefix="penjaga-metrics-", dir=worker_tmp_dir)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _COUNTED


def on_exit(_server: object) -> None:
    """Remove what was counted."""
    shutil.rmtree(_COUNTED, ignore_errors=True)


def post_worker_init(_worker: object) -> None:
    """Log as every other process does, also what gunicorn itself has to say."""
    logs.configure()
    own = logging.getLogger("gunicorn.error")
    own.handlers.clear()
    own.propagate = True
