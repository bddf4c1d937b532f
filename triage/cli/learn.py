"""`penjaga learn`: matching learns from what people confirmed and rejected."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from models import calibration
from models.training.decisions import Measured
from models.training.refit import PROOF
from triage import calibrations, learning
from triage.cli.opening import existing
from triage.config import Config
from triage.errors import ConfigError
from triage.learning import Learned, Trial
from triage.permissions import OPERATOR


@click.command()
@click.option("--list", "listing", is_flag=True, help="Only list what was in use since when, newest first.")
@click.option("--back", "going_back", is_flag=True, help="Only go back to what was in use before.")
def command(listing: bool, going_back: bool) -> None:
    """Refit re-ranker and calibration on decisions; use the result if it is better on a part kept aside."""
    if listing and going_back:
        raise click.UsageError("Give --list or --back, not both.")
    with existing() as (config, store):
        if listing:
            with store.read() as session:
                _list(session, config)
            return
        if config.calibration is not None:
            raise ConfigError(
                f"PENJAGA_CALIBRATION names {config.calibration}, which takes the place of whatever is "
                "learned: unset it first."
            )
        if going_back:
            click.echo(f"in use again: {calibrations.back(store, OPERATOR)}")
            return
        _say(learning.learn(store, OPERATOR, calibration.load(), lambda step: click.echo(step, err=True)))


def _list(session: Session, config: Config) -> None:
    versions = calibrations.history(session)
    for version in versions:
        click.echo(f"{version.identity}  since {version.since:%Y-%m-%d %H:%M} UTC, by {version.actor}")
    if not versions:
        click.echo(f"{calibrations.PACKAGED}: nothing was learned yet")
    if config.calibration is not None:
        click.echo(f"none of these is used: PENJAGA_CALIBRATION names {config.calibration}")
        return
    chosen = calibrations.read(session, calibrations.newest(session), calibration.load())
    if chosen.refusal:
        click.echo(f"not used: {chosen.refusal}; the numbers that come with the program are")


def _say(learned: Learned) -> None:
    kinds = learned.found.kinds
    click.echo(
        f"decisions: {kinds['confirmed']} confirmed, {kinds['rejected']} rejected, "
        f"{kinds['passed over']} passed over; {kinds['stands']} answered at once and not taken back"
    )
    if learned.found.left_out:
        click.echo(f"left out: {learned.found.left_out}, weighed by another encoder or release")
    click.echo(f"to learn from: {learned.taught}; kept aside: {learned.aside}")
    if learned.trial is not None:
        _compare(learned.trial)
    click.echo(learned.why)
    click.echo(f"in use: {learned.current}")


def _compare(trial: Trial) -> None:
    click.echo(f"before, on those kept aside: {_told(trial.before)}")
    click.echo(f"{trial.tried}, on the same: {_told(trial.after)}")
    if trial.guarded:
        click.echo(
            "answers by itself only what the numbers of the program would answer too: of those kept aside it "
            f"would answer {trial.newly} more, and {PROOF} without a wrong one would lift that"
        )


def _told(measured: Measured) -> str:
    precision = "" if measured.precision is None else f" (precision {measured.precision:.3f})"
    return (
        f"log-loss {measured.log_loss:.4f}, calibration error {measured.calibration_error:.3f}, "
        f"{measured.answered} answered by itself, {measured.answered_wrong} of them wrong{precision}"
    )
