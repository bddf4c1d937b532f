"""`penjaga doctor`: what is wrong, and what to do."""

from __future__ import annotations

import logging
import sys

import click

from triage import doctor, logs
from triage.config import load_config


@click.command()
def command() -> None:
    """Check configuration, store, broker, workers and model; exit code 1 if something is wrong."""
    # The findings say what the log lines would.
    logs.configure(logging.CRITICAL)
    healthy = True
    for finding in doctor.examine(load_config()):
        click.echo(str(finding))
        healthy = healthy and finding.ok
    sys.exit(0 if healthy else 1)
