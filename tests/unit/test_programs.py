"""What `penjaga up` starts, by its settings."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from triage.config import load_config
from triage.errors import ConfigError
from triage.supervisor.programs import programs


def test_each_worker_has_a_name_and_a_port_of_its_own(tmp_path: Path) -> None:
    config = load_config(
        {"PENJAGA_DATA": str(tmp_path), "PENJAGA_WORKERS": "3", "PENJAGA_WORKER_METRICS": "127.0.0.1:9108"}
    )
    with socket.create_server(("127.0.0.1", 0)) as door:
        tree = programs(config, door)
    assert [program.name for program in tree] == ["broker", "web", "worker", "worker-2", "worker-3", "beat"]
    workers = [program for program in tree if program.name.startswith("worker")]
    assert [program.settings["PENJAGA_WORKER_METRICS"] for program in workers] == [
        "127.0.0.1:9108",
        "127.0.0.1:9109",
        "127.0.0.1:9110",
    ]
    assert len({program.argv for program in workers}) == 3


@pytest.mark.parametrize("number", ["0", "-1", "17", "dua", "1.5", "\u0661"])
def test_a_senseless_number_of_workers_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_WORKERS"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_WORKERS": number})
