"""One entry of an archive, checked at the edge: what goes into the store is whole, bounded and clean."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from models.text import canonical_url, clean
from models.types import Harm
from triage.archive import ratings
from triage.archive.dates import Ambiguous, parse_date
from triage.archive.languages import language_code
from triage.archive.plain import from_html, from_text, one_line

# Ids of what this installation publishes itself. A row from outside under such an id would be told to
# reporters as our own.
OWN_KEYS = "penjaga:"
# Ids of what is read regularly from other offices (`of_peers`), each with keys of its own.
PEER_KEYS = "peer:"
_KEPT = {OWN_KEYS: "this installation's own", PEER_KEYS: "other offices"}
MAX_TITLE = 500
MAX_CLAIM = 10_000
MAX_EXPLANATION = 100_000
MAX_ADVICE = 5_000
MAX_PUBLISHER = 120
MAX_KEY = 200
MAX_URL = 2_000
MAX_EVIDENCE = 30
# Reading HTML takes time that grows with the square of its nesting; no honest article comes near these.
_MAX_RAW = 300_000
_MAX_TAGS = 10_000
_MAX_DATE = 100
_MAX_REASONS = 3
_YES, _NO = frozenset({"true", "1", "ya", "yes", ""}), frozenset({"false", "0", "tidak", "no"})


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """A fact-check from outside, as plain text. `title` is never empty; `verdict` is our code or "".

    `claim` is the wording as it circulates and `explanation` what the checker says of it; both may be "".
    `line` says where it stood in its source and is no part of the content.
    """

    source_key: str
    title: str
    claim: str = ""
    explanation: str = ""
    what_to_do: str = ""
    ask: str = ""
    verdict: str = ""
    harm: Harm = "other"
    language: str = "id"
    publisher: str = ""
    checked_on: date | None = None
    url: str = ""
    evidence: tuple[dict[str, str], ...] = ()
    searchable: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class Retraction:
    """That a publisher took back the fact-check with this key, and where in its source that stood."""

    source_key: str
    url: str
    line: int


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot go in: its line (or number among the items), and an English sentence why."""

    line: int
    reason: str


Item = ArchiveRow | Retraction | RowProblem


def parse_row(line: int, fields: Mapping[str, Any], *, markup: bool = False) -> ArchiveRow | RowProblem:
    """Check the fields of one entry; `markup` says that its texts are HTML.

    Names are those of `ArchiveRow` plus `id`; `verdict` is any publisher's label, `checked_on` a date as
    text, `evidence` addresses or {"label", "url"}. Unknown names are ignored, unknown verdicts are "".
    """
    try:
        found = _Fields.model_validate(dict(fields), context={"markup": markup})
    except ValidationError as error:
        return RowProblem(line, _reason(error))
    title, label = ratings.split_title(found.title)
    title = title or _heading(found.claim)
    if not title:
        return RowProblem(line, "title: is missing or empty")
    key = source_key(found.id, found.url, found.publisher, title, found.claim)
    for kept, whose in _KEPT.items():
        if key.startswith(kept):
            return RowProblem(line, f"id: begins with {kept!r}, which is kept for {whose}")
    label = ratings.label(found.verdict) if found.verdict else label
    fraud = label is not None and label.fraud and found.harm is None
    return ArchiveRow(
        source_key=key,
        title=title,
        claim=found.claim,
        explanation=found.explanation,
        what_to_do=found.what_to_do,
        ask=found.ask,
        verdict=label.verdict if label is not None else "",
        harm="fraud" if fraud else found.harm or "other",
        language=found.language,
        publisher=found.publisher,
        checked_on=found.checked_on,
        url=found.url,
        evidence=found.evidence,
        searchable=found.searchable and (label is None or label.claim),
        line=line,
    )


def source_key(identity: str, url: str, publisher: str, title: str, claim: str) -> str:
    """Return what an entry is recognised by when its source is read again; at most `MAX_KEY` characters.

    Its own id; else its address, which is the same in a feed, a page and an export; else the number that its
    publisher gave it; else its wording.
    """
    if identity and not identity.isdecimal():
        return identity
    if address := (canonical_url(url) or "") if url else "":
        return bounded(address)
    if identity and publisher:
        return bounded(f"{publisher.casefold()}#{identity}")
    return "text:" + hashlib.sha256(f"{title}\n{claim}".encode()).hexdigest()[:40]


def key_within(page: str, wording: str) -> str:
    """Return the id of one of several entries that share a page."""
    digest = hashlib.sha256(wording.encode("utf-8", "replace")).hexdigest()[:16]
    return bounded(f"{canonical_url(page) or ''}#{digest}")


