"""Forms as they come in: what was typed, kept as typed, and the values that the domain takes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from werkzeug.datastructures import MultiDict

from triage.archive.entries import CurrentFactCheck
from triage.errors import SubmissionRefused
from triage.intake import NewSubmission
from triage.regions import Village, villages_like
from triage.review import Draft
from triage.review.outcomes import DecisionView

_KEY = re.compile(r"[0-9a-f-]{36}")
_DAY, _ISO_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"), re.compile(r"\d{4}-\d{2}-\d{2}")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class MessageForm:
    """The reporter's form, as typed: `village` may be a name, a few letters of it, or a code.

    `key` is new with each form shown: a second tap sends nothing twice.
    """

    text: str = ""
    url: str = ""
    village: str = ""
    seen: str = ""
    remark: str = ""
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def has_more(self) -> bool:
        """Whether anything but the message itself was filled in."""
        return bool(self.url or self.village or self.seen or self.remark)

    @staticmethod
    def read(form: MultiDict[str, str]) -> MessageForm:
        """Read what was posted."""
        key = form.get("key", "")
        return MessageForm(
            text=written(form, "text"),
            url=written(form, "url").strip(),
            village=written(form, "village").strip(),
            seen=form.get("seen", ""),
            remark=written(form, "remark"),
            key=key if _KEY.fullmatch(key) else "",
        )

    def submission(self, region: str, device: str | None) -> NewSubmission:
        """Return what intake takes. Raises `VillageUnclear`.

        The content is part of the idempotency key: going back, changing the text and sending again is a
        new message, not a repetition.
        """
        village = chosen_village(region, self.village)
        fields = (self.text, self.url, village.code if village else "", self.seen, self.remark)
        content = hashlib.sha256("\x00".join(fields).encode("utf-8", "surrogatepass")).hexdigest()
        url = self.url if not self.url or _SCHEME.match(self.url) else f"https://{self.url}"
        return NewSubmission(
            text=self.text,
            url=url or None,
            village=village.code if village else None,
            channel="web",
            idempotency_key=f"form:{self.key}:{content}" if self.key else None,
            device=device,
            seen=self.seen,
            remark=self.remark,
        )


class VillageUnclear(SubmissionRefused):
    """What was typed is no village of the regency, or could be one of several: `choices`."""

    def __init__(self, choices: tuple[Village, ...]) -> None:
        code = "village-which" if choices else "village-unknown"
        super().__init__(code, "The village that was typed is none, or could be one of several.")
        self.choices = choices


def chosen_village(region: str, typed: str) -> Village | None:
    """Return the village that was typed, None where nothing was. Raises `VillageUnclear`."""
    if not typed:
        return None
    found = villages_like(region, typed)
    if len(found) != 1:
        raise VillageUnclear(found)
    return found[0]


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """The verifier's form; evidence is one source a line, `label | url | day of an archive copy`.

    `reason`: what a correction changes, for readers.
    """

    verdict: str = ""
    claim: str = ""
    headline: str = ""
    explanation: str = ""
    what_to_do: str = ""
    evidence: str = ""
    harm: str = "other"
    reason: str = ""

    @staticmethod
    def read(form: MultiDict[str, str]) -> DecisionForm:
        """Read what was posted."""
        return DecisionForm(
            verdict=form.get("verdict", ""),
            claim=written(form, "claim"),
            headline=written(form, "headline"),
            explanation=written(form, "explanation"),
            what_to_do=written(form, "what_to_do"),
            evidence=written(form, "evidence"),
            harm=form.get("harm", ""),
            reason=written(form, "reason"),
        )

    @property
    def blank(self) -> bool:
        """Whether nothing was written or chosen, as where another form of the page was sent."""
        return self == DecisionForm(harm=self.harm)

    @staticmethod
    def kept(fields: Mapping[str, str]) -> DecisionForm:
        """Return a draft as a form."""
        return DecisionForm(**{name: fields.get(name, "") for name in DecisionForm.__slots__})

    @staticmethod
    def of(decision: DecisionView) -> DecisionForm:
        """Return an earlier decision as a form, to be mended."""
        return DecisionForm(
            verdict=decision.verdict,
            claim=decision.claim,
            headline=decision.headline,
            explanation=decision.explanation,
            what_to_do=decision.what_to_do,
            evidence=evidence_lines(decision.evidence),
            harm=decision.harm,
            reason=decision.reason,
        )

    @staticmethod
    def correcting(entry: CurrentFactCheck) -> DecisionForm:
        """Return what was published as a form, to be corrected."""
        return DecisionForm(
            verdict=entry.verdict,
            claim=entry.claim,
            headline=entry.title,
            explanation=entry.explanation,
            what_to_do=entry.what_to_do,
            evidence=evidence_lines(entry.evidence),
            harm=entry.harm,
        )

    def draft(self) -> Draft:
        """Return what the review takes."""
        rows = (_source(line.strip()) for line in self.evidence.splitlines() if line.strip())
        return Draft(
            verdict=self.verdict,
            claim=self.claim,
            headline=self.headline,
            explanation=self.explanation,
            what_to_do=self.what_to_do,
            evidence=tuple(rows),
            harm=self.harm,
        )


def written(form: MultiDict[str, str], name: str) -> str:
    """Return what was typed in a field. Forms send line ends as two characters; people count them as one."""
    return form.get(name, "").replace("\r\n", "\n")


def evidence_lines(evidence: Sequence[Mapping[str, str]]) -> str:
    """Return evidence as it is typed, one source a line."""
    return "\n".join(_line(row) for row in evidence)


def _source(line: str) -> dict[str, str]:
    parts = [part.strip() for part in line.split("|")]
    day = _iso_day(parts[-1]) if len(parts) > 1 else None
    if day is not None:
        parts.pop()
    archived = {"archived": day} if day is not None else {}
    if len(parts) > 1:
        return {"label": " | ".join(parts[:-1]), "url": parts[-1]} | archived
    (only,) = parts
    return ({"label": "", "url": only} if _SCHEME.match(only) else {"label": only, "url": ""}) | archived


def _iso_day(written: str) -> str | None:
    """Read a day as people write it, 25-11-2026 or 25/11/2026, or as the store does; None if it is none."""
    found = _DAY.fullmatch(written)
    if found:
        day, month, year = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return written if _ISO_DAY.fullmatch(written) else None


def _line(row: Mapping[str, str]) -> str:
    day = row.get("archived", "")
    shown = "-".join(reversed(day.split("-")))
    return " | ".join(part for part in (row["label"], row["url"], shown) if part)
