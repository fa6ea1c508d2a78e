"""Publish dirty feeds: window, entries, documents, files."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from core.db import moment, reading, writing
from core.digest import digest
from core.files import ignores_case
from core.lock import only_one
from core.log import log_event
from feeds.archive import ArchiveRule, Placed, PostRevision
from feeds.archive_pages import ArchivePublisher, Closing
from feeds.choice import FeedChoice
from feeds.documents import FeedDocuments, shown_by_all
from feeds.entries import EntryBuilder, RenderedEntry, fragments_of
from feeds.inherited import InheritedFeeds
from feeds.layout import PAGE, Layout, Target
from feeds.limits import FeedLimits
from feeds.model import FeedHead, FeedHistory, TermKey, Tombstone
from feeds.output import OutputFolder
from feeds.render.renderer import Renderer
from feeds.slugs import slug_key
from feeds.store import archives, inherited, terms, tombstones, windows
from feeds.store.archives import Page
from feeds.store.windows import ArchiveState, Built, FeedRow
from feeds.window import WindowRule

logger = logging.getLogger(__name__)

# Entries are kept in memory for one batch of feeds; this bounds them.
_ENTRIES_IN_A_BATCH = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFailure:
    """A feed that could not be put in place, and why."""

    key: TermKey
    path: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Published:
    """What a publish did."""

    feeds: int = 0
    files: int = 0  # that changed or went
    bytes: int = 0  # in those files
    deliveries: int = 0  # to who follows these files
    failures: list[FeedFailure] = field(default_factory=list)


class _UnwritableError(Exception):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path)
        self.path = path
        self.reason = reason


_SETTINGS = "feeds"
_ADDRESSES = "archive-addresses"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Progress = Callable[[int, int], None]  # feeds done, feeds in all
# Is told, in the transaction that notes them as built, which files of feeds are others than before; returns how many
# deliveries that makes.
OnChanged = Callable[[Connection, Sequence[str]], int]


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
        limits: FeedLimits,
        archive: ArchiveRule | None,
        output: OutputFolder,
        inherited_feeds: InheritedFeeds | None = None,
        on_changed: OnChanged = lambda connection, paths: 0,
    ) -> None:
        self._engine, self._layout, self._on_changed = engine, layout, on_changed
        self._documents = FeedDocuments(layout=layout, window=window, limits=limits, inherited=inherited_feeds)
        self._inherited_targets: dict[int, Target] = {}
        self._entries = entries
        self._renderers = renderers
        self._labels_from_tags = labels_from_tags
        self._settings_fingerprint = settings_fingerprint
        self._lock_path = lock_path
        self._choice = choice
        self._output = output
        self._limits = limits
        self._archives = self._make_archives(archive)
        self._published = Published()
        self._file_check_wanted = True

    def _make_archives(self, rule: ArchiveRule | None) -> ArchivePublisher:
        return ArchivePublisher(
            engine=self._engine,
            layout=self._layout,
            entries=self._entries,
            rule=rule,
            excerpt_only=self._limits.excerpt_only,
            write=self._put,
            remove=self._delete,
        )

    def want_file_check(self) -> None:
        """Let the next publish look whether every feed file is still there."""
        self._file_check_wanted = True

    def publish(self, progress: Progress = lambda done, total: None) -> Published:
        """Build every dirty feed; a feed that fails stays dirty and is named, the others are built."""
        self._published = published = Published()
        with only_one(self._lock_path):
            dirty = self._prepare()
            done = 0
            for batch in _batches(dirty, self._documents.widest):
                self._publish_batch(batch)
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
                self._begin_archives_anew(connection)
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
            target = self._layout.inherited_target(feed.category) if self._wants(feed) else None
            if target is not None:
                wanted.setdefault(key_of(target.path), (feed.term_id, target))
        owners = inherited.claim(connection, {key: term_id for key, (term_id, _) in wanted.items()})
        self._inherited_targets = {term_id: target for term_id, target in wanted.values() if term_id in owners}
        inherited.let_go(connection, [feed.term_id for feed in dirty if not self._wants(feed)])

    def _wants(self, feed: FeedRow) -> bool:
        return self._choice.wants(feed.category, posts=feed.posts, standing=feed.sizes is not None)

    def _begin_archives_anew(self, connection: Connection) -> None:
        """Let archives begin anew if their pages would have other addresses: closed ones name each other."""
        addresses = digest(repr((sorted(self._layout.site.served_at.items()), self._layout.site.own_folder)).encode())
        known = windows.build_setting(connection, _ADDRESSES)
        if known != addresses:
            windows.remember_build_setting(connection, _ADDRESSES, addresses)
            if known is not None:
                archives.begin_all_anew(connection)

    def _lost_feeds(self) -> list[int]:
        """Return the feeds whose files are missing or cut, as a power failure may leave them."""
        with reading(self._engine) as connection:
            built = windows.clean_feeds(connection)
            pages = archives.sizes_on_disk(connection)
        folders = {os.path.dirname(path) for feed in built for path in feed.sizes or ()}
        folders |= {os.path.dirname(path) for *_, sizes in pages for path in sizes}
        on_disk = self._layout.sizes_on_disk(folders)
        self._layout.remove_leftovers(folders)

        def is_lost(sizes: Mapping[str, int]) -> bool:
            return any(on_disk.get(path) != size for path, size in sizes.items())

        lost_pages = [(term, generation, page) for term, generation, page, sizes in pages if is_lost(sizes)]
        if lost_pages:
            with writing(self._engine) as connection:
                archives.want_written(connection, lost_pages)
        lost = {feed.term_id for feed in built if feed.sizes is not None and is_lost(feed.sizes)}
        return sorted(lost | {term for term, *_ in lost_pages})

    def _publish_batch(self, batch: Sequence[FeedRow]) -> None:
        selected = [feed for feed in batch if self._wants(feed)]
        term_ids = [feed.term_id for feed in selected]
        with reading(self._engine) as connection:
            shown = windows.windows(connection, selected, self._documents.widest)
            entries, new_renderings = self._entries.build(
                connection, {placed.post for rows in shown.values() for placed in rows}
            )
            withdrawn = tombstones.of_feeds(connection, term_ids)
            unsettled: dict[int, list[Page]] = {}
            for page in archives.unsettled(connection, [feed.term_id for feed in batch]):
                unsettled.setdefault(page.term_id, []).append(page)
        if new_renderings:
            with writing(self._engine) as connection:
                self._entries.keep(connection, new_renderings)
        newest = {term_id: moment(rows[0].at) for term_id, rows in shown.items() if rows}
        built: list[_Built] = []
        unwritable: dict[int, str] = {}
        for feed in batch:
            try:
                if feed.term_id in unsettled:
                    self._archives.settle(feed, unsettled[feed.term_id])
                if feed.term_id in shown:
                    gone = self._limits.tombstones(withdrawn.get(feed.term_id, ()), newest.get(feed.term_id))
                    built.append(self._publish_one(feed, shown[feed.term_id], entries, gone))
                else:
                    built.append(self._unpublish(feed))
            except _UnwritableError as error:
                unwritable[feed.term_id] = self._note_failure(feed, error)
        with writing(self._engine) as connection:
            settled = [one for one in built if one.closing is None or one.closing.settle(connection)]
            windows.mark_built(connection, [one.built for one in settled])
            changed = [path for one in settled for path in one.changed]
            deliveries = self._on_changed(connection, changed) if changed else 0
            windows.mark_unwritable(connection, unwritable)
            tombstones.forget(connection, self._forgotten(withdrawn, newest))
        self._published.deliveries += deliveries

    def _note_failure(self, feed: FeedRow, error: _UnwritableError) -> str:
        """Return why a feed is not in place, for the status."""
        reason = f"cannot write {error.path}: {error.reason}"
        self._published.failures.append(FeedFailure(key=feed.category.key, path=error.path, reason=reason))
        log_event(logger, "publish-failed", logging.ERROR, feed=error.path, reason=error.reason)
        return reason

    def _forgotten(
        self, withdrawn: Mapping[int, Sequence[Tombstone]], newest: Mapping[int, datetime]
    ) -> dict[int, datetime]:
        """Return, by term id, before when a feed needs no tombstones, where it has such."""
        horizons = {
            term_id: (found[-1].withdrawn, self._limits.horizon(found, newest.get(term_id)))
            for term_id, found in withdrawn.items()
        }
        return {term_id: since for term_id, (oldest, since) in horizons.items() if since and oldest <= since}

    def _unpublish(self, feed: FeedRow) -> "_Built":
        """Remove the files of a feed that nobody wants."""
        self._delete(list(feed.sizes or ()))
        self._archives.drop(feed)
        return _Built(Built(term_id=feed.term_id, revision=feed.wanted_revision, updated=feed.updated, sizes=None))

    def _publish_one(
        self,
        feed: FeedRow,
        window: Sequence[Placed],
        entries: Mapping[PostRevision, RenderedEntry],
        withdrawn: Sequence[Tombstone],
    ) -> "_Built":
        rows = [(placed, entries[placed.post]) for placed in window if placed.post in entries]
        if not rows and feed.updated is None:
            # Its only posts were withdrawn before it ever stood anywhere.
            return _Built(Built(term_id=feed.term_id, revision=feed.wanted_revision, updated=None, sizes=None))
        documents = list(self._documents.of(feed.category, rows, self._inherited_targets.get(feed.term_id)))
        archive, closing = self._archive(feed, rows, [shown for _, shown in documents])
        updated = max(
            [entry.updated for _, entry in rows] + [one.withdrawn for one in withdrawn[:1]],
            default=feed.updated or _EPOCH,
        )
        sizes = self._archives.write_next(feed.category, archive)
        hashes: dict[str, str] = {}
        for target, shown in documents:
            pieces = self._document(feed, target, updated, [rows[place][1] for place in shown], archive, withdrawn)
            sizes[target.path] = self._write(target.path, pieces)
            if target.format != PAGE:
                hashes[target.path] = digest(*pieces)
        # Among them may be the empty page that is a closed one now.
        closed = {path for page in (closing.pages if closing else ()) for path in page.sizes}
        self._delete([path for path in feed.sizes or () if path not in sizes and path not in closed])
        self._published.feeds += 1
        built = Built(term_id=feed.term_id, revision=feed.wanted_revision, updated=updated, sizes=sizes, hashes=hashes)
        return _Built(built, closing, _changed(feed.hashes, hashes))

    def _archive(
        self, feed: FeedRow, rows: Sequence[tuple[Placed, RenderedEntry]], documents: Sequence[Sequence[int]]
    ) -> tuple[ArchiveState, Closing | None]:
        """Close pages over what some file of the feed does not show; return how far the archive goes then."""
        if not self._archives.wants(feed.category):
            self._archives.drop(feed)
            return ArchiveState(), None
        in_all = shown_by_all(documents)
        closing = self._archives.close(feed, [placed for placed, _ in rows[:in_all]])
        if closing is None:
            return feed.archive, None
        last = closing.pages[-1]
        return ArchiveState(pages=last.page, last=last.last, generation=last.generation), closing

    def _document(
        self,
        feed: FeedRow,
        target: Target,
        updated: datetime,
        entries: Sequence[RenderedEntry],
        archive: ArchiveState,
        withdrawn: Sequence[Tombstone],
    ) -> list[bytes]:
        previous = self._layout.archive_urls(feed.category, archive.generation, archive.pages)
        history = FeedHistory(previous=previous.get(target.format))
        head = self._layout.head(feed.category, updated, target, history, withdrawn)
        excerpt_only = self._limits.excerpt_only(feed.category)
        fragments = fragments_of(entries, target.format, excerpt_only=excerpt_only)
        return self._renderers[target.format].document(head, fragments)

    def _put(self, target: Target, head: FeedHead, fragments: Sequence[bytes]) -> int:
        """Put a document in place; return its bytes."""
        return self._write(target.path, self._renderers[target.format].document(head, fragments))

    def _write(self, path: str, pieces: Sequence[bytes]) -> int:
        size = sum(map(len, pieces))
        try:
            if self._output.write(path, pieces):
                self._published.files += 1
                self._published.bytes += size
        except OSError as error:
            raise _UnwritableError(path, error.strerror or type(error).__name__) from error
        return size

    def _delete(self, paths: Sequence[str]) -> None:
        for path in paths:
            try:
                self._output.remove(path)
            except OSError as error:
                raise _UnwritableError(path, error.strerror or type(error).__name__) from error
            self._published.files += 1


@dataclass(frozen=True, slots=True)
class _Built:
    """A feed on disk, with pages of its archive that are to be noted as closed with it."""

    built: Built
    closing: Closing | None = None
    changed: Sequence[str] = ()


def _changed(before: Mapping[str, str] | None, now: Mapping[str, str]) -> list[str]:
    """Return the files that are others than before; of feeds that are new nobody has an older state."""
    return [] if before is None else [path for path, hash_ in now.items() if before.get(path) != hash_]


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
