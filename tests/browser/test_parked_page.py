"""The page of dead letters in Chromium: WCAG 2.2 AA at both widths, nothing too wide or too small."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.browser import chromium
from tests.browser.chromium import Visitor
from triage.columns import now
from triage.db import Store
from triage.permissions import Actor, Role
from triage.tables import Outbox

REASON = "RuntimeException, because of InvalidArgument (models.encoders.onnx_encoder:107)"


def test_dead_letters_are_read_and_given_up_on_any_screen(
    visit: Callable[..., Visitor], sign_in: Callable[[Visitor, Role], Actor], store: Store, width: int
) -> None:
    with store.write() as session:
        session.add_all(
            Outbox(
                task=task, ref=number, created_at=now(), due_at=now(), attempts=6, last_error=REASON,
                parked_at=now(),
            )
            for number, task in enumerate(("assess", "embed"), start=1)
        )  # fmt: skip
    visitor = visit(width=width)
    sign_in(visitor, "admin")
    page = visitor.page()
    page.goto("/kim/tertunda")
    page.locator("summary").first.click()
    if pictures := os.environ.get("PENJAGA_PICTURES"):
        page.screenshot(path=Path(pictures) / f"tertunda-{width}.png", full_page=True)
    assert chromium.violations(page) == []
    assert chromium.overflow(page) == 0
    heights = page.locator("main button:visible, main summary:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert [height for height in heights if height < 44] == []
    page.locator("input[name=reason]").nth(1).evaluate("one => one.closest('details').open = true")
    page.locator("input[name=reason]").nth(1).fill("Arsipnya sudah diganti")
    page.locator("details button").nth(1).click()
    assert "Dihentikan." in page.locator("main").inner_text()
    assert page.locator("ul.queue > li").count() == 1
