"""The one table of who may do what. Views and domain functions ask `require`; nothing else decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from triage.errors import Forbidden

Role = Literal["verifikator", "penyetuju", "analis", "admin"]
ROLES: tuple[Role, ...] = ("verifikator", "penyetuju", "analis", "admin")

Permission = Literal[
    "queue.see", "group.lease", "match.judge", "decision.write", "decision.approve",
    "sources.write", "parked.manage", "archive.import", "accounts.manage", "trends.see", "answer.audit",
    "fact.correct", "fact.retract", "material.write", "peers.manage", "alerts.receive",
]  # fmt: skip

# A pelapor has no account and so no row here: everything public needs no permission.
PERMISSIONS: dict[Permission, frozenset[Role]] = {
    "queue.see": frozenset({"verifikator", "penyetuju", "analis", "admin"}),
    "group.lease": frozenset({"verifikator", "penyetuju"}),
    "match.judge": frozenset({"verifikator", "penyetuju"}),
    "decision.write": frozenset({"verifikator", "penyetuju"}),
    "decision.approve": frozenset({"penyetuju"}),
    "sources.write": frozenset({"verifikator", "penyetuju", "admin"}),
    "parked.manage": frozenset({"admin"}),
    "archive.import": frozenset({"admin", "analis"}),
    "accounts.manage": frozenset({"admin"}),
    "trends.see": frozenset({"analis", "penyetuju", "admin"}),
    "answer.audit": frozenset({"verifikator", "penyetuju", "analis"}),
    "fact.correct": frozenset({"verifikator", "penyetuju"}),
    "fact.retract": frozenset({"penyetuju"}),
    "material.write": frozenset({"verifikator", "penyetuju"}),
    "peers.manage": frozenset({"analis", "admin"}),
    "alerts.receive": frozenset({"analis", "penyetuju", "admin"}),
}
# Who publishes, or lets people in, proves it with a second thing besides the password.
SECOND_STEP: frozenset[Role] = frozenset({"penyetuju", "admin"})
# Codes up to a regency's (35.08) have so many parts; a kecamatan has one more, a village two.
_REGENCY_PARTS = 2


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person on whose behalf something is done.

    `area`: Kemendagri code of the region that the person looks after, '' for none.
    """

    account_id: int
    username: str
    display_name: str
    role: Role
    area: str = ""

    @property
    def label(self) -> str:
        """How events name this person."""
        return f"account:{self.account_id}" if self.account_id else self.username

    def may(self, permission: Permission) -> bool:
        """Tell whether the role carries the permission."""
        return self.role in PERMISSIONS[permission]


# Whoever can run commands on the machine has no account, and may do what an administrator may.
OPERATOR = Actor(0, "operator", "Operator", "admin")


def require(actor: Actor, permission: Permission) -> None:
    """Raise `Forbidden` unless the actor's role carries the permission."""
    if not actor.may(permission):
        raise Forbidden(f"The role {actor.role} may not do this ({permission}).")


def answers_for(actor: Actor, villages: Iterable[str]) -> bool:
    """Tell whether an approver looks after one of the villages (Kemendagri codes) from which a claim came.

    Who looks after the whole regency, or has no area, answers for every claim, also for one whose senders
    named no village. Who looks after a kecamatan or a village answers for what was seen there.
    """
    if len(actor.area.split(".")) <= _REGENCY_PARTS:
        return True
    return any(village == actor.area or village.startswith(f"{actor.area}.") for village in villages)
