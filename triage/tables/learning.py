"""What matching learned from decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class CalibrationVersion(Base):
    """A calibration learned from decisions, whole: every worker reads the same one. Never changed.

    `base`: identity of the program's own numbers that it was learned from.
    """

    __tablename__ = "calibration_version"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identity: Mapped[str] = mapped_column(String(8), unique=True)
    base: Mapped[str] = mapped_column(String(8))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class CalibrationUse(Base):
    """Since when which calibration is used, None for the program's own. Rows are added, the last one counts.

    `back_to`: the row that the way back leads to; None for the program's own, with which all begins.
    """

    __tablename__ = "calibration_use"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("calibration_version.id"))
    back_to: Mapped[int | None] = mapped_column(ForeignKey("calibration_use.id"))
    since: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
