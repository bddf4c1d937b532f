"""Sealing: readable by this installation, for one purpose, unchanged; by nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage import sealing
from triage.config import Config
from triage.errors import SealBroken


def test_what_is_sealed_is_read_again_and_differs_each_time(config: Config) -> None:
    first, second = (sealing.seal(config, "uji", "rahasia é") for _ in range(2))
    assert first != second
    assert "rahasia" not in first
    assert sealing.unseal(config, "uji", first) == sealing.unseal(config, "uji", second) == "rahasia é"


def test_another_purpose_another_secret_or_one_changed_byte_opens_nothing(config: Config) -> None:
    sealed = sealing.seal(config, "uji", "rahasia")
    changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    other = replace(config, secret="9f8e7d6c5b4a39281706f5e4d3c2b1a0")
    for asked, purpose, text in (
        (config, "lain", sealed), (other, "uji", sealed), (config, "uji", changed), (config, "uji", ""),
        (config, "uji", "é"),
    ):  # fmt: skip
        with pytest.raises(SealBroken):
            sealing.unseal(asked, purpose, text)
