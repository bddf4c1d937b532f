"""A store with very many messages, written past the domain: `python -m tests.load.many --data DIR`.

Half a year of them: 95 of 100 repeat a claim that is known, most of the others' claims come a few times.
Their events carry no chain; all else is as it would be there.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.types import HARMS
from triage import schema
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.regions import villages
from triage.tables import Answer, ClaimGroup, Event, FactCheck, FactCheckVersion, Submission
from triage.trends import tallies
from triage.trends.surges import SurgeWatch

WEEKS, REPEATED = 26, 0.95
_CHUNK = 20_000
_VERDICTS = ("hoaks", "menyesatkan", "konteks-salah", "tiruan", "benar", "belum-terbukti")
_TOPICS = (
    "Bansos tunai dibagikan lewat tautan pendaftaran", "Gunung Semeru akan meletus besar malam ini",
    "Air rebusan daun tertentu menyembuhkan diabetes", "Undian berhadiah mobil dari bank daerah",
    "Bendungan di hulu jebol, warga diminta mengungsi", "Kuota internet gratis dari pemerintah",
    "Penculik anak berkeliling memakai mobil putih", "Vaksin membuat orang sakit berat",
)  # fmt: skip


def fill(store: Store, config: Config, messages: int, seed: int = 1) -> None:
    """Write so many messages of the last half year, their claims, answers and events; count none."""
    dice = random.Random(seed)
    places = [village.code for village in villages(config.wilayah)]
    end = now()
    start = end - timedelta(weeks=WEEKS)
    with store.write() as session:
        checks = _checks(session, end)
        known = _groups(session, dice, 400, start, checks, end)
        new = _groups(session, dice, max(1, int(messages * (1 - REPEATED) / 3)), start, (None,), end)
    weights = [1 / rank for rank in range(1, len(known) + 1)]
    times = _times(dice, messages, start, end)
    number = 0
    while chunk := [each for _, each in zip(range(_CHUNK), times, strict=False)]:
        rows, answers, events = [], [], []
        for at in chunk:
            number += 1
            repeated = dice.random() < REPEATED
            if repeated:
                group = dice.choices(known, weights)[0]
            else:
                group = new[
                    min(len(new) - 1, int((at - start) / (end - start) * len(new)) + dice.randrange(3))
                ]
            village = dice.choice(places) if dice.random() < 0.7 else None
            sender = f"{dice.randrange(messages // 4 + 10):064x}"
            rows.append(
                {"id": number, "receipt_hash": f"{number:064x}", "payload_hash": "", "reporter_hash": sender,
                 "text": f"{_TOPICS[group % len(_TOPICS)]} ({group})",
                 "channel": dice.choice(("web", "web", "whatsapp")),
                 "village": village, "created_at": at, "group_id": group,
                 "state": "answered" if repeated else "assessed"}
            )  # fmt: skip
            if repeated:
                answers.append(
                    {"submission_id": number, "fact_check_id": checks[group % len(checks)], "version": 1,
                     "via": "known", "missing": "", "created_at": at + timedelta(seconds=dice.randint(1, 4))}
                )  # fmt: skip
            events.append(
                {"seq": number, "at": at, "actor": "reporter", "subject": "submission", "subject_id": number,
                 "name": "receive", "from_state": "", "to_state": "received", "data": {}, "previous": "",
                 "hash": ""}
            )  # fmt: skip
        with store.write() as session:
            session.execute(insert(Submission), rows)
            session.execute(insert(Answer), answers)
            session.execute(insert(Event), events)


def _times(dice: random.Random, messages: int, start: datetime, end: datetime) -> Iterator[datetime]:
    step = (end - start) / messages
    at = start
    for _ in range(messages):
        at = min(end, at + step * dice.expovariate(1))
        yield at


def _checks(session: Session, at: datetime) -> list[int]:
    rows = [
        {"source_key": f"many-{number}", "origin": "imported", "searchable": True, "seq": number + 1,
         "version": 1, "created_at": at, "updated_at": at}
        for number in range(200)
    ]  # fmt: skip
    numbers = list(session.scalars(insert(FactCheck).returning(FactCheck.id), rows))
    session.execute(
        insert(FactCheckVersion),
        [
            {"fact_check_id": number, "number": 1, "title": f"Klarifikasi: {_TOPICS[number % 8]}",
             "claim": "",
             "explanation": "Tidak benar.", "what_to_do": "", "ask": "", "verdict": _VERDICTS[number % 6],
             "harm": "other", "language": "id", "publisher": "Arsip", "url": "", "evidence": [],
             "content_hash": "", "created_at": at}
            for number in numbers
        ],
    )  # fmt: skip
    return numbers


def _groups(
    session: Session,
    dice: random.Random,
    many: int,
    first: datetime,
    checks: list[int] | tuple[None],
    last: datetime,
) -> list[int]:
    rows: list[dict[str, Any]] = [
        {"state": "queued" if checks == (None,) and dice.random() < 0.05 else "answered", "band": "new",
         "representative_id": dice.randrange(1, 1000), "harm": dice.choice(HARMS), "urgency": dice.random(),
         "urgency_reasons": [], "doubt": 1.0, "submissions": 5, "reporters": 5, "villages": 3,
         "fact_check_id": checks[number % len(checks)], "first_seen": first, "last_seen": last,
         "model_version": "many"}
        for number in range(many)
    ]  # fmt: skip
    return list(session.scalars(insert(ClaimGroup).returning(ClaimGroup.id), rows))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=1_000_000)
    given = parser.parse_args()
    config = load_config({"PENJAGA_DATA": str(given.data)})
    given.data.mkdir(parents=True, exist_ok=True)
    store = Store(config.database_url)
    schema.upgrade(store)
    began = time.monotonic()
    fill(store, config, given.messages)
    filled = time.monotonic()
    tallies.count(store, config)
    counted = time.monotonic()
    SurgeWatch().watch(store, config)
    print(
        f"{given.messages} messages written in {filled - began:.0f} s, counted in {counted - filled:.0f} s, "
        f"looked for surges in {time.monotonic() - counted:.2f} s"
    )
    store.close()


if __name__ == "__main__":
    main()
