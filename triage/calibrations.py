"""Which calibration is used: the program's own, or one learned from decisions and kept in the store.

A version is stored whole before it is used, in the same transaction; workers follow the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
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
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Version:
    """A calibration that was in use from `since` on; `identity` is `packaged` for the program's own."""

    identity: str
    since: datetime
    actor: str


def back(store: Store, actor: Actor) -> str:
    """Use what was in use before the present version; return its identity. Raises `NotFound`."""
    with store.write() as session:
        number = used(session)
        if number is None:
            raise NotFound("The calibration that comes with the program is in use; there is none before it.")
        earlier = session.get_one(CalibrationVersion, number).before
        identity = session.get_one(CalibrationVersion, earlier).identity if earlier else PACKAGED
        _use(session, actor, earlier, identity, {})
    return identity


def history(session: Session) -> list[Version]:
    """List what was in use since when, newest first."""
    rows = session.execute(
        select(CalibrationUse.since, CalibrationUse.actor, CalibrationVersion.identity)
        .outerjoin(CalibrationVersion, CalibrationVersion.id == CalibrationUse.version_id)
        .order_by(CalibrationUse.id.desc())
    )
    return [Version(row.identity or PACKAGED, row.since, row.actor) for row in rows]


def used(session: Session) -> int | None:
    """Return the number of the version in use, None for the program's own."""
    return session.scalar(select(CalibrationUse.version_id).order_by(CalibrationUse.id.desc()).limit(1))


def read(session: Session, number: int | None, packaged: Calibration) -> Calibration:
    """Return a version. One that this release cannot read, or of another encoder, gives way to `packaged`."""
    if number is None:
        return packaged
    version = session.get_one(CalibrationVersion, number)
    try:
        found = calibration.parse(version.content, f"calibration {version.identity}")
    except CalibrationRefused as error:
        _log.warning("calibration_passed_over", version=version.identity, reason=str(error))
        return packaged
    if found.encoder != packaged.encoder:
        _log.warning("calibration_passed_over", version=version.identity, reason="of another encoder")
        return packaged
    return found


def use_new(session: Session, actor: Actor, learned: Calibration, data: dict[str, float]) -> None:
    """Store a calibration and use it from now on, in the caller's transaction."""
    version = CalibrationVersion(
        identity=learned.identity,
        encoder=learned.encoder,
        content=calibration.as_json(learned),
        before=used(session),
        created_at=now(),
    )
    session.add(version)
    session.flush()
    _use(session, actor, version.id, learned.identity, data)


def _use(session: Session, actor: Actor, number: int | None, identity: str, data: dict[str, float]) -> None:
    session.add(CalibrationUse(version_id=number, since=now(), actor=actor.label))
    events.append(
        session,
        actor=actor.label,
        subject="calibration",
        subject_id=number or 0,
        name="use",
        data={"identity": identity, **data},
    )
