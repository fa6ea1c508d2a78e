"""The types of the published side. Every time is aware and in UTC."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Taxonomy(StrEnum):
    """The kinds of terms that have feeds. ALL has one term, the empty one: the whole set of feeds.

    Selections and sources stand beside the sets of feeds: each has one feed, whichever sets its posts are in.
    """

    ALL = "all"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    SELECTION = "selection"
    SOURCE = "source"


TermKey = tuple[str, str]  # the taxonomy in its set of feeds, the term


def scope(taxonomy: Taxonomy, feed_set: str) -> str:
    """Return a taxonomy as it is stored: in the site's own feeds its name alone, else with the set of feeds."""
    return f"{taxonomy}@{feed_set}" if feed_set else taxonomy.value


def term_keys(
    feed_set: str,
    categories: Iterable[str],
    tags: Iterable[str],
    authors: Iterable[str],
    selections: Iterable[TermKey] = (),
) -> list[TermKey]:
    """Return the terms of each feed that a post stands in: its whole set, categories, tags, authors, selections."""
    if not feed_set:
        every, category, tag, author = _OWN
    else:
        every, category, tag, author = (scope(taxonomy, feed_set) for taxonomy in _IN_SETS)
    return [
        (every, ""),
        *[(category, term) for term in categories],
        *[(tag, term) for term in tags],
        *[(author, term) for term in authors],
        *selections,
    ]


_IN_SETS = (Taxonomy.ALL, Taxonomy.CATEGORY, Taxonomy.TAG, Taxonomy.AUTHOR)
_OWN = tuple(taxonomy.value for taxonomy in _IN_SETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the owner of a post should mend, though the post is published."""

    code: str  # short and stable, such as `unknown-liquid-tag`
    reason: str  # one sentence for a person, with what to do
    line: int | None = None  # of the file, from 1
    column: int | None = None  # from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """An audio or video file that belongs to a post."""

    url: str  # absolute
    media_type: str  # without parameters, such as `audio/mpeg`
    length: int | None = None  # bytes, where they are known


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A post's text as its generator makes it, not yet sanitised."""

    html: str
    text: str  # what the HTML was made of, its templates resolved
    excerpt_html: str | None = None  # what the generator shows as the summary, if that is no beginning of the text
    notices: tuple[Notice, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()  # the ones that the front matter names; as seen from the post's page
    base_url: str | None = None  # what relative URLs are relative to, if that is not the post's page
    via: str | None = None  # absolute URL of the page that the post was taken from, where its source says it


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
    expires: datetime | None = None  # when its author wants it gone; later than now
    dated: bool = True  # False: the author did not say when it was published: `published` counts at first sight only
    feed_set: str = ""  # the set of feeds that it stands in: a language, a collection; empty for the site's own
    selections: tuple[TermKey, ...] = ()  # terms that its source does not know of: saved selections, the source itself
    listed: bool = True  # whether it stands in feeds; if not, others are told of it and no more
    notices: tuple[Notice, ...] = ()  # what had to be rescued or left out


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
    feed_set: str = ""  # empty for the site's own

    @property
    def key(self) -> TermKey:
        """The taxonomy in its set of feeds, and the term."""
        return (scope(self.taxonomy, self.feed_set), self.term)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermText:
    """What a site says of a term itself; empty where it says nothing."""

    label: str = ""
    description: str = ""


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
    feed_set: str = ""
    selections: tuple[TermKey, ...] = ()
    came_since: bool = False  # after its source was read for the first time
    listed: bool = True  # whether it stands in feeds

    def term_keys(self) -> list[TermKey]:
        """Return the terms of each feed that the post stands in, as `term_keys`."""
        if not self.listed:
            return []
        return term_keys(
            self.feed_set, self.categories, self.tags, [author.name for author in self.authors], self.selections
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A post's content as readers get it."""

    content_html: str  # sanitised, every URL absolute, no character that XML forbids
    summary: str  # plain text, one line
    image: str | None  # absolute URL: the author's, else the first in the content
    via: str | None = None  # absolute URL of the page that the post was taken from
    authors: tuple[Author, ...] = ()  # the ones that the text names
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTexts:
    """What the owner of a source wants done with its texts: CSS selectors, and patterns for the text of a block."""

    drop: tuple[str, ...] = ()
    drop_text: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    via_text: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    author_text: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.drop, self.drop_text, self.via, self.via_text, self.author, self.author_text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A text after the rules of its source, not yet sanitised."""

    html: str
    via: str | None = None  # absolute URL
    authors: tuple[Author, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The upstream feed that a post comes from, as entries name it."""

    title: str
    feed_id: str  # an IRI
    feed_url: str | None = None  # absolute; None if it may hold what is secret
    home_url: str | None = None


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
    excerpt_only: bool = False  # the feed shows the summary alone
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What a feed says of a post that was withdrawn (RFC 6721)."""

    id: str  # the entry's
    withdrawn: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """The ways between a feed and the pages of its archive (RFC 5005, section 4): absolute URLs."""

    previous: str | None = None
    following: str | None = None
    current: str | None = None  # of a page: the live feed


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
    history: FeedHistory = FeedHistory()
    tombstones: tuple[Tombstone, ...] = ()  # from new to old; the times are in the site's zone
    hubs: tuple[str, ...] = ()  # where one can subscribe to the file (WebSub): absolute URLs
    # Of a page for people: from it to `index`, `style` and each format.
    ways: Mapping[str, str] = field(default_factory=dict)
