"""The archive of each feed: which stretches of its log stand on closed pages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    delete,
    func,
    null,
    or_,
    select,
    type_coerce,
    update,
)

from core.db import Id, RowStatement, moment, one_of, replacing
from core.db import Row as Values
from feeds.archive import Placed, Position
from feeds.tables import archive_pages, feeds, post_terms, posts

BEGINNING: Position = (-(2**62), 0)  # before every post
_END: Position = (2**62, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a feed's archive."""

    term_id: int
    generation: int
    page: int  # from 1
    after: Position  # the last post of the page before
    last: Position
    sizes: Mapping[str, int]  # path to bytes; empty: to be written


def begin_anew_where_closed(connection: Connection, joined: Iterable[tuple[int, int, int]]) -> None:
    """Begin those archives anew that have closed over a place that a post takes now: its term, time and id."""
    first: dict[int, Position] = {}
    for term_id, *position in joined:
        place = (position[0], position[1])
        first[term_id] = min(place, first.get(term_id, place))
    bounds = connection.execute(_BOUNDS, {"terms": list(first)})
    begin_anew(connection, [row.term_id for row in bounds if first[row.term_id] <= (row.at, row.post)])


def begin_anew(connection: Connection, term_ids: Collection[int]) -> None:
    """Let the archives of these feeds begin anew, at new addresses: whoever follows them sees all posts."""
    if term_ids:
        connection.execute(_BEGIN_ANEW.where(one_of(feeds.c.term_id, "terms")), {"terms": term_ids})
        outdated = update(archive_pages).where(one_of(archive_pages.c.term_id, "terms")).values(sizes=null())
        connection.execute(outdated, {"terms": term_ids})


def begin_all_anew(connection: Connection) -> None:
    """Let every archive begin anew, and want their feeds built again."""
    connection.execute(_BEGIN_ANEW.values(wanted_revision=feeds.c.wanted_revision + 1))
    connection.execute(update(archive_pages).values(sizes=null()))


_AT = type_coerce(feeds.c.archived_at, BigInteger).label("at")
_BOUNDS = select(feeds.c.term_id, _AT, feeds.c.archived_post_id.label("post")).where(
    one_of(feeds.c.term_id, "terms"), feeds.c.archive_pages > 0
)
_BEGIN_ANEW = (
    update(feeds)
    .where(feeds.c.archive_pages > 0)
    .values(
        archive_pages=0,
        archived_at=null(),
        archived_post_id=null(),
        archive_generation=feeds.c.archive_generation + 1,
    )
)


def _beyond(position: str) -> ColumnElement[bool]:
    at, post = bindparam(f"{position}_at", type_=BigInteger), bindparam(f"{position}_post", type_=Id)
    return or_(at < _PLACED, and_(at == _PLACED, post_terms.c.post_id > post))


_PLACED = type_coerce(post_terms.c.published_at, BigInteger)
# The first condition is what makes it a range of the key.
_STRETCH = (
    post_terms.c.term_id == bindparam("term"),
    bindparam("after_at", type_=BigInteger) <= _PLACED,
    bindparam("last_at", type_=BigInteger) >= _PLACED,
    _beyond("after"),
    ~_beyond("last"),
)
_OLDEST = (
    select(_PLACED.label("at"), posts.c.id, posts.c.revision)
    .join(posts, posts.c.id == post_terms.c.post_id)
    .where(*_STRETCH)
    .order_by(post_terms.c.published_at, post_terms.c.post_id)
    .limit(bindparam("most", type_=Integer))
)
_COUNT = select(func.count()).select_from(post_terms).where(*_STRETCH)


def _stretch(term_id: int, after: Position, last: Position) -> dict[str, int]:
    return {
        "term": term_id,
        "after_at": after[0],
        "after_post": after[1],
        "last_at": last[0],
        "last_post": last[1],
    }


def oldest(connection: Connection, term_id: int, after: Position, most: int, last: Position = _END) -> list[Placed]:
    """Return the posts of a feed's log beyond a position, from old to new, at most so many and none beyond `last`."""
    found = connection.execute(_OLDEST, {**_stretch(term_id, after, last), "most": most})
    return [Placed(at, post_id, revision) for at, post_id, revision in found]


