"""What a real worker logs while it works, and while it fails, quotes nobody."""

from __future__ import annotations

from sqlalchemy import text

from tests import canaries
from tests.installation import wait_for
from tests.workers.conftest import Environ, bundled, worker
from triage import broker, intake, receipt_view
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound
from triage.intake import NewSubmission


def test_the_log_of_a_worker_quotes_nobody(embedded: Store, settings: Config, environ: Environ) -> None:
    def send(words: str) -> str:
        new = NewSubmission(words, canaries.URL, device=canaries.DEVICE, remark=canaries.REMARK)
        return intake.accept(embedded, settings, new)

    def read(receipt: str) -> bool:
        try:
            return receipt_view.find(embedded, settings, receipt).status != "received"
        except NotFound:
            return False

    log = settings.data / "worker.log"
    with bundled(settings, environ), worker(settings, environ):
        client = broker.client(settings)
        receipt = send(canaries.TEXT)
        broker.send_wake(client, "assess")
        wait_for("the message to be read", lambda: read(receipt))
        with embedded.write() as session:
            session.execute(text("ALTER TABLE sighting RENAME TO elsewhere"))
        other = send(f"{canaries.TEXT} sekali lagi dengan kata lain dan lebih panjang")
        broker.send_wake(client, "assess")
        wait_for("the failure to be logged", lambda: "task_failed" in log.read_text("utf-8"))
        client.close()
    written = log.read_text("utf-8")
    assert "work_done" in written
    assert canaries.given_away(written, receipt, other) == []
    assert "Kenari" not in written
