"""What feeds are dirty, which posts they show, and what was rendered of those."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, Integer, Row, bindparam, column, func, null, select, type_coerce, update

from core.db import Row as Values
from core.db import RowStatement, one_of, replacing, upsert
from feeds.archive import Placed, Position
from feeds.model import Author, Category, Enclosure, Post, Rendering
from feeds.store.terms import category_of, read_selections
from feeds.tables import build_settings, feeds, post_terms, posts, renderings, sources, terms
from feeds.window import MEASURED, MEASURED_POSTS, WindowRule, horizon, hours_of, measured_hours, window_length


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveState:
    """How far a feed's archive goes."""

    pages: int = 0  # that are closed
    last: Position | None = None  # the last post on them
    generation: int = 0  # how often it began anew


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed and how far it is built."""

    term_id: int
    category: Category
    posts: int
    wanted_revision: int
    updated: datetime | None
    sizes: Mapping[str, int] | None  # path to bytes on disk
    archive: ArchiveState = ArchiveState()
    hashes: Mapping[str, str] | None = None  # path to a hash of the file, for those that others may follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A feed that is on disk now."""

    term_id: int
    revision: int
    updated: datetime | None
    sizes: Mapping[str, int] | None
    hashes: Mapping[str, str] | None = None


def dirty_feeds(connection: Connection) -> list[FeedRow]:
    """Return the feeds to build, small ones first: they are soon in place, whatever the large ones take."""
    return _feed_rows(connection, feeds.c.wanted_revision > feeds.c.built_revision)


def clean_feeds(connection: Connection) -> list[FeedRow]:
    """Return the feeds that should be on disk as they are."""
    return _feed_rows(connection, feeds.c.wanted_revision <= feeds.c.built_revision)


def _feed_rows(connection: Connection, condition: Any) -> list[FeedRow]:
    columns = (feeds.c.wanted_revision, feeds.c.updated_at, feeds.c.sizes, feeds.c.hashes)
    archive = (feeds.c.archive_pages, _ARCHIVED_AT, feeds.c.archived_post_id, feeds.c.archive_generation)
    statement = select(terms, *columns, *archive).join(feeds)
    return [
        FeedRow(
            term_id=row.id,
            category=category_of(row),
            posts=row.posts,
            wanted_revision=row.wanted_revision,
            updated=row.updated_at,
            sizes=orjson.loads(row.sizes) if row.sizes else None,
            archive=ArchiveState(
                pages=row.archive_pages,
                last=(row.archived, row.archived_post_id) if row.archive_pages else None,
                generation=row.archive_generation,
            ),
            hashes=orjson.loads(row.hashes) if row.hashes else None,
        )
        for row in connection.execute(statement.where(condition).order_by(terms.c.posts, terms.c.id))
    ]


_ARCHIVED_AT = type_coerce(feeds.c.archived_at, BigInteger).label("archived")


def windows(connection: Connection, wanted: Sequence[FeedRow], rule: WindowRule) -> dict[int, list[Placed]]:
    """Return, for each feed's term id, the posts that it shows, from the one that came out last to the first."""
    small = [feed.term_id for feed in wanted if feed.posts <= rule.count * 4]
    found: dict[int, list[Placed]] = {feed.term_id: [] for feed in wanted}
    found.update(_small_windows(connection, small, rule))
    for feed in wanted:
        if feed.posts > rule.count * 4:
            found[feed.term_id] = _large_window(connection, feed.term_id, rule)
    return found


_PLACED = type_coerce(post_terms.c.published_at, BigInteger)  # as numbers: there are thousands
_NEW_TO_OLD = (post_terms.c.published_at.desc(), post_terms.c.post_id.desc())
_SHOWN = select(post_terms.c.term_id, _PLACED.label("at"), posts.c.id, posts.c.revision).join(
    posts, posts.c.id == post_terms.c.post_id
)
_SMALL = _SHOWN.where(one_of(post_terms.c.term_id, "terms")).order_by(post_terms.c.term_id, *_NEW_TO_OLD)
_NEWEST = (
    _SHOWN.where(post_terms.c.term_id == bindparam("term"))
    .order_by(*_NEW_TO_OLD)
    .limit(bindparam("most", type_=Integer))
)
_SINCE = bindparam("since", type_=BigInteger)
_RECENT = _NEWEST.where(_PLACED >= _SINCE)
_MEASURED = select(func.count(), func.min(column("at", BigInteger))).select_from(
    select(_PLACED.label("at"))
    .where(post_terms.c.term_id == bindparam("term"), _PLACED >= _SINCE)
    .order_by(*_NEW_TO_OLD)
    .limit(MEASURED_POSTS)
    .subquery()
)


