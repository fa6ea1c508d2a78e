"""Where feeds stand: their files, their addresses, and what they say of themselves."""

import os
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from core.files import remove_leftovers
from feeds.inherited import InheritedFeeds
from feeds.model import Author, Category, FeedHead, FeedHistory, Taxonomy, TermText, Tombstone
from feeds.slugs import distinct_slug, slug_for, slug_key

FORMATS = ("rss", "atom", "json")
INDEX = "feeds/index.html"
OPML = "feeds/opml.xml"
STYLE = "feeds/style.css"
PAGE = "html"  # the format of a feed's page for people
ARCHIVE = "feeds/archive"
_NO_TEXT = TermText()
_LONGEST_WRITE = 3600  # seconds
_FEED_XML = "feed.xml"  # where most readers look first
_TAKEN = frozenset({"feeds", "feed", _FEED_XML})


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSetFacts:
    """What the feeds of one set say of their site."""

    title: str
    description: str
    home_url: str  # with a final `/`
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What feeds say of their site."""

    title: str
    description: str
    home_url: str  # with a final `/`
    # Addresses of the output folder, which has the empty path, and of folders in it that have others; with a final `/`.
    served_at: Mapping[str, str]
    language: str | None
    zone: ZoneInfo
    authors: tuple[Author, ...]
    labels: Mapping[tuple[Taxonomy, str], str]  # the owner's own names for terms
    descriptions: Mapping[tuple[Taxonomy, str], str] = field(default_factory=dict)
    # What the site itself says of terms, by the term or by its `slug_key`.
    term_texts: Mapping[tuple[Taxonomy, str], TermText] = field(default_factory=dict)
    feed_sets: Mapping[str, FeedSetFacts] = field(default_factory=dict)  # by name; without the site's own
    hubs: tuple[str, ...] = ()  # where one can subscribe to feeds (WebSub): absolute URLs
    own_folder: str = ""  # of the site's own feeds in the output folder; with a final `/`


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One file of a feed."""

    path: str  # relative to the output folder
    format: str


