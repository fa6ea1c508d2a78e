"""What an upstream feed says, before it becomes posts. Times are aware and in UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.model import Author, Enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamItem:
    """An item as its feed has it. URLs are absolute and http(s); texts have no character that XML forbids."""

    guid: str | None  # as written; None if there is none
    link: str | None  # the page for people
    title: str  # plain text, one line; may be empty
    html: str  # the fullest text that the item has, not sanitised; a plain text is escaped
    base_url: str  # what relative URLs in the HTML are relative to
    summary: str | None = None  # plain text, one line, where the item has a summary beside its content
    published: datetime | None = None  # None if nothing says when, or nobody can read it
    updated: datetime | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()  # as people read them, each once
    enclosures: tuple[Enclosure, ...] = ()
    image: str | None = None
    language: str | None = None  # BCP 47, of the item itself
    via: str | None = None  # where the upstream took it from


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamDocument:
    """A feed that could be read."""

    title: str  # plain text, one line; may be empty
    feed_id: str | None  # of Atom
    home_url: str | None
    self_url: str | None  # what the feed gives as its own address (`rel=self`), from document or headers
    hubs: tuple[str, ...]  # WebSub hubs, from headers first, then from the document
    language: str | None
    ttl: timedelta | None  # how long it says that it stays as it is: RSS `ttl`, the syndication module's period
    items: tuple[UpstreamItem, ...]  # in the order of the document
    deleted: tuple[str, ...] = ()  # ids that it says are gone (RFC 6721)
    skipped: int = 0  # items that are as they were when they were last read, and not among `items`
    item_hashes: tuple[str, ...] = ()  # of all items that the next reading may skip, in no particular order
    is_cut: bool = False  # whether it ends too early
    notice: str | None = None  # why not everything could be read: it is cut short, or has too many items


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLinks:
    """A page for people that names feeds (autodiscovery): absolute URLs, the best first."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """What is no feed."""

    code: str  # short and stable, such as `not-a-feed`
    reason: str  # one sentence for a person
