"""Accounts and their sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class Account(Base):
    """A person who signs in: verifier, approver, analyst or administrator."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(12))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    wilayah: Mapped[str] = mapped_column(String(13))
    created_at: Mapped[datetime]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class AccountDevice(Base):
    """A browser that somebody signed in with, as reporters are counted: its messages may be theirs."""

    __tablename__ = "account_device"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    reporter_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class AuthSession(Base):
    """A sign-in, kept on the server; the browser holds a random token of which only the hash is stored."""

    __tablename__ = "auth_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires_at: Mapped[datetime]
