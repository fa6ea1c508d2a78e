"""Close pages of feeds' archives, write lost ones again, and remove those of archives that began anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.db import moment, reading, writing
from feeds.archive import ArchiveRule, Placed, Position, page_length
from feeds.entries import EntryBuilder, RenderedEntry, fragments_of
from feeds.layout import Layout, Target
from feeds.model import Category, FeedHead, FeedHistory, Taxonomy
from feeds.store import archives
from feeds.store.archives import BEGINNING, Page
from feeds.store.windows import ArchiveState, FeedRow

_ALWAYS = (Taxonomy.ALL, Taxonomy.SELECTION, Taxonomy.SOURCE)

Write = Callable[[Target, FeedHead, Sequence[bytes]], int]  # puts a document in place, returns its bytes
Remove = Callable[[Sequence[str]], None]  # paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Pages of one feed that are on disk and not yet noted as closed."""

    before: Position  # the last post that was on a closed page
    pages: Sequence[Page]
    posts: int  # on them

    def settle(self, connection: Connection) -> bool:
        """Note them as closed, unless what they hold changed meanwhile; return whether."""
        return archives.close(connection, self.before, self.pages, self.posts)


class ArchivePublisher:
    """Writes the archives of one site's feeds."""

    def __init__(
        self,
        *,
        engine: Engine,
        layout: Layout,
        entries: EntryBuilder,
        rule: ArchiveRule | None,
        excerpt_only: Callable[[Category], bool],
        write: Write,
        remove: Remove,
    ) -> None:
        self._engine = engine
        self._layout = layout
        self._entries = entries
        self._rule = rule
        self._excerpt_only = excerpt_only
        self._write = write
        self._remove = remove

    def wants(self, category: Category) -> bool:
        """Tell whether a feed has an archive; if any has, so have the whole site and what owners ask for by name."""
        if self._rule is None:
            return False
        return category.taxonomy in _ALWAYS or category.taxonomy in self._rule.taxonomies

    def close(self, feed: FeedRow, shown: Sequence[Placed]) -> Closing | None:
        """Write pages for what the live feed does not show, given what it does show from new to old.

        What `write` raises if a page cannot be written is passed on: nothing is closed then.
        """
        positions = [placed.position for placed in shown]
        before = last = feed.archive.last or BEGINNING
        if feed.posts <= len(shown) or (positions and last >= positions[-1]):
            return None
        pages: list[Page] = []
        posts = 0
        while rows := self._next_page(feed, last, positions):
            page = Page(
                term_id=feed.term_id,
                generation=feed.archive.generation,
                page=feed.archive.pages + len(pages) + 1,
                after=last,
                last=rows[-1][0].position,
                sizes={},
            )
            pages.append(self._write_page(feed.category, page, [entry for _, entry in rows if entry is not None]))
            posts += len(rows)
            last = page.last
        return Closing(before=before, pages=pages, posts=posts) if pages else None

    def _next_page(
        self, feed: FeedRow, after: Position, shown: Sequence[Position]
    ) -> list[tuple[Placed, RenderedEntry | None]]:
        assert self._rule is not None
        excerpt_only = self._excerpt_only(feed.category)
        rows = self._with_entries(feed.term_id, after, self._rule.entries)
        sizes = [entry.size(excerpt_only=excerpt_only) if entry else 0 for _, entry in rows]
        return rows[: page_length([placed.position for placed, _ in rows], sizes, shown, self._rule.max_bytes)]

    def _with_entries(
        self, term_id: int, after: Position, most: int, last: Position | None = None
    ) -> list[tuple[Placed, RenderedEntry | None]]:
        with reading(self._engine) as connection:
            rows = archives.oldest(connection, term_id, after, most, *([last] if last else []))
            found, new = self._entries.build(connection, [placed.post for placed in rows])
        if new:
            with writing(self._engine) as connection:
                self._entries.keep(connection, new)
        return [(placed, found.get(placed.post)) for placed in rows]

    def _write_page(self, category: Category, page: Page, entries: Sequence[RenderedEntry]) -> Page:
        updated = max((entry.updated for entry in entries), default=moment(page.last[0]))
        return replace(page, sizes=self._write_files(category, page.generation, page.page, updated, entries))

    def _write_files(
        self,
        category: Category,
        generation: int,
        number: int,
        updated: datetime,
        entries: Sequence[RenderedEntry],
        *,
        closed: bool = True,
    ) -> dict[str, int]:
        live = self._layout.feed_urls(category)
        previous = self._layout.archive_urls(category, generation, number - 1)
        following = self._layout.archive_urls(category, generation, number + 1) if closed else {}
        excerpt_only = self._excerpt_only(category)
        sizes = {}
        for target in self._layout.archive_targets(category, generation, number):
            history = FeedHistory(
                previous=previous.get(target.format),
                following=following.get(target.format),
                current=live[target.format],
            )
            head = self._layout.head(category, updated, target, history)
            fragments = fragments_of(entries, target.format, excerpt_only=excerpt_only)
            sizes[target.path] = self._write(target, head, fragments)
        return sizes

    def write_next(self, category: Category, state: ArchiveState) -> dict[str, int]:
        """Write the page after the last closed one, empty: so the closed one can name it and need not change later.

        Return the bytes of its files by path.
        """
        if not state.pages or state.last is None:
            return {}
        return self._write_files(category, state.generation, state.pages + 1, moment(state.last[0]), [], closed=False)

    def drop(self, feed: FeedRow) -> None:
        """Remove a feed's archive."""
        if not feed.archive.pages:
            return
        with writing(self._engine) as connection:
            archives.begin_anew(connection, [feed.term_id])
            pages = archives.unsettled(connection, [feed.term_id])
        self.settle(replace(feed, archive=ArchiveState(generation=feed.archive.generation + 1)), pages)

    def settle(self, feed: FeedRow, pages: Sequence[Page]) -> None:
        """Write again those of these pages that were lost, and remove those of an archive that began anew."""
        written, removed = [], []
        for page in pages:
            if page.generation == feed.archive.generation and self.wants(feed.category):
                found = self._with_entries(page.term_id, page.after, _MOST, page.last)
                entries = [entry for _, entry in found if entry is not None]
                written.append(self._write_page(feed.category, page, entries))
            else:
                targets = self._layout.archive_targets(feed.category, page.generation, page.page)
                self._remove([target.path for target in targets])
                removed.append(page)
        with writing(self._engine) as connection:
            archives.save(connection, written)
            archives.remove(connection, removed)


_MOST = 100_000  # posts of one page: it holds what it held
