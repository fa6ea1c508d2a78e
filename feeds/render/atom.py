"""Atom 1.0 (RFC 4287) with full content."""

from collections.abc import Sequence

from core.text import one_line
from feeds.model import Author, Category, Enclosure, Entry, FeedHead, Tombstone
from feeds.render.fragments import (
    EscapedContent,
    email_address,
    exact,
    history_links,
    hub_links,
    language_tag,
    line,
    media_content,
    named,
    rfc3339,
    web_address,
)
from feeds.render.heads import AtomHeads

_END = b"</feed>"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


class AtomRenderer:
    """Writes Atom 1.0 (RFC 4287)."""

    format = "atom"
    media_type = "application/atom+xml"
    extension = "atom"

    def __init__(self, escaped: EscapedContent | None = None) -> None:
        self._heads = AtomHeads()
        self._escaped = escaped or EscapedContent()

    def entry(self, entry: Entry) -> bytes:
        """Write one `entry`; its namespace is the document's default one, the prefix `media` declared at its root.

        Without authors it stands under the feed's author, which a document always has (RFC 4287, section 4.1.1).
        """
        rendering = entry.rendering
        language = language_tag(entry.language)
        xml_lang = f' xml:lang="{language}"' if language else ""
        summary = f'<summary type="text">{line(rendering.summary)}</summary>' if rendering.summary else ""
        start = (
            f'<entry{xml_lang}><id>{exact(entry.id)}</id><title type="text">{line(entry.title)}</title>'
            f"<updated>{rfc3339(entry.updated)}</updated><published>{rfc3339(entry.published)}</published>"
            f'<link rel="alternate" type="text/html" href="{exact(entry.url)}"/>'
            f"{_via(rendering.via)}{''.join(_enclosure(one) for one in rendering.enclosures)}"
            f"{''.join(_author(author) for author in named(entry.authors))}"
            f"{''.join(dict.fromkeys(_category(category) for category in entry.categories))}"
            f"{media_content(rendering.image)}{summary}{_source(entry)}"
        )
        if entry.excerpt_only:
            return f"{start}</entry>\n".encode()
        start += f'<content type="html"{xml_lang}>'
        return b"".join([start.encode(), self._escaped.of(rendering), b"</content></entry>\n"])

    def document(self, head: FeedHead, entries: Sequence[bytes]) -> list[bytes]:
        """Write a whole feed; its id is its own address."""
        title = one_line(head.title) or head.home_url
        authors = named(head.authors) or [Author(name=title)]
        start = self._heads.write(head, title, one_line(head.description), authors)
        links = hub_links(head.hubs, "link") + history_links(head.history, "link", self.media_type)
        tombstones = "".join(map(_tombstone, head.tombstones)).encode()
        return [start.removesuffix(_END), links, b"\n", tombstones, *entries, _END, b"\n"]


def _tombstone(tombstone: Tombstone) -> str:
    """Write what says that an entry is gone (RFC 6721, section 3)."""
    when = rfc3339(tombstone.withdrawn)
    return f'<at:deleted-entry xmlns:at="{_TOMBSTONES}" ref="{exact(tombstone.id)}" when="{when}"/>\n'


def _source(entry: Entry) -> str:
    """Write the feed that an entry comes from (RFC 4287, section 4.2.11)."""
    origin = entry.origin
    if origin is None:
        return ""
    home = web_address(origin.home_url)
    return (
        f"<source><id>{exact(origin.feed_id)}</id><title>{line(origin.title)}</title>"
        f"<updated>{rfc3339(entry.updated)}</updated>"
        + (f'<link rel="self" href="{exact(origin.feed_url)}"/>' if origin.feed_url else "")
        + (f'<link rel="alternate" href="{exact(home)}"/>' if home else "")
        + "</source>"
    )


def _via(via: str | None) -> str:
    url = web_address(via)
    return f'<link rel="via" href="{exact(url)}"/>' if url else ""


def _enclosure(enclosure: Enclosure) -> str:
    length = f' length="{enclosure.length}"' if enclosure.length is not None else ""
    return f'<link rel="enclosure" type="{exact(enclosure.media_type)}"{length} href="{exact(enclosure.url)}"/>'


def _author(author: Author) -> str:
    uri, email = web_address(author.uri), email_address(author)
    more = (f"<uri>{exact(uri)}</uri>" if uri else "") + (f"<email>{exact(email)}</email>" if email else "")
    return f"<author><name>{line(author.name)}</name>{more}</author>"


def _category(category: Category) -> str:
    return f'<category term="{exact(category.term)}" label="{line(category.label)}"/>'
