"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from core.text import one_line, xml_legal
from feeds.model import Author, Enclosure, Entry, FeedHead
from feeds.render.fragments import distinct_labels, email_address, language_tag, named, rfc3339, web_address

_VERSION = "https://jsonfeed.org/version/1.1"


class JsonFeedRenderer:
    """Writes JSON Feed 1.1."""

    format = "json"
    media_type = "application/feed+json"
    extension = "json"

    def entry(self, entry: Entry) -> bytes:
        """Write one object of `items`."""
        rendering = entry.rendering
        content = {"content_html": rendering.content_html}
        if entry.excerpt_only:
            content = {"content_text": _line(rendering.summary)}
        return orjson.dumps(
            _filled(
                id=xml_legal(entry.id),
                url=xml_legal(entry.url),
                external_url=web_address(rendering.via),
                title=_line(entry.title),
                **content,
                summary=_line(rendering.summary),
                image=web_address(rendering.image),
                date_published=rfc3339(entry.published),
                date_modified=rfc3339(entry.updated),
                authors=_authors(entry.authors),
                tags=[_line(label) for label in distinct_labels(entry.categories)],
                language=language_tag(entry.language),
                attachments=[_attachment(one) for one in rendering.enclosures],
            )
            # The one field that may be empty: an item must have content.
            | content
        )

    def document(self, head: FeedHead, entries: Sequence[bytes]) -> list[bytes]:
        """Write a whole feed."""
        start = orjson.dumps(
            _filled(
                version=_VERSION,
                title=_line(head.title) or head.home_url,
                home_page_url=xml_legal(head.home_url),
                feed_url=xml_legal(head.self_urls["json"]),
                next_url=xml_legal(head.history.previous) if head.history.previous else None,
                description=_line(head.description),
                icon=web_address(head.icon),
                authors=_authors(head.authors),
                language=language_tag(head.language),
                hubs=[{"type": "WebSub", "url": xml_legal(url)} for url in head.hubs],
            )
        )
        items = [piece for entry in entries for piece in (b",\n", entry)][1:]
        return [start.removesuffix(b"}"), b',"items":[\n', *items, b"\n]}\n"]


def _line(value: str) -> str:
    return one_line(value, limit=len(value) + 1)


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    return _filled(
        url=xml_legal(enclosure.url), mime_type=xml_legal(enclosure.media_type), size_in_bytes=enclosure.length
    )


def _authors(authors: Iterable[Author]) -> list[dict[str, Any]]:
    return [_filled(name=_line(author.name), url=_address(author)) for author in named(authors)]


def _address(author: Author) -> str | None:
    email = email_address(author)
    return web_address(author.uri) or (f"mailto:{xml_legal(email)}" if email else None)


def _filled(**fields: Any) -> dict[str, Any]:
    """Return the fields that say something: the format wants absent ones left out, not null or empty."""
    return {name: value for name, value in fields.items() if value}
