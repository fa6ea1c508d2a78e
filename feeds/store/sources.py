"""The stored state of each source: its baseline, its hold, its files."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from core.db import insert_ignoring_conflicts, one_of
from feeds.model import Stat
from feeds.tables import files, posts, quarantine, sources

CLASH = "duplicate-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source as we remember it."""

    id: int
    name: str
    generation: int
    reading_fingerprint: str | None
    baselined_at: datetime | None
    polled_at: datetime | None
    held_since: datetime | None
    held_missing: int
    withdrawal_confirmed: bool
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedFile:
    """A file that is no post, as people are told of it."""

    source: str
    path: str
    code: str
    reason: str
    line: int | None
    column: int | None
    since: datetime


def register(connection: Connection, name: str) -> SourceState:
    """Return a source's state; a source that is new gets its row."""
    row = connection.execute(select(sources).where(sources.c.name == name)).first()
    if row is None:
        connection.execute(insert_ignoring_conflicts(connection, sources).values(name=name))
        return load(connection, name)
    return SourceState(**row._mapping)


def load(connection: Connection, name: str, *, lock: bool = False) -> SourceState:
    """Return a source's state; with `lock`, until the transaction ends nobody else changes it."""
    statement = select(sources).where(sources.c.name == name)
    row = connection.execute(statement.with_for_update() if lock else statement).one()
    return SourceState(**row._mapping)


def listing(connection: Connection) -> list[SourceState]:
    """Return every source that was ever polled, by name."""
    return [SourceState(**row._mapping) for row in connection.execute(select(sources).order_by(sources.c.name))]


def change(connection: Connection, source_id: int, **values: object) -> None:
    """Change columns of a source's row."""
    connection.execute(update(sources).where(sources.c.id == source_id).values(**values))


def known_files(connection: Connection, source_id: int, only: Collection[str] | None) -> dict[str, Stat]:
    """Return path to (size, mtime, inode) of each file that we have read; `only` of these paths if given."""
    statement, values = (_FILES, {}) if only is None else (_SOME_FILES, {"paths": only})
    rows = connection.execute(statement, {"source": source_id, **values})
    return {path: (size, mtime, inode) for path, size, mtime, inode in rows}


_FILES = select(files.c.path, files.c.size, files.c.mtime_ns, files.c.inode).where(
    files.c.source_id == bindparam("source")
)
_SOME_FILES = _FILES.where(one_of(files.c.path, "paths"))


def due_paths(connection: Connection, source_id: int, now: datetime) -> list[str]:
    """Return the hidden files whose time has come."""
    statement = select(files.c.path).where(files.c.source_id == source_id, files.c.due_at <= now)
    return list(connection.execute(statement).scalars())


def next_due(connection: Connection) -> datetime | None:
    """Return when the next hidden file becomes public."""
    return connection.execute(select(func.min(files.c.due_at)).where(files.c.due_at.is_not(None))).scalar()


def clashing_paths(connection: Connection, source_id: int) -> list[str]:
    """Return the files that are no posts only because another file has their id."""
    statement = select(quarantine.c.path).where(quarantine.c.source_id == source_id, quarantine.c.code == CLASH)
    return list(connection.execute(statement).scalars())


def live_posts(connection: Connection, source_id: int | None = None) -> int:
    """Count the posts that are not withdrawn."""
    statement = select(func.count()).select_from(posts).where(posts.c.withdrawn_at.is_(None))
    if source_id is not None:
        statement = statement.where(posts.c.source_id == source_id)
    return connection.execute(statement).scalar_one()


def quarantined(connection: Connection) -> Iterator[QuarantinedFile]:
    """Yield every quarantined file, by source and path."""
    statement = (
        select(
            sources.c.name.label("source"),
            *(c for c in quarantine.c if c.name != "source_id"),
        )
        .join(sources, sources.c.id == quarantine.c.source_id)
        .order_by(sources.c.name, quarantine.c.path)
    )
    for row in connection.execute(statement):
        yield QuarantinedFile(**row._mapping)


def forget_files(connection: Connection, source_id: int, paths: Collection[str]) -> None:
    """Forget files that have gone, and why they were quarantined."""
    for table in (files, quarantine):
        connection.execute(_FORGET[table.name], {"source": source_id, "paths": paths})


_FORGET = {
    table.name: delete(table).where(table.c.source_id == bindparam("source"), one_of(table.c.path, "paths"))
    for table in (files, quarantine)
}
