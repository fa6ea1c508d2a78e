"""Which changes others are told of, under which names, and what subscriptions choose by."""

from collections.abc import Iterable, Mapping

from feeds.decide import Change
from feeds.layout import Layout
from feeds.model import Category, Post

TYPES: Mapping[Change, str] = {
    Change.PUBLISHED: "post.published",
    Change.UPDATED: "post.updated",
    Change.WITHDRAWN: "post.withdrawn",
}
TEST = "endpoint.test"


def facts(post: Post, named: Iterable[Category], layout: Layout) -> dict[str, list[str]]:
    """Return what subscriptions choose by: terms and labels alike."""
    language = post.language or layout.facts(post.feed_set).language
    found: dict[str, list[str]] = {
        "language": [language] if language else [],
        "source": [post.source],
        "author": [author.name for author in post.authors],
        "category": [],
        "tag": [],
        "selection": [],
    }
    for category in named:
        if category.taxonomy in found:
            found[category.taxonomy] += dict.fromkeys((category.term, layout.label(category)))
    return found
