"""Errors that end as a clear message to a person.

`code` names the kind of problem for programs (problem details `type`) and chooses the sentence on screens;
`str(error)` is the English sentence for logs and API clients and never carries a reporter's text.
"""

from __future__ import annotations


class PenjagaError(Exception):
    """Base of every error that Penjaga raises on purpose."""

    code = "error"
    status = 400


class ConfigError(PenjagaError):
    """A setting is missing, malformed or unsafe; the message names it and says what to do."""

    code = "config"
    status = 500


class EncoderUnusable(ConfigError):
    """The encoder that the settings name cannot be loaded; the message says why and what to do."""


class SubmissionRefused(PenjagaError):
    """A submission cannot be accepted as it is; nothing was stored."""

    code = "submission-refused"
    status = 422

    def __init__(self, code: str, detail: str, status: int = 422) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status


class StoreUnavailable(PenjagaError):
    """The database did not take the write (disk full, locked for too long, gone); nothing was stored."""

    code = "store-unavailable"
    status = 503

    @property
    def cause(self) -> str:
        """What the driver said, in one line: it names file, address or table; values stand in later lines."""
        said = str(getattr(self.__cause__, "orig", "")).strip()
        return said.splitlines()[0] if said else ""


class SchemaRefused(PenjagaError):
    """A change of schema would leave rows that point to nothing; nothing was changed."""

    code = "schema-refused"
    status = 500


class BackupRefused(PenjagaError):
    """A backup cannot be made or restored; nothing was changed, and the message says why."""

    code = "backup-refused"
    status = 422


class StoreDamaged(StoreUnavailable):
    """The database file cannot be read as one: overwritten, cut short, or not a database at all."""


class NotFound(PenjagaError):
    """What was asked for does not exist (or is not the asker's to see)."""

    code = "not-found"
    status = 404


class Forbidden(PenjagaError):
    """The account may not do this; `code` says which rule forbids it."""

    code = "forbidden"
    status = 403

    def __init__(self, detail: str, code: str = "forbidden") -> None:
        super().__init__(detail)
        self.code = code


class IllegalTransition(PenjagaError):
    """The life cycle does not allow this event in the item's present state."""

    code = "illegal-transition"
    status = 409


class UndoTooLate(PenjagaError):
    """The step took effect, or was taken back already; nothing was changed."""

    code = "undo-too-late"
    status = 409


class DismissalRefused(PenjagaError):
    """A parked item cannot be given up like this; `field` says what is in the way: `reason`, `awaited`."""

    code = "dismissal-refused"
    status = 422

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


class LeaseLost(PenjagaError):
    """Somebody else holds the item, or the lease ran out; what was typed must be kept by the caller."""

    code = "lease-lost"
    status = 409


class DecisionRefused(PenjagaError):
    """A decision lacks something or comes too late; `field` names the form field at fault."""

    code = "decision-refused"
    status = 422

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


class SourceRefused(PenjagaError):
    """A local source, or what it said, cannot be noted as it is; `field` names the form field at fault."""

    code = "source-refused"
    status = 422

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


class MaterialRefused(PenjagaError):
    """A text for passing on cannot be kept as it is; `field` says why: `empty`, `long`, `verdict`, `address`,
    `version`.
    """

    code = "material-refused"
    status = 422

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


class PeerRefused(PenjagaError):
    """Another office cannot be noted like this.

    `field` says what is in the way: `url`, `name`, `same` address, `own` address, a name that is `taken`,
    too `many`; an address that is `plain` HTTP where nobody may write along.
    """

    code = "peer-refused"
    status = 422

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


class EntryNotOurs(PenjagaError):
    """An archive entry from elsewhere stands under the id of what is to be published; nothing was changed."""

    code = "entry-not-ours"
    status = 409


class SignInRefused(PenjagaError):
    """Unknown name, wrong password, or an account locked for a while: deliberately not told apart."""

    code = "sign-in-refused"
    status = 401


class PasswordChangeNeeded(PenjagaError):
    """The one-time password is right, but opens nothing until it is changed, which is done on a page."""

    code = "password-change-needed"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "This is a one-time password. Sign in with it at /masuk in a browser, choose a password of your "
            "own at /kata-sandi, then sign in here with that."
        )


class CodeNeeded(PenjagaError):
    """The password is right; this account signs in with the code of its second step as well."""

    code = "code-needed"
    status = 401

    def __init__(self) -> None:
        super().__init__("This account has a second step: send the six digits of the app as `code`, too.")


class CodeRefused(PenjagaError):
    """The code of the second step is wrong, was used already, or came too often while locked."""

    code = "code-refused"
    status = 401


class SecondStepNeeded(PenjagaError):
    """The role signs in with a second step, which has not been set up yet; that is done on a page."""

    code = "second-step-needed"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "This role needs a second step. Sign in at /masuk in a browser and set it up at /langkah-kedua, "
            "then sign in here with its code."
        )


class ProofNeeded(PenjagaError):
    """What is asked for needs the password (and the code) once more: the last time is too long ago."""

    code = "proof-needed"
    status = 403


class FilterRefused(PenjagaError):
    """Figures were asked for of a place, a kind or a time that there is not."""

    code = "filter-refused"
    status = 422


class LinkRefused(PenjagaError):
    """A link that opens an account was used, replaced or is too old."""

    code = "link-refused"
    status = 404


class SealBroken(PenjagaError):
    """Something kept encrypted was sealed with another secret, or has been changed."""

    code = "seal-broken"
    status = 500


class TooMany(PenjagaError):
    """Too much came from one place in a short time; nothing was stored. `retry_after`: seconds to wait."""

    code = "too-many"
    status = 429

    def __init__(self, detail: str, retry_after: int, code: str = "too-many") -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.code = code


class PasswordRefused(PenjagaError):
    """A new password cannot be taken; `code` says which rule it breaks."""

    status = 422

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class AccountRefused(PenjagaError):
    """An account cannot be made or changed as asked; the message says why, `field` what is at fault."""

    code = "account-refused"
    status = 422

    def __init__(self, detail: str, field: str = "state") -> None:
        super().__init__(detail)
        self.field = field


class CannotStart(PenjagaError):
    """A process of the installation cannot start; the message says why and what to do."""

    code = "cannot-start"
    status = 503


class EncoderAway(PenjagaError):
    """Matching has no encoder just now; the work waits for it."""

    code = "encoder-away"
    status = 503


class InputRefused(PenjagaError):
    """A file given to a command cannot be used; the message names the file, the line and what is wrong."""

    code = "input-refused"
    status = 422
