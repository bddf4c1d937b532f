"""What this office has published: reviews for machines, what changed lately, notices and earlier versions."""

from triage.publication.changes import PAGE, Change, changed, version_tag
from triage.publication.claim_reviews import claim_review, data_feed
from triage.publication.notices import Notice, notices_of
from triage.publication.pages import PublicPage, public_page

__all__ = [
    "PAGE",
    "Change",
    "Notice",
    "PublicPage",
    "changed",
    "claim_review",
    "data_feed",
    "notices_of",
    "public_page",
    "version_tag",
]
