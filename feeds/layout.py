"""Where feeds stand: their files, their addresses, and what they say of themselves."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from core.files import remove_leftovers
from feeds.model import Author, Category, FeedHead, Taxonomy

FORMATS = ("rss", "atom", "json")
_FOLDERS = ("", "feeds", *(f"feeds/{taxonomy}" for taxonomy in Taxonomy if taxonomy != Taxonomy.ALL))
_LONGEST_WRITE = 3600  # seconds
_FEED_XML = "feed.xml"  # where jekyll-feed puts the Atom feed of the whole site


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What feeds say of their site."""

    title: str
    description: str
    home_url: str  # with a final `/`
    feeds_url: str  # of the output folder, with a final `/`
    language: str | None
    zone: ZoneInfo
    authors: tuple[Author, ...]
    labels: Mapping[tuple[Taxonomy, str], str]  # the owner's own names for terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One file of a feed."""

    path: str  # relative to the output folder
    format: str


def targets(category: Category) -> list[Target]:
    """Return the files of a feed."""
    if category.taxonomy == Taxonomy.ALL:
        stem = "feeds/all"
        extra = [Target(path=_FEED_XML, format="atom")]
    else:
        stem = f"feeds/{category.taxonomy}/{category.slug}"
        extra = []
    return [Target(path=f"{stem}.{format_}", format=format_) for format_ in FORMATS] + extra


class Layout:
    """The output folder of one site."""

    def __init__(self, out: Path, site: SiteFacts) -> None:
        self.out = out
        self.site = site

    def url(self, path: str) -> str:
        """Return the public address of a file in the output folder."""
        return self.site.feeds_url + quote(path)

    def feed_urls(self, category: Category) -> dict[str, str]:
        """Return format to public address."""
        return {target.format: self.url(target.path) for target in reversed(targets(category))}

    def label(self, category: Category) -> str:
        """Return the name that people read: the owner's, else the stored one."""
        if category.taxonomy == Taxonomy.ALL:
            return self.site.title
        return self.site.labels.get((category.taxonomy, category.term), category.label)

    def title(self, category: Category) -> str:
        """Return a feed's title."""
        label = self.label(category)
        return label if category.taxonomy == Taxonomy.ALL else f"{label} – {self.site.title}"

    def links_from_index(self, category: Category) -> dict[str, str]:
        """Return format to the feed's address relative to the index page."""
        return {
            target.format: quote(target.path.removeprefix("feeds/"))
            for target in targets(category)
            if target.path != _FEED_XML
        }

    def head(self, category: Category, updated: datetime, target: Target) -> FeedHead:
        """Return what one file of a feed says of the feed."""
        title = self.title(category)
        urls = self.feed_urls(category)
        urls[target.format] = self.url(target.path)
        return FeedHead(
            title=title,
            description=self.site.description or title,
            language=self.site.language,
            home_url=self.site.home_url,
            self_urls=urls,
            authors=self.site.authors,
            updated=updated,
        )

    def sizes_on_disk(self) -> dict[str, int]:
        """Return the bytes of each feed file, by its path relative to the output folder."""
        found: dict[str, int] = {}
        for folder in _FOLDERS:
            found.update(_sizes(self.out / folder, f"{folder}/" if folder else ""))
        return found

    def remove_leftovers(self) -> None:
        """Remove what a killed process left half written."""
        for folder in _FOLDERS:
            remove_leftovers(self.out / folder, _LONGEST_WRITE)

    def remove(self, category: Category) -> None:
        """Remove the files of a feed that is not wanted any more."""
        for target in targets(category):
            (self.out / target.path).unlink(missing_ok=True)


def _sizes(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    yield prefix + entry.name, entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return
