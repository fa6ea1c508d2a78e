"""The items of upstream feeds: which of them are known, under this id or another, and their texts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from core.db import RowStatement, microseconds, one_of, replacing
from feeds.sources.upstream.likeness import Likeness
from feeds.tables import files, sources, upstream_items


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """An item to keep."""

    path: str
    likeness: Likeness
    item: str  # as JSON


def known_hashes(connection: Connection, source_id: int, paths: Collection[str]) -> dict[str, str | None]:
    """Return the content hash of each of these paths that was read before."""
    rows = connection.execute(_KNOWN, {"source": source_id, "paths": paths})
    return {row.path: row.content_hash for row in rows}


_KNOWN = select(files.c.path, files.c.content_hash).where(
    files.c.source_id == bindparam("source"), one_of(files.c.path, "paths")
)


def known_as(
    connection: Connection,
    source_id: int,
    likenesses: Mapping[str, Likeness],
    present: Collection[str],
    *,
    all_new: bool,
) -> dict[str, str]:
    """Return, by its path, the known path of each item that came under another id.

    Those that are `present` under their own are other items. Of several that look alike the newest counts, and each is
    taken once. With `all_new`, which says that no item of the feed is known, the same words are enough, whatever the
    date.
    """
    digests = {digest for one in likenesses.values() for digest in (one.dated, one.text) if digest is not None}
    rows = connection.execute(_ALIKE, {"source": source_id, "digests": digests}).all() if digests else []
    free = [row for row in rows if row.path not in present]
    by_digest = {digest: row.path for row in free for digest in (row.dated_likeness, row.text_likeness) if digest}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for path, one in likenesses.items():
        known = by_digest.get(one.dated) if one.dated else None
        if known is None and all_new and one.text:
            known = by_digest.get(one.text)
        if known is not None and known not in taken:
            found[path] = known
            taken.add(known)
    return found


_ALIKE = (
    select(upstream_items.c.path, upstream_items.c.dated_likeness, upstream_items.c.text_likeness)
    .where(
        upstream_items.c.source_id == bindparam("source"),
        or_(one_of(upstream_items.c.dated_likeness, "digests"), one_of(upstream_items.c.text_likeness, "digests")),
    )
    .order_by(upstream_items.c.seen_at)
)


def keep(connection: Connection, source_id: int, items: Sequence[KeptItem], now: datetime) -> None:
    """Keep items, each in the place of what stood under its path."""
    if items:
        at = microseconds(now)
        _SAVE.execute(
            connection,
            [(source_id, one.path, one.likeness.dated, one.likeness.text, at, one.item) for one in items],
        )


_SAVE = RowStatement(replacing(upstream_items, ["source_id", "path"]), [column.name for column in upstream_items.c])


def item_of(connection: Connection, source: str, path: str) -> str | None:
    """Return an item of a source, by its name, as JSON."""
    return connection.execute(_ITEM, {"source": source, "path": path}).scalar()


_ITEM = (
    select(upstream_items.c.item)
    .join(sources, sources.c.id == upstream_items.c.source_id)
    .where(sources.c.name == bindparam("source"), upstream_items.c.path == bindparam("path"))
)


def all_items(connection: Connection, source_id: int) -> Iterator[tuple[str, str]]:
    """Yield the path and the JSON of every item of a source."""
    statement = select(upstream_items.c.path, upstream_items.c.item).where(upstream_items.c.source_id == source_id)
    for row in connection.execute(statement.order_by(upstream_items.c.path)):
        yield row.path, row.item
