"""How soon the pages of officials answer over many messages: `python -m tests.load.dashboard --data DIR`.

DIR is what `python -m tests.load.many --data DIR` filled. Pages are asked for one after the other, as by one
office, with every width of time and filters of every kind.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.types import HARMS
from tests.factories import make_account, make_session
from triage.app import served_app
from triage.config import load_config
from triage.permissions import Actor
from triage.regions import districts
from triage.tables import Account, Submission
from triage.trends.filters import PERIODS
from triage.web import security

_CHANNELS, _VERDICTS = ("web", "whatsapp"), ("hoaks", "benar", "belum")


def addresses(dice: random.Random, count: int, page: str, region: str) -> list[str]:
    """Choose addresses with filters of every kind, each left out half of the time."""
    kinds = {"kec": list(districts(region)), "bahaya": HARMS, "saluran": _CHANNELS, "putusan": _VERDICTS}
    found = []
    for _ in range(count):
        chosen = {"hari": str(dice.choice(PERIODS))}
        chosen |= {name: dice.choice(codes) for name, codes in kinds.items() if dice.random() < 0.5}
        found.append(f"{page}?" + "&".join(f"{name}={code}" for name, code in chosen.items()))
    return found


def _analyst(session: Session) -> Actor:
    """Return somebody who may see trends, from an earlier run if there was one."""
    known = session.scalars(select(Account).where(Account.role == "analis").limit(1)).first()
    if known is None:
        return make_account(session, "analis")
    return Actor(known.id, known.username, known.display_name, "analis")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=200)
    given = parser.parse_args()
    config = load_config({"PENJAGA_DATA": str(given.data)})
    app = served_app(config)
    store = app.extensions["penjaga"].store
    with store.write() as session:
        token = make_session(session, _analyst(session))
        messages = session.scalar(select(func.count(Submission.id)))
    client = app.test_client()
    client.set_cookie(security.SESSION, token)
    for name, page in (
        ("page", "/kim/tren"),
        ("claims behind", "/kim/tren/pesan"),
        ("all villages", "/kim/tren/desa"),
        ("CSV", "/kim/tren/unduh.csv"),
        ("quality", "/kim/mutu"),
    ):
        client.get(page)
        times = []
        for address in addresses(random.Random(3), given.pages, page, config.wilayah):
            began = time.perf_counter()
            answer = client.get(address)
            times.append((1000 * (time.perf_counter() - began), address))
            assert answer.status_code == 200, address
        times.sort()
        p50, p95 = (times[int(share * len(times))][0] for share in (0.5, 0.95))
        print(
            f"{name} over {messages} messages, {len(times)} asked for: p50 {p50:.0f} ms, p95 {p95:.0f} ms, "
            f"longest {times[-1][0]:.0f} ms ({times[-1][1]})"
        )


if __name__ == "__main__":
    main()
