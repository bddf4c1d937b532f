"""People who decide while everything breaks: one writes and judges, a second one approves, over HTTP."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_account, make_session
from tests.faults.places import Place
from triage import receipts
from triage.db import Store
from triage.permissions import Role
from triage.tables import Event
from triage.web.security import SESSION

PAUSE_S, TIMEOUT_S = 0.5, 10.0
# Of the messages that the verifier opens, so many are answered already: that is taken back where it can be.
_AGAIN = 0.1
_GROUP = re.compile(r'href="/kim/kelompok/(\d+)"')
_MATCH = re.compile(r'action="/kim/kelompok/\d+/saran/(\d+)/sama"')
_DECISION = re.compile(r'action="/kim/kelompok/\d+/keputusan/(\d+)/setujui"')
_WRITTEN = {
    "verdict": "hoaks", "claim": "Kabar yang beredar di grup desa", "headline": "Kabar itu keliru",
    "explanation": "Sudah ditanyakan kepada yang berwenang: tidak ada rencana seperti itu.",
    "what_to_do": "Jangan diteruskan.", "harm": "other",
    "evidence": "Kantor kecamatan | https://contoh.example/",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A step that its person was told is done: the event that must be there."""

    group: int
    event: str


@dataclass(slots=True)
class Minutes:
    """What the people did: steps that they were told are done, and what was answered to any of them."""

    done: list[Step] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


class Verifiers:
    """A verifier and an approver at work from `start` to `finish`."""

    def __init__(self, where: Place, store: Store, seed: str) -> None:
        """Make their accounts, already signed in; `store` is that of the place, while all still runs."""
        self._url = where.url
        self._secret = where.config.secret
        self._chance = Random(f"{seed} verifiers")
        self.minutes = Minutes()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="verifiers")
        with store.write() as session:
            self._verifier = self._enter(session, "verifikator")
            self._approver = self._enter(session, "penyetuju")

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def finish(self) -> None:
        """End after the step at hand."""
        self._ended.set()
        self._thread.join()

    def _enter(self, session: Session, role: Role) -> requests.Session:
        person = requests.Session()
        person.cookies.set(SESSION, make_session(session, make_account(session, role)))
        return person

    def _work(self) -> None:
        while not self._ended.is_set():
            # Whoever gets no answer looks at the list again, as a person does.
            with suppress(requests.RequestException):
                self._judge()
                self._approve()
            time.sleep(PAUSE_S)

    def _judge(self) -> None:
        group = self._pick(self._verifier, "terjawab" if self._chance.random() < _AGAIN else "menunggu")
        if group is None:
            return
        page = self._get(self._verifier, f"/kim/kelompok/{group}")
        suggestions = _MATCH.findall(page)
        if f"/kim/kelompok/{group}/tarik" in page:
            self._post(self._verifier, group, "tarik", "withdraw", {})
        elif suggestions and self._chance.random() < 0.5:
            confirmed = f"saran/{suggestions[0]}/sama"
            self._post(self._verifier, group, confirmed, "confirm", {})
        else:
            self._post(self._verifier, group, "keputusan", "decide", _WRITTEN)

    def _approve(self) -> None:
        group = self._pick(self._approver, "persetujuan")
        if group is None:
            return
        for decision in _DECISION.findall(self._get(self._approver, f"/kim/kelompok/{group}"))[:1]:
            self._post(self._approver, group, f"keputusan/{decision}/setujui", "approve", {})

    def _pick(self, person: requests.Session, view: str) -> int | None:
        found = _GROUP.findall(self._get(person, f"/kim?lihat={view}"))
        return int(self._chance.choice(found[:3])) if found else None

    def _get(self, person: requests.Session, path: str) -> str:
        return person.get(f"{self._url}{path}", timeout=TIMEOUT_S).text

    def _post(
        self, person: requests.Session, group: int, action: str, event: str, fields: dict[str, str]
    ) -> None:
        form = receipts.keyed_hash(self._secret, "form", person.cookies[SESSION])
        data = fields | {"csrf_token": form}
        reply = person.post(
            f"{self._url}/kim/kelompok/{group}/{action}", data, timeout=TIMEOUT_S, allow_redirects=False
        )
        self.minutes.answers[f"{event} {reply.status_code}"] += 1
        if reply.status_code == 303:
            self.minutes.done.append(Step(group, event))


def undone(session: Session, minutes: Minutes) -> list[str]:
    """Find steps of which a person was told that they are done, and no event tells."""
    told = Counter(minutes.done)
    rows = session.execute(select(Event.subject_id, Event.name).where(Event.subject == "group"))
    there: Counter[Step] = Counter()
    for number, name in rows:
        # One that is hardly like the message waits for a second person.
        there[Step(number, "confirm" if name == "propose" else name)] += 1
    return [
        f"group {step.group}: {often} times told that {step.event} is done, {there[step]} in the log"
        for step, often in told.items()
        if there[step] < often
    ]
