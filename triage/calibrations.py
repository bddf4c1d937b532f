"""Which calibration is used: the program's own, or one learned from decisions and kept in the store.

A version is stored whole in the transaction that uses it: workers on any machine read the same one, and none
can be used that was not written to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import calibration
from models.calibration import Calibration, CalibrationRefused
from triage import events
from triage.columns import now
from triage.db import Store
from triage.errors import NotFound
from triage.permissions import Actor
from triage.tables import CalibrationUse, CalibrationVersion

PACKAGED = "packaged"


@dataclass(frozen=True, slots=True)
class Version:
    """A calibration that was in use from `since` on; `identity` is `packaged` for the program's own."""

    identity: str
    since: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What matching is to work with. `refusal`: why that is not what was learned; empty when it is."""

    calibration: Calibration
    refusal: str = ""


def newest(session: Session) -> CalibrationUse | None:
    """Return what was last brought into use, None while nothing ever was."""
    return session.scalar(select(CalibrationUse).order_by(CalibrationUse.id.desc()).limit(1))


def number(use: CalibrationUse | None) -> int:
    """Return the number of what is in use: it changes whenever something else comes into use."""
    return use.id if use else 0


def read(session: Session, use: CalibrationUse | None, packaged: Calibration) -> Chosen:
    """Return what is in use. What this release cannot go by gives way to the program's own numbers."""
    if use is None or use.version_id is None:
        return Chosen(packaged)
    version = session.get_one(CalibrationVersion, use.version_id)
    if version.base != packaged.identity:
        return Chosen(packaged, f"{version.identity} was learned from the numbers of another release")
    try:
        found = calibration.parse(version.content, version.identity)
    except CalibrationRefused as error:
        return Chosen(packaged, str(error))
    if found.identity != version.identity or found.encoder != packaged.encoder:
        return Chosen(packaged, f"{version.identity} is not what was stored under this name")
    return Chosen(found)


def history(session: Session) -> list[Version]:
    """List what was in use since when, newest first."""
    rows = session.execute(
        select(CalibrationUse.since, CalibrationUse.actor, CalibrationVersion.identity)
        .outerjoin(CalibrationVersion, CalibrationVersion.id == CalibrationUse.version_id)
        .order_by(CalibrationUse.id.desc())
    )
    return [Version(row.identity or PACKAGED, row.since, row.actor) for row in rows]


def stated_error(session: Session) -> float | None:
    """Return the calibration error that was measured when what is in use was learned.

    None of the program's own numbers, whose error stands in its README and was measured on other messages.
    """
    use = newest(session)
    if use is None or use.version_id is None:
        return None
    version = session.get_one(CalibrationVersion, use.version_id)
    try:
        return calibration.parse(version.content, version.identity).figures.get("calibration_error")
    except CalibrationRefused:
        return None


def back(store: Store, actor: Actor) -> str:
    """Use what was in use before the present version; return its identity. Raises `NotFound`."""
    with store.write() as session:
        use = newest(session)
        if use is None or use.version_id is None:
            raise NotFound("The calibration that comes with the program is in use; there is none before it.")
        earlier = session.get_one(CalibrationUse, use.back_to) if use.back_to is not None else None
        version = earlier.version_id if earlier else None
        _use(session, actor, version, earlier.back_to if earlier else None, {})
        return session.get_one(CalibrationVersion, version).identity if version else PACKAGED


def bring_into_use(
    session: Session, actor: Actor, learned: Calibration, base: Calibration, data: dict[str, float]
) -> None:
    """Store a calibration, unless it is there, and use it from now on; in the caller's transaction."""
    version = session.scalar(
        select(CalibrationVersion).where(CalibrationVersion.identity == learned.identity)
    )
    if version is None:
        version = CalibrationVersion(
            identity=learned.identity,
            base=base.identity,
            content=calibration.as_json(learned),
            created_at=now(),
        )
        session.add(version)
        session.flush()
    before = newest(session)
    _use(session, actor, version.id, before.id if before else None, data)


def _use(
    session: Session, actor: Actor, version: int | None, back_to: int | None, data: dict[str, float]
) -> None:
    session.add(CalibrationUse(version_id=version, back_to=back_to, since=now(), actor=actor.label))
    identity = session.get_one(CalibrationVersion, version).identity if version else PACKAGED
    events.append(
        session,
        actor=actor.label,
        subject="calibration",
        subject_id=version or 0,
        name="use",
        data={"identity": identity, **data},
    )
