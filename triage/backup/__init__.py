"""Backups: the whole store as one file, which SQLite and PostgreSQL both write and read."""

from triage.backup.making import make
from triage.backup.restoring import Restored, restore

__all__ = ["Restored", "make", "restore"]
