"""The types of the published side. Every time is aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Taxonomy(StrEnum):
    """The kinds of terms that have feeds. ALL has one term, the empty one: the whole site."""

    ALL = "all"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"


TermKey = tuple[str, str]  # taxonomy, term


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    name: str
    email: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A post as its source shows it right now."""

    path: str  # relative to the source's folder, with `/`
    source_key: str  # the generator's own id of the post, without the site's address
    entry_id: str  # the absolute URL that becomes the post's id if it is new
    url: str  # absolute, percent-encoded
    title: str  # plain text, one line
    published: datetime
    updated: datetime | None  # only where the author wrote one
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    authors: tuple[Author, ...]
    summary: str | None  # only where the author wrote one; plain text
    image: str | None  # absolute URL
    language: str | None  # BCP 47
    content_hash: str  # of the file's bytes
    meaning_hash: str  # of what a reader sees
    warning: str | None = None  # what had to be rescued, with the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A file that could not become a Draft."""

    path: str
    code: str  # short and stable, such as `no-date-in-name`
    reason: str  # one sentence for a person, with what to do
    line: int | None = None  # from 1
    column: int | None = None  # from 1
    content_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A file that its author does not want published, or not yet."""

    path: str
    content_hash: str
    reason: str  # `unpublished`, `future`, `draft`
    due: datetime | None = None  # when it becomes a Draft, if ever


Reading = Draft | Quarantined | Hidden

Stat = tuple[int, int, int]  # size in bytes, mtime in ns, inode: what tells whether a file changed
NO_STAT: Stat = (0, 0, 0)  # of what stands at a path but is no readable file


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """One file of a poll: its stat from before it was read, and what it turned out to be."""

    stat: Stat
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A term with the name that people read and the one that stands in URLs."""

    taxonomy: Taxonomy
    term: str
    label: str
    slug: str

    @property
    def key(self) -> TermKey:
        """The taxonomy and the term."""
        return (self.taxonomy, self.term)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Our lasting record of a post."""

    id: int
    source: str
    entry_id: str
    url: str
    path: str
    title: str
    published: datetime
    updated: datetime
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    authors: tuple[Author, ...]
    summary: str | None
    image: str | None
    language: str | None
    content_hash: str
    withdrawn: datetime | None

    def term_keys(self) -> list[TermKey]:
        """Return the terms of each feed that the post stands in: the whole site, categories, tags, authors."""
        return [
            (Taxonomy.ALL, ""),
            *((Taxonomy.CATEGORY, term) for term in self.categories),
            *((Taxonomy.TAG, term) for term in self.tags),
            *((Taxonomy.AUTHOR, author.name) for author in self.authors),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A post's content as readers get it."""

    content_html: str  # sanitised, every URL absolute, no character that XML forbids
    summary: str  # plain text, one line
    image: str | None  # absolute URL: the author's, else the first in the content


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post as it stands in a feed. Labels are resolved; the times are in the site's zone."""

    id: str
    url: str
    title: str
    published: datetime
    updated: datetime
    authors: tuple[Author, ...]
    categories: tuple[Category, ...]  # categories first, then tags
    language: str | None
    rendering: Rendering


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a feed says of itself. The times are in the site's zone."""

    title: str
    description: str
    language: str | None
    home_url: str  # the page for people that this feed follows
    self_urls: Mapping[str, str]  # format (`rss`, `atom`, `json`) to the feed's own absolute URL
    authors: tuple[Author, ...]
    updated: datetime
    icon: str | None = None
