"""What subscriptions choose posts by: terms under all their names, the language, and the text when it is asked for."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from sqlalchemy import Connection

from feedbell.events import facts
from feeds.choice import FeedChoice
from feeds.entries import EntryBuilder
from feeds.layout import Layout
from feeds.model import Category, Post, Rendering, Taxonomy, TermKey, term_keys
from feeds.slugs import slug_for
from feeds.store import terms
from feeds.summary import plain_text
from notifier.match import facts_of
from notifier.model import Facts


class KnownPost:
    """A post with what is told of it; its text is rendered when it is first asked for."""

    def __init__(
        self,
        connection: Connection,
        entries: EntryBuilder,
        post: Post,
        revision: int,
        *,
        facts: Facts,
        shown: Sequence[Category],
    ) -> None:
        self.post = post
        self.facts = facts
        self.shown = shown  # the terms that have feeds
        self._connection = connection
        self._entries = entries
        self._revision = revision

    @cached_property
    def rendering(self) -> Rendering | None:
        """What readers get of the post; None if it cannot be rendered."""
        return self._entries.payload_rendering(self._connection, self.post, self._revision)

    def text(self) -> str:
        """Return what subscriptions look for words and patterns in: title, summary and content, line by line."""
        parts = [self.post.title, self.post.summary or ""]
        if self.rendering is not None:
            parts += [self.rendering.summary, plain_text(self.rendering.content_html)]
        return "\n".join(parts)


class PostFacts:
    """Reads what subscriptions choose posts by."""

    def __init__(self, *, layout: Layout, entries: EntryBuilder, choice: FeedChoice) -> None:
        self._layout = layout
        self._entries = entries
        self._choice = choice

    def read(self, connection: Connection, posts: Mapping[int, tuple[Post, int]]) -> dict[int, KnownPost]:
        """Return posts, given with their revisions, as subscriptions see them while the connection is open."""
        keys = {key for post, _ in posts.values() for key in _terms_of(post)}
        names = terms.names(connection, keys)
        without = terms.without_feed(connection, keys, self._choice)
        return {
            post_id: self._known(connection, post, revision, names, without)
            for post_id, (post, revision) in posts.items()
        }

    def _known(
        self,
        connection: Connection,
        post: Post,
        revision: int,
        names: Mapping[TermKey, Category],
        without: set[TermKey],
    ) -> KnownPost:
        named = [names.get(key) or _nameless(key, post) for key in _terms_of(post)]
        return KnownPost(
            connection,
            self._entries,
            post,
            revision,
            facts=facts_of("", **facts(post, named, self._layout)),
            shown=[category for category in named if not post.listed or category.key not in without],
        )


def _terms_of(post: Post) -> list[TermKey]:
    """Return the terms of a post, also of one that stands in no feed."""
    authors = [author.name for author in post.authors]
    return term_keys(post.feed_set, post.categories, post.tags, authors, post.selections)


def _nameless(key: TermKey, post: Post) -> Category:
    """Return a term that no post in our feeds has, so that it has no name but its own."""
    taxonomy, term = Taxonomy(key[0].partition("@")[0]), key[1]
    return Category(taxonomy=taxonomy, term=term, label=term, slug=slug_for(term), feed_set=post.feed_set)