class Layout:
    """The output folder of one site."""

    def __init__(self, out: Path, site: SiteFacts, inherited: InheritedFeeds | None = None) -> None:
        self.out = out
        self.site = site
        self._inherited = inherited
        self._folders = {"": site.own_folder, **self._folders_of(site.feed_sets)}

    @property
    def feed_sets(self) -> list[str]:
        """The names of all sets of feeds, the site's own first."""
        return list(self._folders)

    def folder(self, feed_set: str) -> str:
        """Return the folder of a set of feeds, relative to the output folder: empty, or with a slash at its end."""
        known = self._folders.get(feed_set)
        return known if known is not None else self._folders_of([*self._folders, feed_set])[feed_set]

    def _folders_of(self, names: Collection[str]) -> dict[str, str]:
        """Give each set of feeds a folder of its own, also on disks that ignore case."""
        taken = {*_TAKEN, slug_key(self.site.own_folder.removesuffix("/"))}
        folders = {}
        for name in names:
            slug = distinct_slug(name, lambda key: key in taken)
            taken.add(slug_key(slug))
            folders[name] = f"{slug}/"
        return folders

    def targets(self, category: Category) -> list[Target]:
        """Return the files that a feed has in any case."""
        folder = self.folder(category.feed_set)
        if category.taxonomy != Taxonomy.ALL:
            stem = f"{folder}feeds/{category.taxonomy}/{category.slug}"
            return [Target(path=f"{stem}.{format_}", format=format_) for format_ in (*FORMATS, PAGE)]
        found = [Target(path=f"{folder}feeds/all.{format_}", format=format_) for format_ in (*FORMATS, PAGE)]
        if self._inherited is None:
            found.append(Target(path=f"{folder}{_FEED_XML}", format="atom"))
        return found

    def archive_targets(self, category: Category, generation: int, page: int) -> list[Target]:
        """Return the files of a page of a feed's archive; an archive that began anew has other addresses."""
        folder = f"{self.folder(category.feed_set)}{ARCHIVE}/{category.taxonomy}"
        if category.taxonomy != Taxonomy.ALL:
            folder += f"/{category.slug}"
        name = f"{page}-{generation}" if generation else f"{page}"
        return [Target(path=f"{folder}/{name}.{format_}", format=format_) for format_ in FORMATS]

    def archive_urls(self, category: Category, generation: int, page: int) -> dict[str, str]:
        """Return format to the public address of a page of a feed's archive; empty for a page before the first."""
        if page < 1:
            return {}
        return {target.format: self.url(target.path) for target in self.archive_targets(category, generation, page)}

    def inherited_target(self, category: Category) -> Target | None:
        """Return the file that the site's former feed of this term was; others may claim the same."""
        if self._inherited is None:
            return None
        path = self._inherited.path(category.feed_set, category.taxonomy, category.term)
        return Target(path=path, format=self._inherited.format) if path else None

    def url(self, path: str) -> str:
        """Return the public address of a file in the output folder."""
        folder = max(filter(path.startswith, self.site.served_at), key=len)
        return self.site.served_at[folder] + quote(path.removeprefix(folder))

    def link(self, here: str, there: str) -> str:
        """Return the way from one file in the output folder to another: absolute if they may have other hosts."""
        if len(self.site.served_at) > 1:
            return self.url(there)
        return quote(posixpath.relpath(there, posixpath.dirname(here)))

    def feed_urls(self, category: Category) -> dict[str, str]:
        """Return format to public address."""
        return {
            target.format: self.url(target.path)
            for target in reversed(self.targets(category))
            if target.format in FORMATS
        }

    def page_url(self, category: Category) -> str:
        """Return the public address of a feed's page for people."""
        return next(self.url(target.path) for target in self.targets(category) if target.format == PAGE)

    def _ways(self, category: Category, here: str) -> dict[str, str]:
        folder = self.folder(category.feed_set)
        ways = {target.format: self.link(here, target.path) for target in reversed(self.targets(category))}
        return ways | {"index": self.link(here, folder + INDEX), "style": self.link(here, folder + STYLE)}

    def facts(self, feed_set: str) -> SiteFacts | FeedSetFacts:
        """Return what the feeds of a set say of their site."""
        return self.site.feed_sets.get(feed_set, self.site)

    def label(self, category: Category) -> str:
        """Return the name that people read: the owner's in the settings, else the site's own, else the stored one."""
        if category.taxonomy == Taxonomy.ALL:
            return self.facts(category.feed_set).title
        own = self.site.labels.get((category.taxonomy, category.term))
        return own or self._text(category).label or category.label

    def description(self, category: Category) -> str:
        """Return what the owner says of a term; empty if nothing."""
        own = self.site.descriptions.get((category.taxonomy, category.term))
        return own or self._text(category).description

    def _text(self, category: Category) -> TermText:
        texts = self.site.term_texts
        if not texts:
            return _NO_TEXT
        exact = texts.get((category.taxonomy, category.term))
        return exact or texts.get((category.taxonomy, slug_key(slug_for(category.term))), _NO_TEXT)

    def title(self, category: Category) -> str:
        """Return a feed's title."""
        label = self.label(category)
        return label if category.taxonomy == Taxonomy.ALL else f"{label} – {self.facts(category.feed_set).title}"

    def links_from_index(self, category: Category) -> dict[str, str]:
        """Return format to the feed's address relative to its set's index page."""
        start = f"{self.folder(category.feed_set)}feeds/"
        return {
            target.format: quote(target.path.removeprefix(start))
            for target in self.targets(category)
            if target.path.startswith(start)
        }

    def head(
        self,
        category: Category,
        updated: datetime,
        target: Target,
        history: FeedHistory = FeedHistory(),  # noqa: B008
        tombstones: Sequence[Tombstone] = (),
    ) -> FeedHead:
        """Return what one file of a feed, or of its archive, says of the feed; the times are of any zone."""
        facts = self.facts(category.feed_set)
        title = self.title(category)
        urls = self.feed_urls(category)
        urls[target.format] = self.url(target.path)
        return FeedHead(
            title=title,
            description=self.description(category) or facts.description or title,
            language=facts.language,
            home_url=facts.home_url,
            self_urls=urls,
            authors=self.site.authors,
            updated=updated.astimezone(self.site.zone),
            history=history,
            ways=self._ways(category, target.path) if target.format == PAGE else {},
            # Of an archive nothing new comes.
            hubs=self.site.hubs if history.current is None else (),
            tombstones=tuple(replace(one, withdrawn=one.withdrawn.astimezone(self.site.zone)) for one in tombstones),
        )

    def sizes_on_disk(self, folders: Collection[str]) -> dict[str, int]:
        """Return the bytes of each file in these folders, by its path; paths are relative to the output folder."""
        found: dict[str, int] = {}
        for folder in folders:
            found.update(_sizes(self.out / folder, f"{folder}/" if folder else ""))
        return found

    def remove_leftovers(self, folders: Collection[str]) -> None:
        """Remove what a killed process left half written."""
        for folder in folders:
            remove_leftovers(self.out / folder, _LONGEST_WRITE)


def _sizes(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    yield prefix + entry.name, entry.stat(follow_symlinks=False).st_size
    except (FileNotFoundError, NotADirectoryError):
        return
