"""What is wrong with this installation, and what to do about it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from models import calibration
from models.calibration import CalibrationRefused
from models.encoders import EncoderError, load_encoder
from models.encoders.bundled import find_bundled
from models.encoders.loading import BUNDLED
from models.encoders.manifest import check_manifest
from triage import (
    accounting,
    broker,
    calibrations,
    events,
    keys,
    nearest,
    outbox,
    probes,
    reading_anew,
    schema,
)
from triage.alerts import post
from triage.alerts.post import MailAway
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import StoreDamaged, StoreUnavailable
from triage.trends import tallies

ENOUGH_DISK_BYTES = 1_000_000_000
# The sweep comes every few seconds; work that waits longer than this waits for nobody.
OVERDUE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `remedy` is empty where all is well."""

    subject: str
    what: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """True if nothing needs to be done."""
        return not self.remedy

    def __str__(self) -> str:
        """Write the line as the operator reads it."""
        return (
            f"ok: {self.subject}: {self.what}"
            if self.ok
            else f"problem: {self.subject}: {self.what}; {self.remedy}"
        )


def examine(config: Config) -> Iterator[Finding]:
    """Look at every part in turn; a part that fails does not keep the others from being looked at."""
    yield Finding("configuration", f"{config.environment}, data in {config.data}")
    yield _disk(config)
    yield from _store(config)
    yield from _broker(config)
    yield from _encoder(config)
    yield _mail(config)


def _disk(config: Config) -> Finding:
    if not os.access(config.data, os.W_OK):
        return Finding("disk", f"{config.data} may not be written to", "give it to the user who runs Penjaga")
    free = shutil.disk_usage(config.data).free
    what = f"{free / 1e9:.1f} GB free for {config.data}"
    return Finding("disk", what, "" if free >= ENOUGH_DISK_BYTES else "make room, or move PENJAGA_DATA")


def _store(config: Config) -> Iterator[Finding]:
    store = Store(config.database_url)
    try:
        yield from _content(store, config)
    except StoreDamaged as error:
        yield Finding("store", f"damaged ({error.cause})", "stop Penjaga and put back a copy of it")
    except StoreUnavailable as error:
        what_to_do = "check PENJAGA_DATABASE_URL, the disk, and that the server runs"
        yield Finding("store", f"does not answer ({error.cause})", what_to_do)
    finally:
        store.close()


def _content(store: Store, config: Config) -> Iterator[Finding]:
    kind = "SQLite" if store.is_sqlite else "PostgreSQL"
    if not schema.is_current(store):
        yield Finding("store", f"{kind}, without the present schema", "run `penjaga prepare`")
        return
    yield Finding("store", f"{kind}, present schema")
    yield _secret(store, config)
    yield _events(store)
    yield from _work(store)
    yield _wordings(store)
    yield _tallies(store, config)
    yield from _vectors(store, config)
    yield from _learned(store, config)


def _secret(store: Store, config: Config) -> Finding:
    with store.read() as session:
        found = keys.standing(session, config)
    if found == "foreign":
        return Finding("secret", keys.FOREIGN, keys.FOREIGN_REMEDY)
    if found == "known":
        earlier = len(config.earlier_secrets)
        beside = f", beside {earlier} earlier" if earlier else ""
        return Finding("secret", f"the one that the store is used with{beside}")
    return Finding("secret", "not noted in the store yet, which `penjaga prepare` does")


def _wordings(store: Store) -> Finding:
    with store.read() as session:
        number = reading_anew.in_earlier_form(session)
    what = f"{number} in an earlier normal form" if number else "all in the present normal form"
    return Finding("wordings", what, "run `penjaga prepare`" if number else "")


def _tallies(store: Store, config: Config) -> Finding:
    with store.read() as session:
        since = tallies.uncounted_since(session)
        if since is not None and now() - since > OVERDUE:
            what = f"nothing since {since:%Y-%m-%d %H:%M} UTC is counted"
            return Finding("trends", what, "see that worker and beat run")
        found = tallies.compare(session, config, tallies.last_days(config, 2))
    if found.wrong:
        return Finding(
            "trends", "tallies are not what the messages say", "run `penjaga trends check --repair`"
        )
    return Finding("trends", "tallies are what the messages say")


def _vectors(store: Store, config: Config) -> Iterator[Finding]:
    if config.vectors == "pgvector":
        reason = nearest.refusal(store)
        what = f"searched in memory: {reason}" if reason else "searched by pgvector"
        yield Finding("vectors", what, "do so, or unset PENJAGA_VECTORS" if reason else "")


