"""The pages that list all feeds: the index for people and the OPML for readers."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from sqlalchemy import Engine

from core.db import reading
from feeds.choice import FeedChoice
from feeds.layout import INDEX, OPML, STYLE, Layout
from feeds.model import Category, Taxonomy
from feeds.output import OutputFolder
from feeds.render.index import IndexLink, IndexPage, IndexRenderer, IndexRow, IndexSection
from feeds.render.opml import OpmlFeed, OpmlGroup, render_opml
from feeds.store import terms
from feeds.store.activity import weekly
from feeds.store.terms import TermRow

_LISTED = (Taxonomy.SELECTION, Taxonomy.SOURCE, Taxonomy.CATEGORY, Taxonomy.TAG, Taxonomy.AUTHOR)

_ALWAYS = (Taxonomy.CATEGORY, Taxonomy.TAG, Taxonomy.AUTHOR)


class PagePublisher:
    """Writes the pages of one site."""

    def __init__(self, *, engine: Engine, layout: Layout, choice: FeedChoice, output: OutputFolder) -> None:
        self._engine = engine
        self._layout = layout
        self._choice = choice
        self._output = output
        self._weeks: Mapping[int, Sequence[int]] = {}

    def publish(self) -> None:
        """Put the pages in place. Raises OSError if one cannot be written; the old one stays."""
        with reading(self._engine) as connection:
            rows = [row for row in terms.listing(connection) if _has_feed(row, self._choice)]
            newest = max((row.newest for row in rows if row.newest), default=None)
            self._weeks = weekly(connection, newest) if newest else {}
        whole = [row for row in rows if row.category.taxonomy == Taxonomy.ALL]
        for row in whole:
            self._publish_set(row, [one for one in rows if one.category.feed_set == row.category.feed_set], whole)

    def _publish_set(self, whole: TermRow, rows: Sequence[TermRow], sets: Sequence[TermRow]) -> None:
        by_taxonomy = {taxonomy: [row for row in rows if row.category.taxonomy == taxonomy] for taxonomy in Taxonomy}
        folder = self._layout.folder(whole.category.feed_set)
        self._write(folder + INDEX, self._index_renderer.render(self._page(whole, by_taxonomy, sets)))
        self._write(folder + STYLE, self._index_renderer.style)
        self._write(folder + OPML, self._opml([whole], by_taxonomy))
        for taxonomy in _LISTED:
            if by_taxonomy[taxonomy]:
                self._write(folder + _taxonomy_opml(taxonomy), self._taxonomy_opml(whole, by_taxonomy[taxonomy]))
            else:
                self._output.remove(folder + _taxonomy_opml(taxonomy))

    @cached_property
    def _index_renderer(self) -> IndexRenderer:
        return IndexRenderer()

    def missing(self) -> bool:
        """Tell whether a page is not there."""
        folder = self._layout.out / self._layout.folder("")
        return not all((folder / path).exists() for path in (INDEX, OPML, STYLE))

    def _write(self, path: str, content: bytes) -> None:
        self._output.write(path, [content])

    def _page(self, whole: TermRow, by_taxonomy: dict[Taxonomy, list[TermRow]], sets: Sequence[TermRow]) -> IndexPage:
        own = whole.category.feed_set
        facts = self._layout.facts(own)
        return IndexPage(
            title=facts.title,
            description=facts.description,
            language=facts.language,
            home_url=facts.home_url,
            site=self._row(whole),
            sections=[
                IndexSection(
                    taxonomy=taxonomy,
                    rows=[self._row(row) for row in by_taxonomy[taxonomy]],
                    opml=f"{taxonomy}.opml",
                )
                for taxonomy in _LISTED
                if by_taxonomy[taxonomy] or taxonomy in _ALWAYS
            ],
            others=[self._other(row, own) for row in sets if row.category.feed_set != own],
            opml="opml.xml",
        )

    def _other(self, row: TermRow, own: str) -> IndexLink:
        feed_set = row.category.feed_set
        here, there = (self._layout.folder(name) + INDEX for name in (own, feed_set))
        return IndexLink(title=self._layout.title(row.category), name=feed_set, url=self._layout.link(here, there))

    def _row(self, row: TermRow) -> IndexRow:
        return IndexRow(
            label=self._layout.label(row.category),
            term=row.category.term,
            description=self._layout.description(row.category),
            posts=row.posts,
            latest=row.newest.astimezone(self._layout.site.zone) if row.newest else None,
            links=self._layout.links_from_index(row.category),
            weeks=self._weeks.get(row.id, ()),
        )

    def _opml(self, whole: Sequence[TermRow], by_taxonomy: dict[Taxonomy, list[TermRow]]) -> bytes:
        groups = [OpmlGroup(title="", feeds=[self._listed(row.category) for row in whole])]
        groups += [
            OpmlGroup(title=taxonomy.value, feeds=[self._listed(row.category) for row in by_taxonomy[taxonomy]])
            for taxonomy in _LISTED
            if by_taxonomy[taxonomy] or taxonomy in _ALWAYS
        ]
        return render_opml(self._layout.title(whole[0].category), groups)

    def _taxonomy_opml(self, whole: TermRow, rows: Sequence[TermRow]) -> bytes:
        feeds = [self._listed(row.category) for row in rows]
        return render_opml(self._layout.title(whole.category), [OpmlGroup(title="", feeds=feeds)])

    def _listed(self, category: Category) -> OpmlFeed:
        return OpmlFeed(
            title=self._layout.title(category),
            xml_url=self._layout.feed_urls(category)["atom"],
            html_url=self._layout.page_url(category),
        )


def _taxonomy_opml(taxonomy: Taxonomy) -> str:
    return f"feeds/{taxonomy}.opml"


def _has_feed(row: TermRow, choice: FeedChoice) -> bool:
    return choice.wants(row.category, posts=row.posts, standing=row.standing)
