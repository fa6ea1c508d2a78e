"""Apply what a poll read to the stored posts, inside the caller's transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, update

from core.db import Row as Values
from core.db import RowStatement, microseconds, moment, one_of, replacing, upsert
from feeds.decide import Change, Clash, Keep, Known, Publish, Revise, StoredPost, decide
from feeds.model import Author, Draft, FileReading, Hidden, Quarantined, Stat
from feeds.store import counters, known_posts, tombstones
from feeds.store.known_posts import Gone
from feeds.store.membership import Membership, MembershipChanges, memberships
from feeds.store.sources import CLASH, SourceState, forget_files
from feeds.store.terms import TermIds
from feeds.tables import files, posts, quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedChange:
    """A change that others may be told of."""

    change: Change
    post_id: int
    written_ns: int = 0  # when the file of a new post was written


IsNews = Callable[[Stat], bool]


@dataclass(slots=True, kw_only=True)
class Applied:
    """What a transaction did."""

    changes: list[AppliedChange] = field(default_factory=list)
    # Posts that were found at another path: their old paths no longer count as missing.
    moved_from: set[str] = field(default_factory=set)
    quarantined: int = 0


def gone_posts(connection: Connection, source_id: int, paths: Collection[str]) -> Gone:
    """Return the posts whose files are at these paths."""
    owners = known_posts.owners(connection, source_id, list(paths))
    return Gone(paths=frozenset(paths), posts=tuple(owners.values()))


def apply_readings(
    connection: Connection,
    source: SourceState,
    readings: Sequence[FileReading],
    *,
    gone: Gone,
    term_ids: TermIds,
    now: datetime,
    is_news: IsNews,
) -> Applied:
    """Decide every reading and write what follows; the caller commits, and then `term_ids.committed()`.

    `is_news` tells of a new post's file whether the post comes out now; else it takes the place of its date.
    """
    drafts = [reading.reading for reading in readings if isinstance(reading.reading, Draft)]
    owners = known_posts.owners(connection, source.id, [reading.reading.path for reading in readings])
    known = Known(
        by_path=owners,
        by_key=known_posts.by_key(connection, source.id, [draft.source_key for draft in drafts]),
        by_content=known_posts.without_file(connection, source.id, drafts, owners, gone),
        gone=gone.paths,
    )
    writes = _Writes(source_id=source.id, now=now)
    for reading in readings:
        _decide_one(reading, known, writes, is_news)
    writes.write(connection, term_ids)
    return writes.applied


def withdraw(
    connection: Connection, source_id: int, paths: Collection[str], *, term_ids: TermIds, now: datetime
) -> Applied:
    """Withdraw the posts whose files are at these paths, and forget the files."""
    writes = _Writes(source_id=source_id, now=now)
    for post in known_posts.owners(connection, source_id, list(paths)).values():
        if not post.withdrawn:
            writes.withdraw(post)
    writes.write(connection, term_ids)
    forget_files(connection, source_id, paths)
    return writes.applied


def _decide_one(item: FileReading, known: Known, writes: "_Writes", is_news: IsNews) -> None:
    reading = item.reading
    owner = known.by_path.get(reading.path)
    match reading:
        case Quarantined():
            # A post whose file is broken for now stays as it was.
            writes.quarantine(item.stat, reading, owner)
        case Hidden():
            if owner is not None and not owner.withdrawn:
                writes.withdraw(owner)
            writes.hide(item.stat, reading)
        case Draft():
            match decide(reading, known, writes.now):
                case Publish():
                    writes.publish(item.stat, reading, news=is_news(item.stat))
                case Keep(post=post):
                    writes.keep(item.stat, reading, post)
                case Revise() as revise:
                    writes.revise(item.stat, revise, own_key=reading.source_key not in known.by_key)
                case Clash(other_path=other):
                    writes.quarantine(item.stat, _clash(reading, other), owner)


def _clash(draft: Draft, other_path: str) -> Quarantined:
    return Quarantined(
        path=draft.path,
        code=CLASH,
        reason=f"{other_path} has the same address and id; rename one of the two",
        content_hash=draft.content_hash,
    )


class _Writes:
    """The rows that one batch of decisions leads to, written in a few statements."""

    def __init__(self, *, source_id: int, now: datetime) -> None:
        self.now = now
        self.applied = Applied()
        self._source_id = source_id
        self._new: list[tuple[Draft, Stat, bool]] = []
        self._revised: list[dict[str, Any]] = []
        self._withdrawn: list[dict[str, Any]] = []
        self._files: list[Values] = []
        self._quarantined: list[dict[str, Any]] = []
        self._healed: list[str] = []
        self._returned: list[int] = []
        self._anew: list[tuple[Draft, dict[str, Any]]] = []
        self._after: dict[int, Membership | None] = {}
        self._place = now
        self._authors: dict[tuple[Author, ...], str] = {}

    def publish(self, stat: Stat, draft: Draft, *, news: bool) -> None:
        self._new.append((draft, stat, news))

    def keep(self, stat: Stat, draft: Draft, post: StoredPost) -> None:
        self._file(stat, draft.path, draft.content_hash, post.id, draft.expires)
        self._healed.append(draft.path)

    def revise(self, stat: Stat, revise: Revise, *, own_key: bool) -> None:
        draft, post = revise.draft, revise.post
        row = self._post_columns(draft)
        row.update(
            b_id=post.id,
            updated_at=revise.updated,
            revision=post.revision + 1,
            source_key=draft.source_key if own_key else post.source_key,
            placed_at=post.placed,
        )
        self._revised.append(row)
        self._after[post.id] = Membership.of(draft, post.placed)
        if revise.comes_out_anew:
            self._anew.append((draft, row))
        if post.withdrawn:
            self._returned.append(post.id)
        self._file(stat, draft.path, draft.content_hash, post.id, draft.expires)
        self._healed.append(draft.path)
        if post.path != draft.path:
            self.applied.moved_from.add(post.path)
        if revise.change is not None:
            self.applied.changes.append(AppliedChange(change=revise.change, post_id=post.id))

    def withdraw(self, post: StoredPost) -> None:
        self._withdrawn.append({"b_id": post.id, "withdrawn_at": self.now, "revision": post.revision + 1})
        self._after[post.id] = None
        self.applied.changes.append(AppliedChange(change=Change.WITHDRAWN, post_id=post.id))

    def hide(self, stat: Stat, hidden: Hidden) -> None:
        self._file(stat, hidden.path, hidden.content_hash, None, hidden.due)
        self._healed.append(hidden.path)

    def quarantine(self, stat: Stat, found: Quarantined, owner: StoredPost | None) -> None:
        self._file(stat, found.path, found.content_hash, owner.id if owner else None)
        self._quarantined.append(
            {
                "source_id": self._source_id,
                "path": found.path,
                "code": found.code,
                "reason": found.reason,
                "line": found.line,
                "column": found.column,
                "since": self.now,
            }
        )
        self.applied.quarantined += 1

    def write(self, connection: Connection, term_ids: TermIds) -> None:
        """Write everything, posts before what refers to them."""
        before = memberships(connection, self._after)
        self._place_what_comes_out(connection)
        self._write_new(connection)
        if self._revised:
            connection.execute(_UPDATE_POST, self._revised)
            tombstones.remove(connection, self._returned)
        if self._withdrawn:
            connection.execute(_WITHDRAW_POST, self._withdrawn)
        changes = MembershipChanges()
        for post_id, after in self._after.items():
            changes.add(post_id, before.get(post_id), after)
        changes.write(connection, term_ids, self.now)
        self._write_files(connection)

    def _place_what_comes_out(self, connection: Connection) -> None:
        """Put what comes out now at the end of all logs, also if the clock was set back."""
        if self._anew or any(news for _, _, news in self._new):
            self._place = moment(counters.advance(connection, _LAST_PLACE, microseconds(self.now)))
        for draft, row in self._anew:
            row["placed_at"] = self._place
            self._after[row["b_id"]] = Membership.of(draft, self._place)

    def _write_new(self, connection: Connection) -> None:
        if not self._new:
            return
        first = counters.reserve(connection, "posts", len(self._new))
        taken = known_posts.taken_entry_ids(connection, [draft.entry_id for draft, _, _ in self._new])
        now = microseconds(self.now)
        rows: list[Values] = []
        for post_id, (draft, stat, news) in enumerate(self._new, start=first):
            placed = self._place if news else min(draft.published, self.now)
            # Where another post was born with this address: an id belongs to one post for ever.
            entry_id = draft.entry_id if draft.entry_id not in taken else _id_beside(draft.entry_id, post_id)
            rows.append(self._new_row(draft, post_id, entry_id, now, placed))
            self._after[post_id] = Membership.of(draft, placed)
            self._file(stat, draft.path, draft.content_hash, post_id, draft.expires)
            self._healed.append(draft.path)
            change = AppliedChange(change=Change.PUBLISHED, post_id=post_id, written_ns=stat[1])
            self.applied.changes.append(change)
        _INSERT.execute(connection, rows)

    def _new_row(self, draft: Draft, post_id: int, entry_id: str, now: int, placed: datetime) -> Values:
        published = microseconds(draft.published)
        return (
            post_id,
            self._source_id,
            draft.source_key,
            entry_id,
            draft.url,
            draft.path,
            draft.title,
            published,
            max(microseconds(draft.updated), published) if draft.updated else published,
            now,
            orjson.dumps(draft.categories).decode(),
            orjson.dumps(draft.tags).decode(),
            self._author_column(draft.authors),
            draft.summary,
            draft.image,
            draft.language,
            draft.content_hash,
            draft.meaning_hash,
            1,
            draft.feed_set,
            orjson.dumps(draft.selections).decode(),
            None if placed == draft.published else microseconds(placed),
            draft.listed,
        )

    def _post_columns(self, draft: Draft) -> dict[str, Any]:
        return {
            "url": draft.url,
            "path": draft.path,
            "title": draft.title,
            "published_at": draft.published,
            "categories": orjson.dumps(draft.categories).decode(),
            "tags": orjson.dumps(draft.tags).decode(),
            "authors": self._author_column(draft.authors),
            "summary": draft.summary,
            "image": draft.image,
            "language": draft.language,
            "content_hash": draft.content_hash,
            "meaning_hash": draft.meaning_hash,
            "withdrawn_at": None,
            "feed_set": draft.feed_set,
            "selections": orjson.dumps(draft.selections).decode(),
            "listed": draft.listed,
        }

    def _author_column(self, authors: tuple[Author, ...]) -> str:
        # A site has few authors and many posts.
        if authors not in self._authors:
            self._authors[authors] = orjson.dumps(authors).decode()
        return self._authors[authors]

    def _file(
        self, stat: Stat, path: str, content_hash: str | None, post_id: int | None, due: datetime | None = None
    ) -> None:
        self._files.append((self._source_id, path, *stat, content_hash, post_id, microseconds(due) if due else None))

    def _write_files(self, connection: Connection) -> None:
        if self._files:
            _SAVE_FILES.execute(connection, self._files)
        if self._healed:
            connection.execute(_HEAL, {"source": self._source_id, "paths": self._healed})
        if self._quarantined:
            told = upsert(connection, quarantine)
            connection.execute(
                told.on_conflict_do_update(
                    index_elements=[quarantine.c.source_id, quarantine.c.path],
                    set_={name: told.excluded[name] for name in ("code", "reason", "line", "column")},
                ),
                self._quarantined,
            )


def _id_beside(taken: str, post_id: int) -> str:
    """Return an id for a post whose own another one has: an address stays one, another IRI may not be changed."""
    if taken.startswith(("http://", "https://")):
        return f"{taken}{'-' if '#' in taken else '#'}{post_id}"
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{taken}#{post_id}')}"


_LAST_PLACE = "placed"
_INSERT = RowStatement(lambda _: insert(posts), [column.name for column in posts.c if column.name != "withdrawn_at"])
_SAVE_FILES = RowStatement(replacing(files, ["source_id", "path"]), [column.name for column in files.c])
_REVISED = (
    "url",
    "path",
    "title",
    "published_at",
    "categories",
    "tags",
    "authors",
    "summary",
    "image",
    "language",
    "content_hash",
    "meaning_hash",
    "withdrawn_at",
    "updated_at",
    "revision",
    "source_key",
    "feed_set",
    "selections",
    "placed_at",
    "listed",
)
_UPDATE_POST = update(posts).where(posts.c.id == bindparam("b_id")).values({name: bindparam(name) for name in _REVISED})
_WITHDRAW_POST = (
    update(posts)
    .where(posts.c.id == bindparam("b_id"))
    .values(withdrawn_at=bindparam("withdrawn_at"), revision=bindparam("revision"))
)
_HEAL = delete(quarantine).where(quarantine.c.source_id == bindparam("source"), one_of(quarantine.c.path, "paths"))
