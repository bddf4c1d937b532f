"""`penjaga doctor`: what is wrong, and what to do."""

from __future__ import annotations

import sys

import click

from triage import doctor
from triage.config import load_existing


@click.command()
def command() -> None:
    """Check configuration, store, broker, workers and model; exit code 1 if something is wrong."""
    healthy = True
    for finding in doctor.examine(load_existing()):
        click.echo(str(finding))
        healthy = healthy and finding.ok
    sys.exit(0 if healthy else 1)