def close(connection: Connection, before: Position, pages: Sequence[Page], posts_taken: int) -> bool:
    """Close pages of one feed, unless others came into or out of their stretch since they were read; return whether.

    `before` is the last post that was on a closed page, `posts_taken` the number of posts on the new ones.
    """
    last = pages[-1]
    # Whoever adds a post marks its feeds dirty first, and so waits for this row.
    locked = select(feeds.c.archive_generation).where(feeds.c.term_id == last.term_id).with_for_update()
    if connection.execute(locked).scalar_one() != last.generation:
        return False
    if connection.execute(_COUNT, _stretch(last.term_id, before, last.last)).scalar_one() != posts_taken:
        return False
    save(connection, pages)
    state = {"archive_pages": last.page, "archived_at": moment(last.last[0]), "archived_post_id": last.last[1]}
    connection.execute(update(feeds).where(feeds.c.term_id == last.term_id).values(state))
    return True


def save(connection: Connection, pages: Sequence[Page]) -> None:
    """Note that pages are on disk."""
    rows: list[Values] = [
        (page.term_id, page.generation, page.page, *page.last, orjson.dumps(page.sizes).decode()) for page in pages
    ]
    if rows:
        _SAVE.execute(connection, rows)


def unsettled(connection: Connection, term_ids: Collection[int]) -> list[Page]:
    """Return the pages of these feeds that must be written again, or removed as their archive began anew."""
    return [
        Page(
            term_id=row.term_id,
            generation=row.generation,
            page=row.page,
            after=_last_of(connection, row.term_id, row.generation, row.page - 1),
            last=(row.at, row.last_post_id),
            sizes={},
        )
        for row in connection.execute(_UNSETTLED, {"terms": term_ids})
    ]


def _last_of(connection: Connection, term_id: int, generation: int, page: int) -> Position:
    key = {"b_term": term_id, "b_generation": generation, "b_page": page}
    row = connection.execute(_ONE_PAGE, key).first()
    return (row.at, row.last_post_id) if row else BEGINNING


def remove(connection: Connection, pages: Iterable[Page]) -> None:
    """Forget pages that are no longer on disk."""
    rows = [{"b_term": page.term_id, "b_generation": page.generation, "b_page": page.page} for page in pages]
    if rows:
        connection.execute(_REMOVE, rows)


def sizes_on_disk(connection: Connection) -> list[tuple[int, int, int, Mapping[str, int]]]:
    """Return the term, generation and number of every closed page, with the bytes that its files should have."""
    return [(*key, orjson.loads(sizes)) for *key, sizes in connection.execute(_WRITTEN)]


def want_written(connection: Connection, pages: Iterable[tuple[int, int, int]]) -> None:
    """Want pages written again, given by term, generation and number."""
    rows = [{"b_term": term, "b_generation": generation, "b_page": page} for term, generation, page in pages]
    if rows:
        connection.execute(_WANT_WRITTEN, rows)


_SAVE = RowStatement(
    replacing(archive_pages, ["term_id", "generation", "page"]), [column.name for column in archive_pages.c]
)
_LAST_AT = type_coerce(archive_pages.c.last_at, BigInteger).label("at")
_UNSETTLED = (
    select(archive_pages.c.term_id, archive_pages.c.generation, archive_pages.c.page, _LAST_AT)
    .add_columns(archive_pages.c.last_post_id)
    .where(one_of(archive_pages.c.term_id, "terms"), archive_pages.c.sizes.is_(None))
    .order_by(archive_pages.c.term_id, archive_pages.c.generation, archive_pages.c.page)
)
_KEY = (
    archive_pages.c.term_id == bindparam("b_term"),
    archive_pages.c.generation == bindparam("b_generation"),
    archive_pages.c.page == bindparam("b_page"),
)
_ONE_PAGE = select(_LAST_AT, archive_pages.c.last_post_id).where(*_KEY)
_REMOVE = delete(archive_pages).where(*_KEY)
_WANT_WRITTEN = update(archive_pages).where(*_KEY).values(sizes=null())
_WRITTEN = select(
    archive_pages.c.term_id, archive_pages.c.generation, archive_pages.c.page, archive_pages.c.sizes
).where(archive_pages.c.sizes.is_not(None))
