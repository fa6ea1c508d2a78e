"""Publish dirty feeds: window, entries, documents, files."""

import fcntl
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from core.db import reading, writing
from core.errors import EnvironmentFault
from core.files import ignores_case, replace_if_different
from core.log import log_event
from feeds.entries import EntryBuilder, RenderedEntry
from feeds.inherited import InheritedFeeds
from feeds.layout import Layout, Target
from feeds.model import Category, Taxonomy, TermKey
from feeds.render.renderer import Renderer
from feeds.slugs import slug_key
from feeds.store import inherited, terms, windows
from feeds.store.windows import Built, FeedRow, PostRevision
from feeds.window import WindowRule, inherited_places, window_length

logger = logging.getLogger(__name__)

# Entries are kept in memory for one batch of feeds; this bounds them.
_ENTRIES_IN_A_BATCH = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFailure:
    """A feed that could not be put in place, and why."""

    key: TermKey
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChoice:
    """Which terms have feeds: the taxonomies, and for each the only terms or the ones left out."""

    taxonomies: frozenset[Taxonomy]
    only: Mapping[Taxonomy, frozenset[str]]
    exclude: Mapping[Taxonomy, frozenset[str]]

    def wants(self, category: Category) -> bool:
        """Tell whether a term has a feed. The whole site always has one."""
        taxonomy, term = category.taxonomy, category.term
        if taxonomy == Taxonomy.ALL:
            return True
        if taxonomy not in self.taxonomies or term in self.exclude.get(taxonomy, ()):
            return False
        return taxonomy not in self.only or term in self.only[taxonomy]


@dataclass(slots=True, kw_only=True)
class Published:
    """What a publish did."""

    feeds: int = 0
    files: int = 0  # that changed or went
    bytes: int = 0  # in those files
    failures: list[FeedFailure] = field(default_factory=list)


class _UnwritableError(Exception):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path)
        self.path = path
        self.reason = reason


_SETTINGS = "feeds"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Progress = Callable[[int, int], None]  # feeds done, feeds in all


