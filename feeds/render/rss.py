"""RSS 2.0 with full content, Dublin Core authors and a link to itself."""

from collections.abc import Sequence
from html import escape

from core.text import one_line
from feeds.model import Enclosure, Entry, FeedHead, Origin
from feeds.render.fragments import (
    EscapedContent,
    distinct_labels,
    exact,
    history_links,
    hub_links,
    language_tag,
    line,
    media_content,
    named,
    rfc822,
    web_address,
)
from feeds.render.heads import RssHeads

_END = b"</channel></rss>"


class RssRenderer:
    """Writes RSS 2.0 (https://www.rssboard.org/rss-specification)."""

    format = "rss"
    media_type = "application/rss+xml"
    extension = "rss"

    def __init__(self, escaped: EscapedContent | None = None) -> None:
        self._heads = RssHeads()
        self._escaped = escaped or EscapedContent()

    def entry(self, entry: Entry) -> bytes:
        """Write one `item`; the prefixes `content`, `dc` and `media` are declared at the document's root."""
        rendering = entry.rendering
        authors = "".join(f"<dc:creator>{line(author.name)}</dc:creator>" for author in named(entry.authors))
        labels = "".join(f"<category>{line(label)}</category>" for label in distinct_labels(entry.categories))
        tag = language_tag(entry.language)
        language = f"<dc:language>{tag}</dc:language>" if tag else ""
        start = (
            f"<item><title>{line(entry.title)}</title><link>{exact(entry.url)}</link>"
            f'<guid isPermaLink="false">{exact(entry.id)}</guid><pubDate>{rfc822(entry.published)}</pubDate>'
            f"{authors}{labels}{language}{_source(rendering.via)}{_origin(entry.origin)}{_enclosure(rendering.enclosures)}"
            f"{media_content(rendering.image)}"
            f"<description>{line(_as_html(rendering.summary))}</description>"
        )
        if entry.excerpt_only:
            return f"{start}</item>\n".encode()
        start += "<content:encoded>"
        return b"".join([start.encode(), self._escaped.of(rendering), b"</content:encoded></item>\n"])

    def document(self, head: FeedHead, entries: Sequence[bytes]) -> list[bytes]:
        """Write a whole feed."""
        title = one_line(head.title) or head.home_url
        start = self._heads.write(head, title, one_line(head.description) or title)
        links = hub_links(head.hubs, "atom:link") + history_links(head.history, "atom:link", self.media_type)
        return [start.removesuffix(_END), links, b"\n", *entries, _END, b"\n"]


def _as_html(plain: str) -> str:
    """Return plain text as the HTML that readers take a description for."""
    return escape(plain, quote=False)


def _source(via: str | None) -> str:
    """Write where the post was taken from. RSS's own `source` names a feed (RSS 2.0), Dublin Core's any resource."""
    url = web_address(via)
    return f"<dc:source>{exact(url)}</dc:source>" if url else ""


def _origin(origin: Origin | None) -> str:
    """Write the feed that an item comes from (RSS 2.0, `source`)."""
    if origin is None or origin.feed_url is None:
        return ""
    return f'<source url="{exact(origin.feed_url)}">{line(origin.title)}</source>'


def _enclosure(enclosures: Sequence[Enclosure]) -> str:
    """Write the first media file: more than one confuses readers, and a length of 0 stands for an unknown one.

    RSS Best Practices Profile, sections on `enclosure` of items.
    """
    for one in enclosures[:1]:
        return f'<enclosure url="{exact(one.url)}" length="{one.length or 0}" type="{exact(one.media_type)}"/>'
    return ""
