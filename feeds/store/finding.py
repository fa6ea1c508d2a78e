"""Posts and files as people name them: by id, address, path or file name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from core.db import one_of
from feeds.tables import files, posts, quarantine, sources


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPost:
    """A post that a name may mean."""

    id: int
    source: str
    entry_id: str
    path: str
    url: str
    title: str
    first_seen: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that was read; `reason` says why it is quarantined."""

    source: str
    path: str
    is_post: bool  # whether it is, or was before it broke
    due: datetime | None = None  # when it becomes public, or goes
    reason: str | None = None
    since: datetime | None = None  # of the quarantine


def posts_called(connection: Connection, names: Collection[str]) -> list[FoundPost]:
    """Return the posts with one of these ids; else with one of these addresses or paths, live ones before others."""
    return _posts(connection, one_of(posts.c.entry_id, "names"), names) or _posts(
        connection, or_(one_of(posts.c.url, "names"), one_of(posts.c.path, "names")), names
    )


def posts_of_file(connection: Connection, name: str) -> list[FoundPost]:
    """Return the posts whose file has this name in whatever folder, with or without its ending."""
    found = _select_posts(connection, _ends_with_name(posts.c.path, name))
    return _live_first(post for post in found if _has_name(post.path, name))


def posts_like(connection: Connection, text: str, limit: int) -> list[FoundPost]:
    """Return the newest posts whose path, address or title holds a text, without regard to capitals."""
    places = (posts.c.path, posts.c.url, posts.c.title)
    like = or_(*(place.icontains(text, autoescape=True) for place in places))
    return _select_posts(connection, like, limit=limit)


def files_called(connection: Connection, names: Collection[str]) -> list[FoundFile]:
    """Return the files at one of these paths that were read, of whatever source."""
    statement = _FILES.where(one_of(files.c.path, "names"))
    return [_file(row) for row in connection.execute(statement, {"names": list(names)})]


def files_named(connection: Connection, name: str) -> list[FoundFile]:
    """Return the files of this name in whatever folder that are no posts now, with or without the ending."""
    no_post = or_(files.c.post_id.is_(None), quarantine.c.reason.is_not(None))
    found = connection.execute(_FILES.where(_ends_with_name(files.c.path, name), no_post))
    return [_file(row) for row in found if _has_name(row.path, name)]


def _posts(connection: Connection, condition: ColumnElement[bool], names: Collection[str]) -> list[FoundPost]:
    return _live_first(_select_posts(connection, condition, names=list(names)))


def _select_posts(
    connection: Connection, condition: ColumnElement[bool], *, limit: int | None = None, **parameters: Any
) -> list[FoundPost]:
    statement = _POSTS.where(condition).order_by(posts.c.id.desc()).limit(limit)
    return [
        FoundPost(
            id=row.id,
            source=row.source,
            entry_id=row.entry_id,
            path=row.path,
            url=row.url,
            title=row.title,
            first_seen=row.first_seen_at,
            withdrawn=row.withdrawn_at is not None,
        )
        for row in connection.execute(statement, parameters)
    ]


def _live_first(found: Iterable[FoundPost]) -> list[FoundPost]:
    return sorted(found, key=lambda post: post.withdrawn)


_POSTS = select(
    posts.c.id,
    posts.c.entry_id,
    posts.c.path,
    posts.c.url,
    posts.c.title,
    posts.c.first_seen_at,
    posts.c.withdrawn_at,
    sources.c.name.label("source"),
).join(sources, sources.c.id == posts.c.source_id)

_FILES = (
    select(
        sources.c.name.label("source"),
        files.c.path,
        files.c.post_id,
        files.c.due_at,
        quarantine.c.reason,
        quarantine.c.since,
    )
    .join(sources, sources.c.id == files.c.source_id)
    .outerjoin(quarantine, and_(quarantine.c.source_id == files.c.source_id, quarantine.c.path == files.c.path))
    .order_by(sources.c.name, files.c.path)
)


def _file(row: Any) -> FoundFile:
    return FoundFile(
        source=row.source,
        path=row.path,
        is_post=row.post_id is not None,
        due=row.due_at,
        reason=row.reason,
        since=row.since,
    )


def _ends_with_name(path: Any, name: str) -> ColumnElement[bool]:
    # Databases differ in whether capitals count here, and an ending may be anything: `_has_name` decides.
    return or_(
        path.startswith(name, autoescape=True),
        path.endswith(f"/{name}", autoescape=True),
        path.contains(f"/{name}.", autoescape=True),
    )


def _has_name(path: str, name: str) -> bool:
    file = path.rpartition("/")[2]
    return name in (file, file.rpartition(".")[0])
