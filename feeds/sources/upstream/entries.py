"""A feedparser entry as an item. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.text import one_line, xml_legal
from feeds.model import Author
from feeds.sources.upstream import media
from feeds.sources.upstream.model import UpstreamItem
from feeds.sources.upstream.people import authors_of
from feeds.sources.upstream.texts import html_of, language_tag, line, summary_line, web_url
from feeds.sources.upstream.times import utc_time

_MOST_CATEGORIES = 100
_LONGEST_CATEGORY = 200
_LONGEST_GUID = 4000
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXTS = _HTML | {"text/plain"}

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)

Found = Mapping[str, Any]  # of feedparser


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """What an item takes from its feed."""

    base_url: str  # what relative links are relative to
    language: str | None
    is_atom: bool
    authors: tuple[Author, ...] = ()  # of Atom: who wrote the items that name nobody


def plain(found: Any) -> Any:
    """Return what feedparser found as plain dicts: its own look-ups guess, warn, and take long."""
    if isinstance(found, dict):
        return {key: plain(value) if isinstance(value, dict | list) else value for key, value in dict(found).items()}
    return [plain(one) for one in found] if isinstance(found, list) else found


def item_of(entry: Found, feed: FeedFacts) -> UpstreamItem:
    """Return what a `plain` entry says."""
    link = _link(entry, feed)
    base_url = link or feed.base_url
    text = _text(entry, base_url)
    source = entry.get("source") or {}
    published, updated = _times(entry, is_atom=feed.is_atom)
    return UpstreamItem(
        guid=xml_legal(entry.get("id") or "").strip()[:_LONGEST_GUID] or None,
        link=link,
        title=_line(entry, "title"),
        html=text.html,
        base_url=text.base_url,
        summary=text.summary,
        published=published,
        updated=updated,
        authors=authors_of(entry, base_url) or authors_of(source, base_url) or feed.authors,
        categories=categories_of((tag.get("label") or tag.get("term")) for tag in entry.get("tags") or ()),
        enclosures=_enclosures(entry, base_url),
        image=_image(entry, base_url),
        language=_language(entry, feed.language),
        via=_via(entry, source, feed.base_url),
    )


def says_anything(item: UpstreamItem) -> bool:
    """Tell whether there is anything in an item to know it by or to read."""
    return bool(item.guid or item.link or item.title or item.html or item.enclosures)


def categories_of(names: Iterable[object]) -> tuple[str, ...]:
    """Return categories as people read them, each once, no more than a hundred."""
    lines = (one_line(name, _LONGEST_CATEGORY) for name in names if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in lines if name))[:_MOST_CATEGORIES]


def linked_of(found: Found, relation: str) -> list[Found]:
    """Return the links of an entry or a feed that have a relation and an address."""
    return [one for one in found.get("links") or () if one.get("rel") == relation and one.get("href")]


def page_of(found: Found, base_url: str) -> str | None:
    """Return the page for people that an entry or a feed links to: HTML first."""
    links = linked_of(found, "alternate")
    pages = [one for one in links if one.get("type") in _HTML]
    candidates = [*pages, *links, {"href": found.get("link")}]
    return next((url for one in candidates if (url := web_url(base_url, one["href"]))), None)


def _link(entry: Found, feed: FeedFacts) -> str | None:
    if found := web_url(feed.base_url, entry.get("feedburner_origlink")):
        return found
    guid = entry.get("id") or ""
    # feedparser gives as the link a guid that does not say that it is none, whatever it looks like.
    linked = {**entry, "link": None} if entry.get("link") == guid else entry
    if found := page_of(linked, feed.base_url):
        return found
    is_address = _ADDRESS.match(guid) and entry.get("guidislink", True) and not feed.is_atom
    return web_url(feed.base_url, guid) if is_address else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    html: str
    base_url: str
    summary: str | None


def _text(entry: Found, base_url: str) -> _Text:
    """Choose the fullest text: content before a summary, HTML before plain text, then the longest."""
    summary = entry.get("summary_detail")
    if summary and not (summary.get("type") and summary.get("value")):
        summary = None
    contents = [one for one in entry.get("content") or () if one.get("type") in _TEXTS and one.get("value")]
    marked_up = [one for one in contents if one["type"] in _HTML]
    candidates = marked_up or contents
    if summary and not marked_up:
        candidates = [*candidates, summary]
    if not candidates:
        return _Text(html="", base_url=base_url, summary=None)
    chosen = max(candidates, key=lambda one: len(one["value"]))
    others = [summary, *contents] if summary else contents
    said = next((one for one in others if one is not chosen and one["value"] != chosen["value"]), None)
    return _Text(
        html=html_of(chosen["value"], chosen["type"]),
        base_url=web_url(base_url, chosen.get("base")) or base_url,
        summary=summary_line(said["value"], said["type"]) if said else None,
    )


def _line(found: Found, key: str) -> str:
    detail = found.get(f"{key}_detail") or {}
    return line(found.get(key) or "", detail.get("type") or "text/html")


def _times(entry: Found, *, is_atom: bool) -> tuple[Any, Any]:
    published, created, updated = (
        utc_time(entry.get(key), entry.get(f"{key}_parsed")) for key in ("published", "created", "updated")
    )
    published = published or created
    if not is_atom and published is None:
        # Dublin Core's date, which says in RSS when an item came out.
        return updated, None
    return published, updated


def _enclosures(entry: Found, base_url: str) -> Any:
    found = [*linked_of(entry, "enclosure"), *(entry.get("media_content") or ())]
    return media.enclosures(media.enclosure(one, base_url) for one in found)


def _image(entry: Found, base_url: str) -> str | None:
    others = [one for one in linked_of(entry, "enclosure") if media.is_picture_file(one)]
    own = entry.get("image")
    return media.picture(
        entry.get("media_content") or (),
        entry.get("media_thumbnail") or (),
        [*([own] if own else ()), *others],
        base_url,
    )


def _language(entry: Found, of_feed: str | None) -> str | None:
    details: Sequence[Found] = (*(entry.get("content") or ()), entry.get("title_detail") or {})
    said = entry.get("language") or next((one["language"] for one in details if one.get("language")), None)
    found = language_tag(said)
    return None if found == of_feed else found


def _via(entry: Found, source: Found, base_url: str) -> str | None:
    named = [one["href"] for one in linked_of(entry, "via")]
    candidates = [*named, source.get("href"), *(one["href"] for one in linked_of(source, "alternate"))]
    return next((url for one in candidates if (url := web_url(base_url, one))), None)
