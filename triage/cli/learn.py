"""`penjaga learn`: matching learns from what people confirmed and rejected."""

from __future__ import annotations

import click

from models import calibration
from models.training.refit import Measured
from triage import calibrations, learning
from triage.cli.opening import existing
from triage.encoding import encoder_errors
from triage.errors import ConfigError
from triage.learning import Learned
from triage.permissions import OPERATOR


@click.command()
@click.option("--list", "listing", is_flag=True, help="Only list what was in use since when.")
@click.option("--back", "going_back", is_flag=True, help="Only go back to what was in use before.")
def command(listing: bool, going_back: bool) -> None:
    """Refit re-ranker and calibration on decisions; use the result if it is better on a part kept aside."""
    if listing and going_back:
        raise click.UsageError("Give --list or --back, not both.")
    with existing() as (config, store):
        if listing:
            with store.read() as session:
                versions = calibrations.history(session)
            for version in versions:
                click.echo(
                    f"{version.identity}  since {version.since:%Y-%m-%d %H:%M} UTC, by {version.actor}"
                )
            if not versions:
                click.echo(f"{calibrations.PACKAGED}: nothing was learned yet")
            return
        if config.calibration is not None:
            raise ConfigError(
                "PENJAGA_CALIBRATION is set, so that what is learned would not be used: unset it first."
            )
        if going_back:
            click.echo(f"in use again: {calibrations.back(store, OPERATOR)}")
            return
        with encoder_errors():
            packaged = calibration.load()
        _say(learning.learn(store, OPERATOR, packaged))


def _say(learned: Learned) -> None:
    click.echo(f"decisions: {learned.decisions}")
    for name, measured in (("in use", learned.before), ("learned", learned.after)):
        if measured:
            click.echo(f"{name}: {_told(measured)}")
    click.echo(f"{learned.identity or 'nothing learned'}: {learned.why}")


def _told(measured: Measured) -> str:
    return (
        f"log-loss {measured.log_loss:.4f} on {measured.decisions} decisions kept aside, "
        f"{measured.answered} at the height of an answer, {measured.answered_wrong} of them rejected"
    )
