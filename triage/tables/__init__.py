"""The entities of the store, as the design names them."""

from triage.tables.archive import (
    ArchiveImport,
    ClaimText,
    ClaimVector,
    FactCheck,
    FactCheckVersion,
    ImportProblem,
)
from triage.tables.base import Base
from triage.tables.claims import (
    Answer,
    ClaimGroup,
    Decision,
    Fingerprint,
    FingerprintBand,
    Sighting,
    Submission,
    SubmissionNote,
    SuggestedMatch,
)
from triage.tables.desk import Inquiry, LocalSource, SavedDraft
from triage.tables.learning import CalibrationUse, CalibrationVersion
from triage.tables.people import Account, AccountDevice, AccountLink, AuthSession, RecoveryCode
from triage.tables.publication import (
    AlertSent,
    AlertSubscription,
    AuditedAnswer,
    Material,
    Notice,
    Peer,
)
from triage.tables.trends import (
    RegionShape,
    Surge,
    TallyArea,
    TallyCursor,
    TallyDay,
    TallyDelay,
    TallyDue,
    TallyHour,
)
from triage.tables.work import Event, KnownSecret, Outbox

__all__ = [
    "Account",
    "AccountDevice",
    "AccountLink",
    "AlertSent",
    "AlertSubscription",
    "Answer",
    "ArchiveImport",
    "AuditedAnswer",
    "AuthSession",
    "Base",
    "CalibrationUse",
    "CalibrationVersion",
    "ClaimGroup",
    "ClaimText",
    "ClaimVector",
    "Decision",
    "Event",
    "FactCheck",
    "FactCheckVersion",
    "Fingerprint",
    "FingerprintBand",
    "ImportProblem",
    "Inquiry",
    "KnownSecret",
    "LocalSource",
    "Material",
    "Notice",
    "Outbox",
    "Peer",
    "RecoveryCode",
    "RegionShape",
    "SavedDraft",
    "Sighting",
    "Submission",
    "SubmissionNote",
    "SuggestedMatch",
    "Surge",
    "TallyArea",
    "TallyCursor",
    "TallyDay",
    "TallyDelay",
    "TallyDue",
    "TallyHour",
]