class Publisher:
    """Builds the feeds of one site into one folder. Safe to run from several processes: one at a time works."""

    def __init__(
        self,
        *,
        engine: Engine,
        layout: Layout,
        window: WindowRule,
        entries: EntryBuilder,
        renderers: Mapping[str, Renderer],
        labels_from_tags: bool,
        settings_fingerprint: str,
        lock_path: Path,
        choice: FeedChoice,
        inherited_feeds: InheritedFeeds | None = None,
    ) -> None:
        self._engine = engine
        self._layout = layout
        self._window = window
        self._inherited_count = inherited_feeds.count if inherited_feeds else 0
        # What is read must do for both.
        self._widest = replace(window, count=max(window.count, self._inherited_count))
        self._inherited_targets: dict[int, Target] = {}
        self._entries = entries
        self._renderers = renderers
        self._labels_from_tags = labels_from_tags
        self._settings_fingerprint = settings_fingerprint
        self._lock_path = lock_path
        self._choice = choice
        self._file_check_wanted = True

    def want_file_check(self) -> None:
        """Let the next publish look whether every feed file is still there."""
        self._file_check_wanted = True

    def publish(self, progress: Progress = lambda done, total: None) -> Published:
        """Build every dirty feed; a feed that fails stays dirty and is named, the others are built."""
        published = Published()
        with _only_one(self._lock_path):
            dirty = self._prepare()
            done = 0
            for batch in _batches(dirty, self._widest):
                self._publish_batch(batch, published)
                done += len(batch)
                progress(done, len(dirty))
        if dirty:
            log_event(
                logger,
                "publish",
                feeds=published.feeds,
                files=published.files,
                bytes=published.bytes,
                failed=len(published.failures) or None,
            )
        return published

    def _prepare(self) -> list[FeedRow]:
        """Return the dirty feeds, once settings, labels and lost files have added theirs."""
        lost: list[int] = []
        if self._file_check_wanted:
            lost = self._lost_feeds()
            self._file_check_wanted = False
        with reading(self._engine) as connection:
            settled = (
                windows.build_setting(connection, _SETTINGS) == self._settings_fingerprint
                and not lost
                and not windows.dirty_count(connection)
            )
        if settled:
            return []
        with writing(self._engine) as connection:
            terms.mark_dirty(connection, lost)
            if windows.build_setting(connection, _SETTINGS) != self._settings_fingerprint:
                terms.mark_all_dirty(connection)
                inherited.let_go_of_all(connection)
                windows.remember_build_setting(connection, _SETTINGS, self._settings_fingerprint)
            terms.relabel_dirty_categories(connection, from_tags=self._labels_from_tags)
            dirty = windows.dirty_feeds(connection)
            self._claim(connection, dirty)
            return dirty

    def _claim(self, connection: Connection, dirty: Sequence[FeedRow]) -> None:
        """Find which of these feeds have a path of the site's former feeds: among equals the oldest term has it."""
        wanted: dict[str, tuple[int, Target]] = {}
        # Generators keep terms apart that differ by case alone; some disks do not.
        key_of = slug_key if ignores_case(self._layout.out) else str
        for feed in sorted(dirty, key=lambda feed: feed.term_id):
            target = self._layout.inherited_target(feed.category) if self._choice.wants(feed.category) else None
            if target is not None:
                wanted.setdefault(key_of(target.path), (feed.term_id, target))
        owners = inherited.claim(connection, {key: term_id for key, (term_id, _) in wanted.items()})
        self._inherited_targets = {term_id: target for term_id, target in wanted.values() if term_id in owners}
        inherited.let_go(connection, [feed.term_id for feed in dirty if not self._choice.wants(feed.category)])

    def _lost_feeds(self) -> list[int]:
        """Return the feeds whose files are missing or cut, as a power failure may leave them."""
        with reading(self._engine) as connection:
            built = windows.clean_feeds(connection)
        folders = {os.path.dirname(path) for feed in built for path in feed.sizes or ()}
        on_disk = self._layout.sizes_on_disk(folders)
        self._layout.remove_leftovers(folders)
        return [
            feed.term_id
            for feed in built
            if feed.sizes is not None and any(on_disk.get(path) != size for path, size in feed.sizes.items())
        ]

    def _publish_batch(self, batch: Sequence[FeedRow], published: Published) -> None:
        selected = [feed for feed in batch if self._choice.wants(feed.category)]
        with reading(self._engine) as connection:
            shown = windows.windows(connection, selected, self._widest)
            wanted = {post for posts in shown.values() for post in posts}
            entries, new_renderings = self._entries.build(connection, wanted)
        built = []
        unwritable: dict[int, str] = {}
        for feed in batch:
            try:
                built.append(self._publish_one(feed, shown.get(feed.term_id), entries, published))
            except _UnwritableError as error:
                reason = f"cannot write {error.path}: {error.reason}"
                published.failures.append(FeedFailure(key=feed.category.key, path=error.path, reason=reason))
                unwritable[feed.term_id] = reason
                log_event(logger, "publish-failed", logging.ERROR, feed=error.path, reason=error.reason)
        with writing(self._engine) as connection:
            self._entries.keep(connection, new_renderings)
            windows.mark_built(connection, built)
            windows.mark_unwritable(connection, unwritable)

    def _publish_one(
        self,
        feed: FeedRow,
        shown: Sequence[PostRevision] | None,
        entries: Mapping[PostRevision, RenderedEntry],
        published: Published,
    ) -> Built:
        if shown is None:
            self._remove(feed.sizes or (), published)
            return Built(term_id=feed.term_id, revision=feed.wanted_revision, updated=feed.updated, sizes=None)
        found = [entries[post] for post in shown if post in entries]
        if not found and feed.updated is None:
            # Its only posts were withdrawn before it ever stood anywhere.
            return Built(term_id=feed.term_id, revision=feed.wanted_revision, updated=None, sizes=None)
        updated = max((entry.updated for entry in found), default=feed.updated) or _EPOCH
        sizes = {}
        for target, entries_shown in self._documents(feed, found):
            pieces = self._document(feed, target, updated, entries_shown)
            size = sum(map(len, pieces))
            if self._write(target, pieces):
                published.files += 1
                published.bytes += size
            sizes[target.path] = size
        self._remove([path for path in feed.sizes or () if path not in sizes], published)
        published.feeds += 1
        return Built(term_id=feed.term_id, revision=feed.wanted_revision, updated=updated, sizes=sizes)

    def _documents(
        self, feed: FeedRow, found: Sequence[RenderedEntry]
    ) -> Iterator[tuple[Target, Sequence[RenderedEntry]]]:
        """Yield each file of a feed with the entries that it shows."""
        times = [entry.published for entry in found]
        own = found if self._widest == self._window else found[: window_length(times, self._window)]
        for target in self._layout.targets(feed.category):
            yield target, own
        if feed.term_id in self._inherited_targets:
            places = inherited_places(times, [entry.came_since for entry in found], self._inherited_count)
            yield self._inherited_targets[feed.term_id], [found[place] for place in places]

    def _remove(self, paths: Iterable[str], published: Published) -> None:
        for path in paths:
            try:
                self._layout.remove(path)
            except OSError as error:
                raise _UnwritableError(path, error.strerror or type(error).__name__) from error
            published.files += 1

    def _write(self, target: Target, pieces: Sequence[bytes]) -> bool:
        try:
            return replace_if_different(self._layout.out / target.path, pieces)
        except OSError as error:
            raise _UnwritableError(target.path, error.strerror or type(error).__name__) from error

    def _document(
        self, feed: FeedRow, target: Target, updated: datetime, entries: Sequence[RenderedEntry]
    ) -> list[bytes]:
        head = self._layout.head(feed.category, updated.astimezone(self._layout.site.zone), target)
        return self._renderers[target.format].document(head, [entry.fragments[target.format] for entry in entries])


def _batches(dirty: Sequence[FeedRow], rule: WindowRule) -> Iterator[list[FeedRow]]:
    batch: list[FeedRow] = []
    weight = 0
    for feed in dirty:
        batch.append(feed)
        weight += min(feed.posts, rule.limit) + 1
        if weight >= _ENTRIES_IN_A_BATCH:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


@contextmanager
def _only_one(lock_path: Path) -> Iterator[None]:
    """Hold a lock that the system releases if we are killed."""
    try:
        lock_path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock_path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise EnvironmentFault(f"cannot make {lock_path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
