"""What remains in a feed of the posts that were withdrawn."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from core.db import Row as Values
from core.db import RowStatement, microseconds, one_of
from feeds.model import Tombstone
from feeds.tables import posts, tombstones


def add(connection: Connection, now: datetime, left: Iterable[tuple[int, int]]) -> None:
    """Note which posts were withdrawn now, each as a term and the post that left its feed."""
    withdrawn = microseconds(now)
    rows: list[Values] = [(term_id, withdrawn, post_id) for term_id, post_id in sorted(left)]
    _ADD.execute(connection, rows)


def remove(connection: Connection, post_ids: Collection[int]) -> None:
    """Forget that these posts were withdrawn: they are back."""
    if post_ids:
        connection.execute(_REMOVE, {"posts": post_ids})


def of_feeds(connection: Connection, term_ids: Sequence[int]) -> Mapping[int, list[Tombstone]]:
    """Return, by term id, what was withdrawn from these feeds, from new to old."""
    found: dict[int, list[Tombstone]] = {}
    for row in connection.execute(_OF_FEEDS, {"terms": term_ids}):
        found.setdefault(row.term_id, []).append(Tombstone(id=row.entry_id, withdrawn=row.withdrawn_at))
    return found


def forget(connection: Connection, before: Mapping[int, datetime]) -> None:
    """Forget what was withdrawn from a feed before a time, given by term id."""
    if before:
        connection.execute(_FORGET, [{"b_term": term, "b_before": time} for term, time in before.items()])


_ADD = RowStatement(lambda _: insert(tombstones), [column.name for column in tombstones.c])
_REMOVE = delete(tombstones).where(one_of(tombstones.c.post_id, "posts"))
_OF_FEEDS = (
    select(tombstones.c.term_id, tombstones.c.withdrawn_at, posts.c.entry_id)
    .join(posts, posts.c.id == tombstones.c.post_id)
    .where(one_of(tombstones.c.term_id, "terms"))
    .order_by(tombstones.c.term_id, tombstones.c.withdrawn_at.desc(), tombstones.c.post_id.desc())
)
_FORGET = delete(tombstones).where(
    tombstones.c.term_id == bindparam("b_term"), tombstones.c.withdrawn_at < bindparam("b_before")
)