def _small_windows(connection: Connection, term_ids: Sequence[int], rule: WindowRule) -> dict[int, list[Placed]]:
    """Read whole terms at once: thousands of small feeds would cost a query each."""
    by_term: dict[int, list[Placed]] = {}
    for term_id, at, post_id, revision in connection.execute(_SMALL, {"terms": term_ids}):
        by_term.setdefault(term_id, []).append(Placed(at, post_id, revision))
    for rows in by_term.values():
        times = [row.at for row in rows]
        del rows[window_length(times, rule, hours_of(times, rule)) :]
    return by_term


def _large_window(connection: Connection, term_id: int, rule: WindowRule) -> list[Placed]:
    """Read only the window: its cost does not grow with the term."""
    rows = connection.execute(_NEWEST, {"term": term_id, "most": min(rule.count, rule.limit)}).all()
    if rows:
        newest = rows[0].at
        hours = rule.hours if rule.hours is not None else _measured_hours(connection, term_id, newest)
        if hours and rows[-1].at >= (since := horizon(newest, hours)):
            rows = connection.execute(_RECENT, {"term": term_id, "since": since, "most": rule.limit}).all()
    return [Placed(at, post_id, revision) for _, at, post_id, revision in rows]


def _measured_hours(connection: Connection, term_id: int, newest: int) -> float:
    posts_, oldest = connection.execute(_MEASURED, {"term": term_id, "since": newest - MEASURED}).one()
    return measured_hours(newest, oldest, posts_)


def load_posts(connection: Connection, post_ids: Collection[int]) -> dict[int, tuple[Post, int]]:
    """Return each post with its revision, by id."""
    return {row.id: (post_of(row), row.revision) for row in connection.execute(_POSTS, {"ids": post_ids})}


_WITH_SOURCE = select(
    posts, sources.c.name.label("source"), (posts.c.first_seen_at > sources.c.baselined_at).label("came_since")
).join(sources, sources.c.id == posts.c.source_id)
_POSTS = _WITH_SOURCE.where(one_of(posts.c.id, "ids"))


def newest_posts(connection: Connection, limit: int, *, withdrawn: bool = False) -> list[Post]:
    """Return the newest posts, live ones unless `withdrawn`."""
    wanted = posts.c.withdrawn_at.is_not(None) if withdrawn else posts.c.withdrawn_at.is_(None)
    statement = _WITH_SOURCE.where(wanted).order_by(posts.c.published_at.desc(), posts.c.id.desc()).limit(limit)
    return [post_of(row) for row in connection.execute(statement)]


def post_of(row: Row[Any]) -> Post:
    """Read a post's row, joined with the name of its source."""
    return Post(
        id=row.id,
        source=row.source,
        entry_id=row.entry_id,
        url=row.url,
        path=row.path,
        title=row.title,
        published=row.published_at,
        updated=row.updated_at,
        categories=tuple(orjson.loads(row.categories)),
        tags=tuple(orjson.loads(row.tags)),
        authors=tuple(Author(**author) for author in orjson.loads(row.authors)),
        summary=row.summary,
        image=row.image,
        language=row.language,
        content_hash=row.content_hash,
        withdrawn=row.withdrawn_at,
        feed_set=row.feed_set,
        selections=read_selections(row.selections),
        came_since=bool(row.came_since),
        listed=row.listed,
    )