def _learned(store: Store, config: Config) -> Iterator[Finding]:
    with store.read() as session:
        versions = calibrations.history(session)
        chosen = calibrations.read(session, calibrations.newest(session), calibration.load())
    if not versions or versions[0].identity == calibrations.PACKAGED:
        return
    since = f"{versions[0].identity}, in use since {versions[0].since:%Y-%m-%d %H:%M} UTC"
    if config.calibration is not None:
        yield Finding("learned from decisions", f"{since}, but PENJAGA_CALIBRATION takes its place")
    elif chosen.refusal:
        what_to_do = "run `penjaga learn`, or `penjaga learn --back`"
        yield Finding("learned from decisions", f"not used ({chosen.refusal})", what_to_do)
    else:
        yield Finding("learned from decisions", since)


def _events(store: Store) -> Finding:
    with store.read() as session:
        number, whole = events.head(session).seq, events.newest_fits(session)
    if whole:
        return Finding("event log", f"{number} events, the newest fits")
    return Finding("event log", f"event {number} does not fit", "run `penjaga events verify`")


def _work(store: Store) -> Iterator[Finding]:
    with store.read() as session:
        parked = len(outbox.parked(session))
        since = accounting.overdue_since(session)
        sums = accounting.balance(session)
        unencoded = accounting.unencoded(session)
        by_words = outbox.number_owed(session, "rematch")
    if since is not None and now() - since > OVERDUE:
        yield Finding("work", f"waits since {since:%Y-%m-%d %H:%M} UTC", "see that worker and beat run")
    else:
        yield Finding("work", "nothing waits for long")
    yield Finding("parked", f"{parked} items", "see `penjaga parked list`" if parked else "")
    line = str(sums)
    if sums.forgotten:
        line += f" ({', '.join(f'{task} {number}' for task, number in sums.unowed.items() if number)})"
    yield Finding("accounting", line, "" if sums.adds_up else "keep a copy of the store and report it")
    if by_words:
        what = f"{by_words} messages were matched by their words alone and wait for the encoder"
        yield Finding("matching", what, "see the encoder below; it is done again by itself")
    if unencoded:
        what = f"{unencoded} wordings without a vector that no work is owed for"
        yield Finding("archive", what, "start a worker anew: it owes them by itself")


def _broker(config: Config) -> Iterator[Finding]:
    refusal = probes.broker_refusal(config)
    if refusal is None:
        start = "start `penjaga up`" if config.embedded_broker else "check PENJAGA_REDIS_URL and that it runs"
        yield Finding("broker", "does not answer", start)
        return
    if refusal:
        what_to_do = "make room on its disk and in its memory; it goes on by itself"
        yield Finding("broker", f"runs, but takes no work ({refusal})", what_to_do)
        return
    yield Finding("broker", "answers and takes work")
    client = broker.client(config)
    try:
        names = probes.workers_that_answer(client)
    finally:
        client.close()
    remedy = "" if names else "start `penjaga up`, or a worker by itself"
    yield Finding("workers", ", ".join(names) or "none answers", remedy)


def _encoder(config: Config) -> Iterator[Finding]:
    try:
        if config.encoder == BUNDLED:
            # Loading would build what is missing; looking must not.
            bundled = find_bundled()
            folder = config.encoders / bundled.key
            check_manifest(folder)
            name, what = bundled.name, f"bundled, whole, in {folder}"
        else:
            encoder = load_encoder(config.encoder, config.encoders)
            name, what = encoder.name, f"{encoder.name}, {encoder.dimension} dimensions"
    except EncoderError as error:
        yield Finding("encoder", str(error), "run `penjaga encoder build`, or correct PENJAGA_ENCODER")
        return
    yield Finding("encoder", what)
    yield calibration_for(name, config.calibration)


def _mail(config: Config) -> Finding:
    if config.mail is None:
        return Finding("mail", "no server is set, so nobody is written to when a claim rises")
    try:
        post.look(config.mail)
    except MailAway as error:
        return Finding("mail", str(error), "check PENJAGA_SMTP_URL and the server (docs/operasi.md)")
    return Finding("mail", f"{config.mail.host} lets us in")


def calibration_for(encoder: str, path: Path | None = None) -> Finding:
    """Say whether the fitted numbers belong to the encoder of this name; else nothing is ever answered."""
    try:
        fitted = calibration.load(path)
    except CalibrationRefused as error:
        return Finding("calibration", str(error), "correct or unset PENJAGA_CALIBRATION")
    if fitted.encoder == encoder:
        return Finding("calibration", f"{fitted.identity}, fitted for this encoder")
    return Finding(
        "calibration",
        f"fitted for {fitted.encoder}, not for {encoder}: no message is answered by itself",
        "fit one and name it in PENJAGA_CALIBRATION (see the README), or unset PENJAGA_ENCODER",
    )