def bounded(key: str) -> str:
    """Return a key as long as may be stored; a longer one keeps its beginning and a hash of the whole."""
    if len(key) <= MAX_KEY:
        return key
    return f"{key[:120]}#{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _heading(claim: str) -> str:
    line = one_line(claim)
    return line if len(line) <= MAX_TITLE else line[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _text(value: object, info: ValidationInfo) -> str:
    raw = _raw(value)
    return from_html(raw) if info.context and info.context["markup"] else from_text(raw)


def _raw(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise PydanticCustomError("text", "must be text, found {found}", {"found": _kind(value)})
    if len(value) > _MAX_RAW:
        raise PydanticCustomError("long", "has more than {limit} characters", {"limit": f"{_MAX_RAW:,}"})
    if value.count("<") > _MAX_TAGS:
        raise PydanticCustomError("tags", "has more than {limit} tags", {"limit": f"{_MAX_TAGS:,}"})
    return value


def _limited(limit: int, *, line: bool = False) -> BeforeValidator:
    def check(value: object, info: ValidationInfo) -> str:
        text = one_line(_text(value, info)) if line else _text(value, info)
        if len(text) > limit:
            found = {"length": f"{len(text):,}", "limit": f"{limit:,}"}
            raise PydanticCustomError("long", "has {length} characters, at most {limit} are allowed", found)
        return text

    return BeforeValidator(check)


def _identity(value: object) -> str:
    text = one_line(clean(_raw(str(value) if type(value) is int else value)))
    if len(text) > MAX_KEY:
        raise PydanticCustomError("long", "has more than {limit} characters", {"limit": MAX_KEY})
    return text


def _date(value: object) -> date | None:
    text = clean(_raw(value.isoformat() if isinstance(value, date) else value))
    try:
        found = parse_date(text[:_MAX_DATE])
    except Ambiguous as error:
        message = "{found} may be two dates: write the year with four digits"
        raise PydanticCustomError("date", message, {"found": _shown(text)}) from error
    except ValueError as error:
        raise PydanticCustomError("date", "{found} is not a date", {"found": _shown(text)}) from error
    if found is not None and found > datetime.now(UTC).date() + timedelta(days=1):
        raise PydanticCustomError("date", "{found} is in the future", {"found": _shown(text)})
    return found


def _url(value: object) -> str:
    text = clean(_raw(value))
    if not text:
        return ""
    if len(text) > MAX_URL:
        raise PydanticCustomError("url", "has more than {limit} characters", {"limit": MAX_URL})
    if not text.lower().startswith(("http://", "https://")) or len(text.split()) > 1:
        raise PydanticCustomError("url", "{found} is not an http(s) address", {"found": _shown(text)})
    if canonical_url(text) is None or "@" in urlsplit(text).netloc:
        raise PydanticCustomError("url", "{found} has no usable host", {"found": _shown(text)})
    return text


def _harm(value: object) -> Harm | None:
    text = one_line(clean(_raw(value)))
    if text and ratings.harm(text) is None:
        raise PydanticCustomError("harm", "{found} is not a kind of harm", {"found": _shown(text)})
    return ratings.harm(text)


def _language(value: object) -> str:
    text = one_line(clean(_raw(value)))
    code = language_code(text) if text else "id"
    if code is None:
        raise PydanticCustomError("language", "{found} is not a language code", {"found": _shown(text)})
    return code


def _searchable(value: object) -> bool:
    text = str(value).strip().lower() if isinstance(value, bool | int | str) else "?"
    if text not in _YES | _NO:
        raise PydanticCustomError("flag", "must be true or false, found {found}", {"found": _kind(value)})
    return text in _YES


def _evidence(value: object) -> tuple[dict[str, str], ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        value = value.split()
    if not isinstance(value, list | tuple) or len(value) > MAX_EVIDENCE:
        message = "must be a list of at most {limit} addresses, found {found}"
        raise PydanticCustomError("evidence", message, {"limit": MAX_EVIDENCE, "found": _kind(value)})
    return tuple(_source(item) for item in value)


def _source(item: object) -> dict[str, str]:
    given = item if isinstance(item, dict) else {"url": item}
    url = _url(given.get("url"))
    if not url:
        raise PydanticCustomError("evidence", "holds an item without an address")
    label = one_line(from_text(_raw(given.get("label"))))[:MAX_PUBLISHER]
    return {"label": label or (urlsplit(url).hostname or ""), "url": url}


class _Fields(BaseModel):
    """The fields of a row as they come; each validator cleans one kind of value."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, BeforeValidator(_identity)] = ""
    title: Annotated[str, _limited(MAX_TITLE, line=True)] = ""
    claim: Annotated[str, _limited(MAX_CLAIM)] = ""
    explanation: Annotated[str, _limited(MAX_EXPLANATION)] = ""
    what_to_do: Annotated[str, _limited(MAX_ADVICE)] = ""
    ask: Annotated[str, _limited(MAX_ADVICE)] = ""
    verdict: Annotated[str, _limited(MAX_TITLE, line=True)] = ""
    harm: Annotated[Harm | None, BeforeValidator(_harm)] = None
    language: Annotated[str, BeforeValidator(_language)] = "id"
    publisher: Annotated[str, _limited(MAX_PUBLISHER, line=True)] = ""
    checked_on: Annotated[date | None, BeforeValidator(_date)] = None
    url: Annotated[str, BeforeValidator(_url)] = ""
    evidence: Annotated[tuple[dict[str, str], ...], BeforeValidator(_evidence)] = ()
    searchable: Annotated[bool, BeforeValidator(_searchable)] = True


def _reason(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    reasons = [f"{problem['loc'][0]}: {problem['msg']}" for problem in problems[:_MAX_REASONS]]
    if len(problems) > _MAX_REASONS:
        reasons.append(f"and {len(problems) - _MAX_REASONS} more")
    return "; ".join(reasons)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "text")


def _shown(text: str) -> str:
    return ascii(text[:40] + ("…" if len(text) > 40 else ""))
