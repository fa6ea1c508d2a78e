"""An answer's bytes read as a feed, or as the page of one. Pure: nothing is fetched, opened or stored."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from feeds.sources.upstream.autodiscovery import feed_links
from feeds.sources.upstream.charset import decoded
from feeds.sources.upstream.json_feed import read_json
from feeds.sources.upstream.links import header
from feeds.sources.upstream.model import FeedLinks, Unreadable, UpstreamDocument
from feeds.sources.upstream.prolog import ROOTS, Refused, find_root
from feeds.sources.upstream.xml_feed import read_xml

_PAGE = "html"


def read_document(
    body: bytes, headers: Mapping[str, str], url: str, *, max_items: int = 1000, known: Collection[str] = ()
) -> UpstreamDocument | FeedLinks | Unreadable:
    """Read the body of an answer from `url`, where redirects ended; the names of `headers` in any case.

    A page for people that names feeds gives their addresses. Items whose hashes are `known`, from `item_hashes` of an
    earlier reading, are the same as then and left out. Times and order of the items are as the feed has them.
    """
    if not body.strip():
        return Unreadable(code="empty", reason="the answer is empty")
    found = decoded(body, header(headers, "content-type"))
    text = found.text.lstrip("\ufeff \t\r\n\0")
    if text.startswith(("{", "[")):
        return _noted(read_json(text, headers, url, max_items=max_items, known=known), found.notice)
    root = find_root(text)
    if isinstance(root, Refused):
        return Unreadable(code="unsafe-entities", reason=root.reason)
    if root is not None and root.name.lower() in ROOTS - {_PAGE}:
        return _noted(read_xml(text, root, headers, url, max_items=max_items, known=known), found.notice)
    if links := feed_links(text, headers, url):
        return FeedLinks(urls=links)
    return Unreadable(code="not-a-feed", reason="it is a page or another document, and names no feed")


def _noted(document: UpstreamDocument | Unreadable, notice: str | None) -> UpstreamDocument | Unreadable:
    """Add what is to be said of its characters."""
    if notice is None or isinstance(document, Unreadable):
        return document
    return replace(document, notice=f"{notice}; {document.notice}" if document.notice else notice)
