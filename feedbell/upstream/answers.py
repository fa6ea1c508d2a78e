"""What an answer of an upstream feed means: nothing new, a feed to read, a failure. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from statistics import median

from core.digest import digest
from core.exchange import Fetched
from feeds.sources.upstream.model import FeedLinks, Unreadable, UpstreamDocument
from feeds.sources.upstream.reading import read_document
from feeds.store.upstreams import Description, Upstream

_GONE = 410
_UNCHANGED = 304
_LONGEST_VALIDATOR = 4000  # characters; many servers take 8 kB of headers in all
_RECENT = 20  # items whose distance says how often a feed gets one


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """Nothing new: the server says so, or sent the same bytes again."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A feed that was read."""

    document: UpstreamDocument
    description: Description


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A page for people that names the feed."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No feed, and why; `gone` if there will be none any more."""

    reason: str
    gone: bool = False


Meaning = Unchanged | Read | Elsewhere | Failed


def meaning_of(fetched: Fetched, upstream: Upstream, *, max_items: int) -> Meaning:
    """Return what an answer means for a feed."""
    if fetched.status is None:
        return Failed(reason=fetched.reason or str(fetched.error))
    if fetched.status == _UNCHANGED and (upstream.body_hash is not None):
        return Unchanged(etag=upstream.etag, last_modified=upstream.last_modified)
    if fetched.status == _GONE:
        return Failed(reason="the feed is gone for good (410): it is polled no more", gone=True)
    if not 200 <= fetched.status < 300:
        return Failed(reason=f"the server answered {fetched.status}")
    return of_body(fetched, upstream, max_items=max_items)


def of_body(fetched: Fetched, upstream: Upstream, *, max_items: int) -> Meaning:
    """Return what a body means that was fetched, or that a hub sent."""
    etag, last_modified = _validator(fetched, "etag"), _validator(fetched, "last-modified")
    body_hash = digest(fetched.body)
    if body_hash == upstream.body_hash:
        return Unchanged(etag=etag, last_modified=last_modified)
    found = read_document(fetched.body, fetched.headers, fetched.url, max_items=max_items, known=upstream.item_hashes)
    match found:
        case Unreadable(reason=reason):
            return Failed(reason=reason)
        case FeedLinks(urls=urls):
            return Elsewhere(url=urls[0])
        case UpstreamDocument():
            description = _describe(found, upstream, etag, last_modified, body_hash)
            return Read(document=found, description=description)


def of_push(fetched: Fetched, upstream: Upstream, *, max_items: int) -> Meaning:
    """Return what a body means that a hub sent.

    It may have the new items only, and nobody has signed the headers: where the feed and its hub are, what tells
    whether it changed, and its pace are taken from polls alone.
    """
    meaning = of_body(fetched, upstream, max_items=max_items)
    match meaning:
        case Unchanged():
            return Unchanged(etag=upstream.etag, last_modified=upstream.last_modified)
        case Read(document=document, description=description):
            newest, gap = _pace_with_new(_times(document), upstream)
            description = replace(
                description,
                etag=upstream.etag,
                last_modified=upstream.last_modified,
                self_url=upstream.self_url,
                hub_url=upstream.hub_url,
                ttl_seconds=upstream.ttl_seconds,
                newest_at=newest,
                gap_seconds=gap,
            )
            return Read(document=document, description=description)
    return meaning


def _validator(fetched: Fetched, name: str) -> str | None:
    """Return a validator as it came. One that servers would refuse for its size is better not given back."""
    value = fetched.headers.get(name)
    return value if value is not None and len(value) <= _LONGEST_VALIDATOR else None


def _describe(
    document: UpstreamDocument, upstream: Upstream, etag: str | None, last_modified: str | None, body_hash: str
) -> Description:
    newest, gap = _pace(document, upstream)
    return Description(
        # One that was cut short is asked for as if it had never come.
        etag=None if document.is_cut else etag,
        last_modified=None if document.is_cut else last_modified,
        body_hash=None if document.is_cut else body_hash,
        item_hashes=document.item_hashes,
        feed_id=document.feed_id,
        title=document.title or None,
        home_url=document.home_url,
        self_url=document.self_url,
        hub_url=next(iter(document.hubs), None),
        language=document.language,
        newest_at=newest,
        gap_seconds=gap,
        ttl_seconds=int(document.ttl.total_seconds()) if document.ttl is not None else None,
        notice=document.notice,
    )


def _pace(document: UpstreamDocument, upstream: Upstream) -> tuple[datetime | None, int | None]:
    """Return when the newest item came out and how far apart items come: what was left unread is as it was."""
    times = _times(document)
    if document.skipped and len(times) < _RECENT:
        return _pace_with_new(times, upstream)
    if not times:
        return None, None
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    return times[0], int(median(gaps)) if gaps else None


def _times(document: UpstreamDocument) -> list[datetime]:
    """Return when the items came out that were read, the newest first."""
    return sorted((item.published for item in document.items if item.published is not None), reverse=True)[:_RECENT]


def _pace_with_new(new: list[datetime], upstream: Upstream) -> tuple[datetime | None, int | None]:
    if not new or (upstream.newest_at is not None and new[0] <= upstream.newest_at):
        return upstream.newest_at, upstream.gap_seconds
    if upstream.newest_at is None or upstream.gap_seconds is None:
        return new[0], upstream.gap_seconds
    newly = [one for one in new if one > upstream.newest_at]
    gap = (newly[0] - upstream.newest_at).total_seconds() / len(newly)
    weight = min(len(newly), _RECENT) / _RECENT
    return newly[0], int(upstream.gap_seconds * (1 - weight) + gap * weight)


def conditional_headers(upstream: Upstream) -> dict[str, str]:
    """Return the request's header fields: the validators go back exactly as they came (RFC 9110, section 13.1)."""
    found = {"accept": _ACCEPT}
    if upstream.etag is not None:
        found["if-none-match"] = upstream.etag
    if upstream.last_modified is not None:
        found["if-modified-since"] = upstream.last_modified
    return found


_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
