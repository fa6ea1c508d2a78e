"""A site as its generator describes it, and what the owner says above that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from feeds.inherited import InheritedFeeds
from feeds.model import Author, Taxonomy, TermText
from feeds.sources.folder import FileReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the owner says of the site; it comes before what the site says of itself."""

    title: str | None = None
    description: str | None = None
    url: str | None = None  # absolute, without a slash at its end; a path in it comes before the site's base path
    language: str | None = None
    timezone: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNames:
    """Which keys of the front matter say what; the first one that is there counts. A dot leads into a map."""

    title: tuple[str, ...] = ("title",)
    date: tuple[str, ...] = ("date", "published", "pubDate", "pubDatetime", "created")
    updated: tuple[str, ...] = ("updated", "lastmod", "modified", "last_modified_at")
    categories: tuple[str, ...] = ("categories", "category", "taxonomies.categories")
    tags: tuple[str, ...] = ("tags", "tag", "taxonomies.tags", "keywords")
    author: tuple[str, ...] = ("author", "authors")
    summary: tuple[str, ...] = ("description", "summary", "excerpt")
    image: tuple[str, ...] = ("image", "cover", "hero")
    url: tuple[str, ...] = ("permalink", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How the owner wants the source read."""

    root: str
    outside: tuple[str, ...] = ()  # folders of ours that may lie in the site and are no part of it
    drafts: bool = False
    naive_dates: Literal["utc", "site"] = "utc"
    content: str | None = None  # the folder below the root that posts lie in; None: as the generator has it
    url_pattern: str | None = None
    fields: FieldNames = field(default_factory=FieldNames)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSetProfile:
    """What a site says of one set of feeds."""

    name: str  # empty for the site's own; else a language, a collection
    title: str | None
    description: str | None
    language: str | None
    home_url: str  # absolute with a slash at its end; empty if the site says no address


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProfile:
    """What a site says of itself."""

    generator: str  # as people call it: Jekyll, Hugo
    timezone: str
    author: Author | None
    feed_sets: tuple[FeedSetProfile, ...]  # the site's own first
    files: tuple[str, ...]  # relative to the root: when one of them changes, comes or goes, the site is read anew
    how_to_set_url: str  # such as: Write `url: https://example.org` into _config.yml; empty if there is no place for it
    inherited: InheritedFeeds | None = None  # the feeds that the generator makes itself
    # Addresses of folders that the generator writes to, by their paths with a slash at the end; the output folder's is
    # the home page's unless it is here.
    served_at: Mapping[str, str] = field(default_factory=dict)
    own_folder: str = ""  # of the output folder, for the feeds of the first set, with a slash at its end
    # What its own pages and data files say of its terms, by the term as it is written or as it stands in addresses.
    term_texts: Mapping[tuple[Taxonomy, str], TermText] = field(default_factory=dict)
    content_fingerprint: str = ""  # changes with what the HTML of every post depends on beside its file


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSite:
    """A site that can be read."""

    profile: SiteProfile
    reader: FileReader
