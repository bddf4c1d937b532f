"""Accounts and their sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from triage.tables.base import Base, BigId


class Account(Base):
    """A person who signs in: verifier, approver, analyst or administrator.

    `password_hash` is empty while an invitation waits. `totp_secret`: sealed (`triage.sealing`), None without
    a second step; `totp_step`: the last half minute whose code was used, so that none is used twice.
    `failed_sign_ins`, `locked_until`: from browsers that the person has not signed in with before.
    """

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
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)


class AccountDevice(Base):
    """A browser that somebody signed in with, as reporters are counted: its messages may be theirs.

    It has a lock-out of its own, so that nobody elsewhere locks the person out of it.
    """

    __tablename__ = "account_device"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    reporter_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class RecoveryCode(Base):
    """Opens the second step once, in place of the phone; only its hash is stored, and it goes when used."""

    __tablename__ = "recovery_code"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class AccountLink(Base):
    """A link that lets its holder choose the password of an account, once; only its hash is stored."""

    __tablename__ = "account_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    expires_at: Mapped[datetime]


class AuthSession(Base):
    """A sign-in, kept on the server; its holder has a random token of which only the hash is stored.

    `kind`: `web` for a browser, `api` for a program. `code_due`: the password was right, the code of the
    second step is still to come. `proved_at`: when its holder last showed who they are. `totp_offer`: the
    sealed secret that is being set up.
    """

    __tablename__ = "auth_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(4), default="web")
    code_due: Mapped[bool] = mapped_column(default=False)
    proved_at: Mapped[datetime | None]
    totp_offer: Mapped[str | None] = mapped_column(Text)
