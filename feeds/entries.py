"""Turn posts into the pieces of feeds, each once."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.log import log_event
from feeds.archive import PostRevision
from feeds.layout import Layout
from feeds.model import Author, Body, Category, Entry, Origin, Post, Rendering, Taxonomy, TermKey
from feeds.render.renderer import Renderer
from feeds.store import counters, terms, windows
from feeds.store.terms import LABEL_EPOCH

logger = logging.getLogger(__name__)

# Grows when the same post would be rendered otherwise: kept renderings of older versions are made again.
RENDERER_VERSION = 4

_KEPT_BYTES = 12_000_000
_MOST_TOLD = 1000
# What an entry lists beside its authors.
_SHOWN = (Taxonomy.CATEGORY, Taxonomy.TAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEntry:
    """A post's piece of each feed format."""

    published: datetime
    updated: datetime
    came_since: bool  # after its source was read for the first time
    fragments: Mapping[str, bytes]
    excerpts: Mapping[str, bytes]  # for feeds that show summaries alone; empty if there are none

    def fragment(self, format_: str, *, excerpt_only: bool) -> bytes:
        """Return the piece of one format."""
        return (self.excerpts if excerpt_only else self.fragments)[format_]

    def size(self, *, excerpt_only: bool) -> int:
        """Return the bytes of the largest piece."""
        return max(map(len, (self.excerpts if excerpt_only else self.fragments).values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRendering:
    """A rendering to keep."""

    post_id: int
    revision: int
    rendering: Rendering


BodyOf = Callable[[Post], tuple[Body, str] | None]  # the text, and the hash of its file
RenderBody = Callable[[Post, Body], Rendering]
OriginsOf = Callable[[Connection], Mapping[str, Origin]]  # by source


def _no_origins(connection: Connection) -> Mapping[str, Origin]:
    return {}


class EntryBuilder:
    """Builds entries from stored posts and keeps the newest in memory."""

    def __init__(
        self,
        *,
        layout: Layout,
        renderers: Mapping[str, Renderer],
        body_of: BodyOf,
        render_body: RenderBody,
        renderer_version: int = RENDERER_VERSION,
        excerpts: bool = False,
        largest: int = 250_000,
        origins_of: OriginsOf = _no_origins,
    ) -> None:
        """`excerpts` says whether any feed shows summaries alone; a post whose piece would be larger than `largest`
        bytes does so in every feed."""
        self._layout = layout
        self._renderer_version = renderer_version
        self._excerpts = excerpts
        self._largest = largest
        self._renderers = renderers
        self._body_of = body_of
        self._render_body = render_body
        self._label_epoch = -1
        self._origins_of = origins_of
        self._origins: Mapping[str, Origin] = {}
        self._kept: OrderedDict[PostRevision, RenderedEntry] = OrderedDict()
        self._kept_bytes = 0
        self._told: set[tuple[str, str]] = set()

    def build(
        self, connection: Connection, wanted: Collection[PostRevision]
    ) -> tuple[dict[PostRevision, RenderedEntry], list[NewRendering]]:
        """Return the entries of these posts, and the renderings that had to be made for them.

        A post that cannot be rendered now has no entry; it is logged by its path.
        """
        self._forget_old_labels(connection)
        found = {post: self._kept[post] for post in wanted if post in self._kept}
        missing = [post for post in wanted if post not in found]
        new: list[NewRendering] = []
        if missing:
            found.update(self._build_missing(connection, missing, new))
        return found, new

    def keep(self, connection: Connection, new: Iterable[NewRendering]) -> None:
        """Store renderings, so that none is made twice."""
        windows.save_renderings(
            connection, self._renderer_version, ((one.post_id, one.revision, one.rendering) for one in new)
        )

    def payload_rendering(self, connection: Connection, post: Post, revision: int) -> Rendering | None:
        """Return a post's rendering for those who are told of it: the kept one, else a new one."""
        kept = windows.load_renderings(connection, [post.id], self._renderer_version).get(post.id)
        if kept is not None and kept[0] == revision:
            return kept[1]
        return self._render(post, revision, kept, [])

    def _forget_old_labels(self, connection: Connection) -> None:
        epoch = counters.current(connection, LABEL_EPOCH)
        if epoch != self._label_epoch:
            self._kept.clear()
            self._kept_bytes = 0
            self._label_epoch = epoch
            self._origins = self._origins_of(connection)

    def _build_missing(
        self, connection: Connection, missing: Collection[PostRevision], new: list[NewRendering]
    ) -> dict[PostRevision, RenderedEntry]:
        ids = [post_id for post_id, _ in missing]
        posts = windows.load_posts(connection, ids)
        kept = windows.load_renderings(connection, ids, self._renderer_version)
        names = terms.names(connection, {key for post, _ in posts.values() for key in post.term_keys()})
        built = {}
        for post_id, (post, revision) in posts.items():
            rendering = self._render(post, revision, kept.get(post_id), new)
            if rendering is None:
                continue
            entry = self._entry(post, rendering, names)
            built[post_id, revision] = self._remember((post_id, revision), entry, came_since=post.came_since)
        return built

    def _render(
        self, post: Post, revision: int, kept: tuple[int, Rendering] | None, new: list[NewRendering]
    ) -> Rendering | None:
        if kept is not None and kept[0] == revision:
            return kept[1]
        try:
            found = self._body_of(post)
            if found is None:
                # Its file has gone since it was read; the next poll will say so.
                return kept[1] if kept is not None else None
            body, content_hash = found
            self._tell(post, body)
            rendering = self._render_body(post, body)
        # The edge of the loop: one post must not keep the others out of the feeds.
        except Exception:
            log_event(logger, "render-failed", logging.ERROR, path=post.path)
            logger.debug("render-failed", exc_info=True)
            return kept[1] if kept is not None else None
        if content_hash == post.content_hash:
            new.append(NewRendering(post_id=post.id, revision=revision, rendering=rendering))
        return rendering

    def _tell(self, post: Post, body: Body) -> None:
        """Log what the owner should mend, each thing once: a tag that we do not know may stand in every post."""
        for notice in body.notices:
            if (notice.code, notice.reason) not in self._told and len(self._told) < _MOST_TOLD:
                self._told.add((notice.code, notice.reason))
                reason = f"{notice.reason} [{notice.code}]"
                log_event(logger, "post-notice", logging.WARNING, path=post.path, line=notice.line, reason=reason)

    def _entry(self, post: Post, rendering: Rendering, names: Mapping[TermKey, Category]) -> Entry:
        zone = self._layout.site.zone
        return Entry(
            id=post.entry_id,
            url=post.url,
            title=post.title,
            published=post.published.astimezone(zone),
            updated=post.updated.astimezone(zone),
            authors=_authors(rendering.authors, post.authors),
            categories=self._categories(post, names),
            language=post.language,
            rendering=rendering,
            origin=self._origins.get(post.source),
        )

    def _categories(self, post: Post, names: Mapping[TermKey, Category]) -> tuple[Category, ...]:
        found = [names[key] for key in post.term_keys() if key in names]
        return tuple(self._named(category) for category in found if category.taxonomy in _SHOWN)

    def _named(self, category: Category) -> Category:
        label = self._layout.label(category)
        if label == category.label:
            return category
        return replace(category, label=label)

    def _remember(self, key: PostRevision, entry: Entry, *, came_since: bool) -> RenderedEntry:
        fragments = {name: renderer.entry(entry) for name, renderer in self._renderers.items()}
        too_large = max(map(len, fragments.values())) > self._largest
        excerpts = {}
        if self._excerpts or too_large:
            short = replace(entry, excerpt_only=True)
            excerpts = {name: renderer.entry(short) for name, renderer in self._renderers.items()}
        rendered = RenderedEntry(
            published=entry.published,
            updated=entry.updated,
            came_since=came_since,
            fragments=excerpts if too_large else fragments,
            excerpts=excerpts,
        )
        self._kept[key] = rendered
        self._kept_bytes += _bytes_of(rendered)
        while self._kept_bytes > _KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= _bytes_of(dropped)
        return rendered


def fragments_of(entries: Iterable[RenderedEntry], format_: str, *, excerpt_only: bool) -> list[bytes]:
    """Return the pieces of a document: people and widgets expect the newest first, whenever it came."""
    newest_first = sorted(entries, key=lambda entry: entry.published, reverse=True)
    return [entry.fragment(format_, excerpt_only=excerpt_only) for entry in newest_first]


def _bytes_of(entry: RenderedEntry) -> int:
    return sum(map(len, entry.fragments.values())) + sum(map(len, entry.excerpts.values()))


def _authors(named_in_text: tuple[Author, ...], own: tuple[Author, ...]) -> tuple[Author, ...]:
    """Return the authors whom the text names before those of the post, which may be no more than the site's."""
    if not named_in_text:
        return own
    names = {author.name for author in own}
    return (*(author for author in named_in_text if author.name not in names), *own)
