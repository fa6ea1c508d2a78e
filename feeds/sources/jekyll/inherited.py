"""The feeds that jekyll-feed made of a site, to be served on at their places."""

from feeds.inherited import InheritedFeeds
from feeds.model import Taxonomy
from feeds.sources.jekyll.feed_keys import FeedKeys, FeedOf, feed_paths


def inherited_feeds(keys: FeedKeys) -> InheritedFeeds:
    """Return what jekyll-feed's keys say of its feeds."""
    fixed = feed_paths(keys)

    def path_of(feed_set: str, taxonomy: Taxonomy, term: str) -> str | None:
        match taxonomy:
            case Taxonomy.ALL:
                return fixed.get(FeedOf(feed_set))
            case Taxonomy.CATEGORY:
                return fixed.get(FeedOf(feed_set, category=term))
            case Taxonomy.TAG if keys.by_tag and not feed_set:
                return feed_paths(keys, [term]).get(FeedOf(tag=term))
        return None

    return InheritedFeeds(
        format="atom",
        count=keys.posts_limit,
        path_of=path_of,
        fingerprint=repr(keys),
        excerpt_only=keys.excerpt_only,
    )
