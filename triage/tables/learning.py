"""What matching learned from decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class CalibrationVersion(Base):
    """A calibration learned from decisions, whole: every worker reads the same one. Never changed.

    `before`: what was in use when it was made, None for the one that comes with the program.
    """

    __tablename__ = "calibration_version"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity: Mapped[str] = mapped_column(String(8), unique=True)
    encoder: Mapped[str] = mapped_column(String(80))
    content: Mapped[str] = mapped_column(Text)
    before: Mapped[int | None] = mapped_column(ForeignKey("calibration_version.id"))
    created_at: Mapped[datetime]


class CalibrationUse(Base):
    """From when on which calibration is used; the newest row counts, none means the program's own."""

    __tablename__ = "calibration_use"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("calibration_version.id"))
    since: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
