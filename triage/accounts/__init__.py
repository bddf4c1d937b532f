"""Accounts: who has one (`managing`), signing in with it (`signing_in`), and from where (`devices`)."""

from triage.accounts.devices import has_reported, remember_device
from triage.accounts.managing import (
    NewAccount,
    accounts,
    activate,
    create,
    create_first_accounts,
    deactivate,
    reset_password,
)
from triage.accounts.signing_in import (
    ABSOLUTE,
    IDLE,
    SignedIn,
    account_for,
    change_password,
    drop_expired_sessions,
    sign_in,
    sign_out,
    signed_in,
)

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "NewAccount",
    "SignedIn",
    "account_for",
    "accounts",
    "activate",
    "change_password",
    "create",
    "create_first_accounts",
    "deactivate",
    "drop_expired_sessions",
    "has_reported",
    "remember_device",
    "reset_password",
    "sign_in",
    "sign_out",
    "signed_in",
]