def load_renderings(
    connection: Connection, post_ids: Collection[int], renderer: int
) -> dict[int, tuple[int, Rendering]]:
    """Return, by post id, the revision that was rendered by this version of the renderer, and the rendering."""
    found = connection.execute(_RENDERINGS, {"ids": post_ids, "renderer": renderer})
    return {
        row.post_id: (
            row.revision,
            Rendering(
                content_html=row.content_html,
                summary=row.summary,
                image=row.image,
                via=row.via,
                authors=tuple(Author(**one) for one in orjson.loads(row.authors or "[]")),
                enclosures=tuple(Enclosure(**one) for one in orjson.loads(row.enclosures or "[]")),
            ),
        )
        for row in found
    }


_RENDERINGS = select(renderings).where(
    renderings.c.renderer == bindparam("renderer"), one_of(renderings.c.post_id, "ids")
)


def save_renderings(connection: Connection, renderer: int, rendered: Iterable[tuple[int, int, Rendering]]) -> None:
    """Keep renderings, given as post id, revision and rendering."""
    rows: list[Values] = [
        (
            post_id,
            revision,
            renderer,
            rendering.content_html,
            rendering.summary,
            rendering.image,
            rendering.via,
            orjson.dumps(rendering.authors).decode() if rendering.authors else None,
            orjson.dumps(rendering.enclosures).decode() if rendering.enclosures else None,
        )
        for post_id, revision, rendering in rendered
    ]
    if rows:
        _SAVE_RENDERINGS.execute(connection, rows)


_SAVE_RENDERINGS = RowStatement(replacing(renderings, ["post_id"]), [column.name for column in renderings.c])


_MARK_BUILT = (
    update(feeds)
    .where(feeds.c.term_id == bindparam("b_term"))
    .values(
        built_revision=bindparam("built_revision"),
        updated_at=bindparam("updated_at"),
        sizes=bindparam("sizes"),
        hashes=bindparam("hashes"),
        error=null(),
    )
)


def mark_built(connection: Connection, built: Sequence[Built]) -> None:
    """Note that feeds are on disk as of a revision; one that was wanted again meanwhile stays dirty."""
    if built:
        connection.execute(
            _MARK_BUILT,
            [
                {
                    "b_term": feed.term_id,
                    "built_revision": feed.revision,
                    "updated_at": feed.updated,
                    "sizes": orjson.dumps(feed.sizes).decode() if feed.sizes is not None else None,
                    "hashes": orjson.dumps(feed.hashes).decode() if feed.hashes is not None else None,
                }
                for feed in built
            ],
        )


def is_followed(connection: Connection, path: str) -> bool:
    """Tell whether a file is one of a feed that stands, and not a page for people."""
    written = orjson.dumps(path).decode()
    rows = connection.execute(select(feeds.c.hashes).where(feeds.c.hashes.contains(written, autoescape=True)))
    return any(path in orjson.loads(row.hashes) for row in rows)


def followed_paths(connection: Connection) -> set[str]:
    """Return the files of all feeds that stand, without pages for people."""
    rows = connection.execute(select(feeds.c.hashes).where(feeds.c.hashes.is_not(None)))
    return {path for row in rows for path in orjson.loads(row.hashes)}


def mark_unwritable(connection: Connection, reasons: Mapping[int, str]) -> None:
    """Note why feeds could not be put in place."""
    for term_id, reason in reasons.items():
        connection.execute(update(feeds).where(feeds.c.term_id == term_id).values(error=reason))


def unwritable(connection: Connection) -> list[str]:
    """Return why feeds are not in place, each reason once."""
    statement = select(feeds.c.error).where(feeds.c.error.is_not(None)).distinct().order_by(feeds.c.error)
    return [reason for reason in connection.execute(statement).scalars() if reason]


def dirty_count(connection: Connection) -> int:
    """Count the feeds to build."""
    statement = select(func.count()).select_from(feeds).where(feeds.c.wanted_revision > feeds.c.built_revision)
    return connection.execute(statement).scalar_one()


def build_setting(connection: Connection, name: str) -> str | None:
    """Return a remembered fingerprint."""
    return connection.execute(select(build_settings.c.value).where(build_settings.c.name == name)).scalar()


def remember_build_setting(connection: Connection, name: str, value: str) -> None:
    """Remember a fingerprint."""
    statement = upsert(connection, build_settings).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=[build_settings.c.name], set_={"value": value}))
