"""Which terms a post stands under, and what follows for windows, counts and feeds when that changes."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, cast

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from core.db import Row, RowStatement, microseconds, one_of
from feeds.model import Draft, Taxonomy, TermKey, scope, term_keys
from feeds.store import archives, tombstones
from feeds.store.terms import TermIds, count, count_pairs, mark_dirty, read_selections
from feeds.tables import post_terms, posts


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The terms of a live post and its place in their logs."""

    placed: datetime
    feed_set: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    selections: tuple[TermKey, ...] = ()
    listed: bool = True

    @classmethod
    def of(cls, draft: Draft, placed: datetime) -> "Membership":
        return cls(
            placed=placed,
            feed_set=draft.feed_set,
            categories=draft.categories,
            tags=draft.tags,
            authors=tuple(author.name for author in draft.authors),
            selections=draft.selections,
            listed=draft.listed,
        )

    def keys(self) -> list[TermKey]:
        """Return the taxonomy and term of each feed that the post stands in."""
        if not self.listed:
            return []
        return term_keys(self.feed_set, self.categories, self.tags, self.authors, self.selections)

    def pairs(self) -> Iterable[tuple[TermKey, TermKey]]:
        """Yield each category with each tag, for posts that stand in feeds."""
        if not self.listed:
            return
        category_scope, tag_scope = scope(Taxonomy.CATEGORY, self.feed_set), scope(Taxonomy.TAG, self.feed_set)
        for category, tag in product(self.categories, self.tags):
            yield (category_scope, category), (tag_scope, tag)


def memberships(connection: Connection, post_ids: Collection[int]) -> dict[int, Membership]:
    """Return the terms of those of these posts that are live, as stored."""
    return {
        row.id: Membership(
            placed=row.placed_at or row.published_at,
            feed_set=row.feed_set,
            categories=tuple(orjson.loads(row.categories)),
            tags=tuple(orjson.loads(row.tags)),
            authors=tuple(author["name"] for author in orjson.loads(row.authors)),
            selections=read_selections(row.selections),
            listed=row.listed,
        )
        for row in connection.execute(_LIVE, {"ids": post_ids})
    }


_LIVE = select(
    *(posts.c.id, posts.c.published_at, posts.c.placed_at, posts.c.feed_set),
    *(posts.c.categories, posts.c.tags, posts.c.authors, posts.c.selections, posts.c.listed),
).where(posts.c.withdrawn_at.is_(None), one_of(posts.c.id, "ids"))
_JOIN = RowStatement(lambda _: insert(post_terms), [column.name for column in post_terms.c])
_DELETE = delete(post_terms).where(
    post_terms.c.term_id == bindparam("b_term"),
    post_terms.c.published_at == bindparam("b_published"),
    post_terms.c.post_id == bindparam("b_post"),
)


class MembershipChanges:
    """The difference that a batch makes, written in a few statements."""

    def __init__(self) -> None:
        self._joined: list[tuple[int, datetime, TermKey]] = []
        self._left: list[tuple[int, datetime, TermKey]] = []
        self._withdrawn: list[tuple[int, TermKey]] = []
        self._pairs: Counter[tuple[TermKey, TermKey]] = Counter()
        self._touched: set[TermKey] = set()

    def add(self, post_id: int, before: Membership | None, after: Membership | None) -> None:
        """Note that a post's terms were `before` and are `after`; None where it is not live."""
        if before is None and after is not None:
            self._join(post_id, after)
            return
        old = dict.fromkeys(before.keys(), before.placed) if before else {}
        new = dict.fromkeys(after.keys(), after.placed) if after else {}
        self._touched.update(old, new)
        self._left.extend((post_id, when, key) for key, when in old.items() if new.get(key) != when)
        self._joined.extend((post_id, when, key) for key, when in new.items() if old.get(key) != when)
        if after is None:
            self._withdrawn.extend((post_id, key) for key in old)
        if before and before != after:
            self._pairs.subtract(before.pairs())
        if after and before != after:
            self._pairs.update(after.pairs())

    def _join(self, post_id: int, after: Membership) -> None:
        """Note a new post: most are, when there are many."""
        keys = dict.fromkeys(after.keys())
        self._touched.update(keys)
        self._joined.extend([(post_id, after.placed, key) for key in keys])
        self._pairs.update(after.pairs())

    def write(self, connection: Connection, term_ids: TermIds, now: datetime) -> None:
        """Write the memberships, the counts that follow from them, and which feeds are dirty."""
        if not self._touched:
            return
        ids = term_ids.resolve(connection, self._touched)
        # First: it locks the feeds, so that no archive page closes over what joins.
        mark_dirty(connection, {ids[key] for key in self._touched})
        if self._left:
            gone: list[dict[str, Any]] = [
                {"b_term": ids[key], "b_published": when, "b_post": post} for post, when, key in self._left
            ]
            connection.execute(_DELETE, gone)
        if self._joined:
            # In the order of the key, which is the order on disk.
            rows = sorted((ids[key], microseconds(when), post) for post, when, key in self._joined)
            _JOIN.execute(connection, cast("list[Row]", rows))
            archives.begin_anew_where_closed(connection, rows)
        if self._withdrawn:
            tombstones.add(connection, now, [(ids[key], post) for post, key in self._withdrawn])
        counts = Counter(ids[key] for _, _, key in self._joined)
        counts.subtract(ids[key] for _, _, key in self._left)
        count(connection, counts)
        count_pairs(connection, Counter({(ids[a], ids[b]): n for (a, b), n in self._pairs.items()}))
