"""JSON Feed 1.0 and 1.1. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import orjson

from core.text import xml_legal
from feeds.model import Author
from feeds.sources.upstream import media
from feeds.sources.upstream.choosing import item_hashes, too_many
from feeds.sources.upstream.entries import categories_of, says_anything
from feeds.sources.upstream.links import linked
from feeds.sources.upstream.model import Unreadable, UpstreamDocument, UpstreamItem
from feeds.sources.upstream.people import author, each_once
from feeds.sources.upstream.texts import html_of, language_tag, line_of_text, summary_line, web_url
from feeds.sources.upstream.times import utc_time

_VERSION = "jsonfeed.org/version/1"
_MOST_VALUES = 2_000_000
Object = Mapping[str, Any]


def read_json(
    text: str, headers: Mapping[str, str], url: str, *, max_items: int, known: Collection[str]
) -> UpstreamDocument | Unreadable:
    """Read a JSON Feed, but for the items whose hashes are `known`."""
    if text.count(",") + text.count("[") + text.count("{") > _MOST_VALUES:
        return Unreadable(code="too-complex", reason="it has too many values to be a feed")
    try:
        feed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Unreadable(code="broken", reason="it is no JSON, or cut short")
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list) or not _is_feed(feed):
        return Unreadable(code="not-a-feed", reason="it is JSON, but no JSON Feed")
    items = [one for one in feed["items"] if isinstance(one, dict)]
    hashes = _hashes(feed, items[:max_items], url)
    new = [one for one, its_hash in zip(items, hashes, strict=False) if its_hash not in known]
    home_url, language = web_url(url, feed.get("home_page_url")), language_tag(feed.get("language"))
    authors = _authors(feed, url)
    self_urls = (*linked(headers, "self", url), web_url(url, feed.get("feed_url")))
    return UpstreamDocument(
        title=line_of_text(_text(feed.get("title"))),
        feed_id=None,
        home_url=home_url,
        self_url=next((one for one in self_urls if one), None),
        hubs=tuple(dict.fromkeys((*linked(headers, "hub", url), *_hubs(feed, url)))),
        language=language,
        ttl=None,
        items=tuple(item for one in new if says_anything(item := _item(one, home_url or url, language, authors))),
        skipped=len(hashes) - len(new),
        item_hashes=tuple(one for one in hashes if one),
        notice=too_many(len(items), max_items),
    )


def _is_feed(feed: Object) -> bool:
    return _VERSION in _text(feed.get("version"))


def _hashes(feed: Object, items: Sequence[Object], url: str) -> tuple[str, ...]:
    around = orjson.dumps({key: value for key, value in feed.items() if key != "items"}).decode()
    guids = [str(one.get("id") or one.get("url")) for one in items]
    return item_hashes((url, around), [orjson.dumps(one) for one in items], guids)


def _text(value: object) -> str:
    return xml_legal(value) if isinstance(value, str) else ""


def _item(item: Object, base_url: str, of_feed: str | None, authors: tuple[Author, ...]) -> UpstreamItem:
    link = web_url(base_url, item.get("url"))
    base_url = link or base_url
    html, plain = _text(item.get("content_html")), _text(item.get("content_text"))
    summary = summary_line(_text(item.get("summary")), "text/plain")
    language = language_tag(item.get("language"))
    picture = item.get("image") or item.get("banner_image")
    return UpstreamItem(
        guid=_guid(item.get("id")),
        link=link,
        title=line_of_text(_text(item.get("title"))),
        html=html or html_of(plain or summary or "", "text/plain"),
        base_url=base_url,
        summary=summary if html or plain else None,
        published=utc_time(item.get("date_published")),
        updated=utc_time(item.get("date_modified")),
        authors=_authors(item, base_url) or authors,
        categories=categories_of(_list(item.get("tags"))),
        enclosures=media.enclosures(_enclosures(item, base_url)),
        image=web_url(base_url, picture),
        language=None if language == of_feed else language,
        via=web_url(base_url, item.get("external_url")),
    )


def _guid(value: object) -> str | None:
    """Return an id as text: numbers are to be taken as such (version 1.1, `id`)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return xml_legal(str(value)).strip()[:4000] or None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _authors(found: Object, base_url: str) -> tuple[Author, ...]:
    people = [one for one in (*_list(found.get("authors")), found.get("author")) if isinstance(one, dict)]
    # Names are plain text here.
    return each_once(author(escape(_text(one.get("name"))), None, one.get("url"), base_url) for one in people)


def _enclosures(item: Object, base_url: str) -> Iterator[Any]:
    for one in _list(item.get("attachments")):
        if isinstance(one, dict):
            said = {"url": one.get("url"), "type": one.get("mime_type"), "length": one.get("size_in_bytes")}
            yield media.enclosure(said, base_url)


def _hubs(feed: Object, url: str) -> Iterator[str]:
    for one in _list(feed.get("hubs")):
        if (
            isinstance(one, dict)
            and _text(one.get("type")).lower() == "websub"
            and (found := web_url(url, one.get("url")))
        ):
            yield found
