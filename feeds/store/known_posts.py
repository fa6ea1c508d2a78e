"""The stored posts that a batch of readings may be about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.db import one_of
from feeds.decide import StoredPost
from feeds.model import Draft
from feeds.store.terms import read_selections
from feeds.tables import files, posts


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The known files that a poll did not find, and the posts that they were."""

    paths: frozenset[str] = frozenset()
    posts: tuple[StoredPost, ...] = ()


_STORED = [
    posts.c.id,
    posts.c.source_key,
    posts.c.path,
    posts.c.url,
    posts.c.published_at,
    posts.c.updated_at,
    posts.c.placed_at,
    posts.c.content_hash,
    posts.c.meaning_hash,
    posts.c.revision,
    posts.c.withdrawn_at,
    posts.c.language,
    posts.c.feed_set,
    posts.c.selections,
    posts.c.listed,
]


def _stored(row: Row[Any]) -> StoredPost:
    return StoredPost(
        id=row.id,
        source_key=row.source_key,
        path=row.path,
        url=row.url,
        published=row.published_at,
        updated=row.updated_at,
        placed=row.placed_at or row.published_at,
        content_hash=row.content_hash,
        meaning_hash=row.meaning_hash,
        revision=row.revision,
        withdrawn=row.withdrawn_at is not None,
        language=row.language,
        feed_set=row.feed_set,
        selections=read_selections(row.selections),
        listed=row.listed,
    )


def owners(connection: Connection, source_id: int, paths: Sequence[str]) -> dict[str, StoredPost]:
    """Return the post that each path's file is, for those that are one."""
    return {row.at: _stored(row) for row in connection.execute(_OWNERS, {"source": source_id, "paths": paths})}


def by_key(connection: Connection, source_id: int, keys: Sequence[str]) -> dict[str, StoredPost]:
    return {row.source_key: _stored(row) for row in connection.execute(_BY_KEY, {"source": source_id, "keys": keys})}


_OWNERS = (
    select(files.c.path.label("at"), *_STORED)
    .join(posts, posts.c.id == files.c.post_id)
    .where(files.c.source_id == bindparam("source"), one_of(files.c.path, "paths"))
)
_BY_KEY = select(*_STORED).where(posts.c.source_id == bindparam("source"), one_of(posts.c.source_key, "keys"))
_WITHDRAWN = select(*_STORED).where(
    posts.c.source_id == bindparam("source"),
    posts.c.withdrawn_at.is_not(None),
    one_of(posts.c.content_hash, "hashes"),
)
_TAKEN = select(posts.c.entry_id).where(one_of(posts.c.entry_id, "ids"))


def without_file(
    connection: Connection, source_id: int, drafts: Sequence[Draft], owners: dict[str, StoredPost], gone: Gone
) -> dict[str, StoredPost]:
    """Return the posts that have no file now, by content: where a new file may be one of them, moved."""
    found = {post.content_hash: post for post in gone.posts}
    found.update((post.content_hash, post) for post in _withdrawn(connection, source_id, drafts, owners))
    return found


def _withdrawn(
    connection: Connection, source_id: int, drafts: Sequence[Draft], owners: dict[str, StoredPost]
) -> Iterator[StoredPost]:
    hashes = [draft.content_hash for draft in drafts if draft.path not in owners]
    for row in connection.execute(_WITHDRAWN, {"source": source_id, "hashes": hashes}):
        yield _stored(row)


def taken_entry_ids(connection: Connection, entry_ids: Sequence[str]) -> set[str]:
    return set(connection.scalars(_TAKEN, {"ids": entry_ids}))
