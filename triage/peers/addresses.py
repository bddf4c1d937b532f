"""The address of another office's feed, completed, and checked as far as that goes without the network."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from models.text import clean
from triage import fetch
from triage.archive.of_peers import site_of
from triage.config import Config
from triage.errors import PeerRefused
from triage.fetch import FetchRefused

# Where a Penjaga publishes what it has checked.
FEED = "/claimreview.json"


def feed_address(config: Config, given: str, here: str) -> str:
    """Return the address of a feed; of a bare site, that of its Penjaga's feed.

    `here`: host and port that this installation was asked by, which is nobody else's. Raises `PeerRefused`
    for what no fetch would be tried of. Where the name leads to is checked at each fetch.
    """
    text = clean(given).strip()
    if text and "://" not in text:
        text = f"https://{text}"
    try:
        fetch.check(config, text)
        parts = urlsplit(text)
        path = parts.path if parts.path not in ("", "/") else FEED
        address = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))
        site = site_of(address)
        ours = {site_of(f"{parts.scheme}://{host}") for host in (here, *config.hosts) if host}
    except (FetchRefused, ValueError) as error:
        raise PeerRefused(str(error), "url") from error
    if site in ours:
        raise PeerRefused("This is the address of this installation itself.", "own")
    return address
