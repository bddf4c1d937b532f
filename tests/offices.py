"""Another office for tests: its website and the feed of what it has checked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.site import Reply, Request, Site
from triage import outbox
from triage.config import Config
from triage.db import Store
from triage.fetch import Fetcher
from triage.peers import reading, register
from triage.permissions import Actor

FEED = "/claimreview.json"


@dataclass
class OtherOffice:
    """A site whose feed tells what is in `items`; it answers 304 to whoever has it already."""

    site: Site
    items: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.pages[FEED] = self._feed

    def page(self, number: int) -> str:
        """The address of a fact-check."""
        return self.site.url(f"/fakta/{number}")

    def publish(self, number: int, claim: str, verdict: str = "Salah", **fields: Any) -> None:
        """Publish a fact-check, or another wording of one; newest first."""
        self._drop(number)
        review = {
            "@type": "ClaimReview",
            "url": self.page(number),
            "claimReviewed": claim,
            "reviewBody": f"Pemeriksaan atas: {claim}",
            "author": {"@type": "Organization", "name": "Kementerian Kesehatan"},
            "reviewRating": {"@type": "Rating", "alternateName": verdict},
            "datePublished": "2026-11-02",
        }
        self.items.insert(0, {"@type": "DataFeedItem", "item": review | fields})

    def retract(self, number: int) -> None:
        """Take a fact-check back."""
        self._drop(number)
        page = {"@type": "WebPage", "@id": self.page(number), "url": self.page(number), "name": "Dicabut"}
        self.items.insert(
            0, {"@type": "DataFeedItem", "dateDeleted": "2026-11-20T01:02:03+00:00", "item": page}
        )

    def _drop(self, number: int) -> None:
        self.items = [item for item in self.items if item["item"]["url"] != self.page(number)]

    def _feed(self, request: Request) -> Reply:
        document = {
            "@context": "https://schema.org",
            "@type": "DataFeed",
            "dataFeedElement": self.items,
        }
        body = json.dumps(document).encode()
        etag = f'"{hash(body)}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body, headers={"ETag": etag, "Content-Type": "application/ld+json"})


def add(store: Store, config: Config, actor: Actor, site: Site, name: str = "Diskominfo Jember") -> int:
    """Note an office and read it; returns its number."""
    number = register.add(store, config, actor, site.url("/"), name)
    read(store, config)
    return number


def read(store: Store, config: Config) -> None:
    """Read what offices are owed to be read, as a worker does, without waiting between tries."""
    fetcher = Fetcher(config, limits=reading.LIMITS, sleep=lambda _seconds: None)
    reading.read(store, config, outbox.claim(store, "peer", 10), fetcher)


def read_again(store: Store, config: Config, actor: Actor, number: int) -> None:
    """Read an office once more, at once."""
    register.read_now(store, actor, number)
    read(store, config)
