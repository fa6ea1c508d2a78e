"""RSS, RDF, Atom and CDF: what a feed says of itself, and its items. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape

from feeds.sources.upstream.bounds import has_too_many_prefixes
from feeds.sources.upstream.choosing import choose
from feeds.sources.upstream.cutting import without_cdata, without_comments
from feeds.sources.upstream.entries import FeedFacts, Found, item_of, linked_of, page_of, says_anything
from feeds.sources.upstream.links import linked
from feeds.sources.upstream.media import number
from feeds.sources.upstream.model import Unreadable, UpstreamDocument
from feeds.sources.upstream.parsing import parse_chosen
from feeds.sources.upstream.people import authors_of
from feeds.sources.upstream.prolog import Root
from feeds.sources.upstream.texts import language_tag, line, web_url

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_LONGEST_TTL = timedelta(days=366)
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_MOST_DELETED = 1000
_DELETED = re.compile(r"<(?:[\w.-]++:)?deleted-entry\s[^<>]*?\bref\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')")


def read_xml(
    text: str, root: Root, headers: Mapping[str, str], url: str, *, max_items: int, known: Collection[str]
) -> UpstreamDocument | Unreadable:
    """Read the feed whose root element begins at `root`, but for the items whose hashes are `known`."""
    text = without_comments(text[root.start :])
    if has_too_many_prefixes(text):
        return _TOO_COMPLEX
    chosen = choose(text, root.qualified_name, url, max_items=max_items, known=known)
    if chosen is None:
        return _TOO_COMPLEX
    parsed = parse_chosen(chosen, root)
    if isinstance(parsed, Unreadable):
        return parsed
    if not parsed.version and not parsed.entries and not chosen.skipped:
        return Unreadable(code="not-a-feed", reason="it is XML, but no feed")
    return replace(
        _document(parsed.feed, parsed.entries[:max_items], parsed.version, headers, url),
        deleted=_deleted("".join(chosen.outside)),
        notice="; ".join((*chosen.notices, *parsed.notices)) or None,
        skipped=chosen.skipped,
        is_cut=chosen.is_cut,
        item_hashes=chosen.known_from_now_on(parsed.read, known),
    )


_TOO_COMPLEX = Unreadable(code="too-complex", reason="it has more elements, categories or names than any feed needs")


def _document(
    feed: Found,
    entries: Sequence[Found],
    version: str,
    headers: Mapping[str, str],
    url: str,
) -> UpstreamDocument:
    home_url = page_of(feed, url)
    language = language_tag(feed.get("language"))
    is_atom = version.startswith("atom")
    facts = FeedFacts(
        base_url=url if is_atom else home_url or url,
        language=language,
        is_atom=is_atom,
        authors=authors_of(feed, url) if is_atom else (),
    )
    detail = feed.get("title_detail") or {}
    hubs, selves = ((*linked(headers, relation, url), *_urls(feed, relation, url)) for relation in ("hub", "self"))
    return UpstreamDocument(
        title=line(feed.get("title") or "", detail.get("type") or "text/html"),
        feed_id=(feed.get("id") or None) if is_atom else None,
        home_url=home_url,
        self_url=selves[0] if selves else None,
        hubs=tuple(dict.fromkeys(hubs)),
        language=language,
        ttl=_ttl(feed),
        items=tuple(item for entry in entries if says_anything(item := item_of(entry, facts))),
    )


def _deleted(outside: str) -> tuple[str, ...]:
    """Return the ids that stand in tombstones (RFC 6721), which feedparser does not know."""
    if _TOMBSTONES not in outside:
        return ()
    ids = (unescape(found[1] or found[2] or "").strip() for found in _DELETED.finditer(without_cdata(outside)))
    return tuple(dict.fromkeys(one for one in ids if one))[:_MOST_DELETED]


def _urls(feed: Found, relation: str, base_url: str) -> tuple[str, ...]:
    found = (web_url(base_url, one["href"]) for one in linked_of(feed, relation))
    return tuple(one for one in found if one)


def _ttl(feed: Found) -> timedelta | None:
    """Return how long the feed stays as it is: minutes (RSS), or a period and how often in it (syndication module)."""
    if minutes := number(feed.get("ttl")):
        return min(timedelta(minutes=min(minutes, 10**6)), _LONGEST_TTL)
    seconds = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    return timedelta(seconds=seconds / (number(feed.get("sy_updatefrequency")) or 1)) if seconds else None
