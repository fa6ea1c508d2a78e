"""Media files, pictures, sources and authors of entries, as readers find them."""

import json

import feedparser
import pytest
from lxml import etree

from feeds.render.atom import AtomRenderer
from feeds.render.json_feed import JsonFeedRenderer
from feeds.render.renderer import Renderer
from feeds.render.rss import RssRenderer
from tests.support.entries import head, media_entry, plain_entry

NAMES = {"atom": "http://www.w3.org/2005/Atom", "media": "http://search.yahoo.com/mrss/",
         "dc": "http://purl.org/dc/elements/1.1/"}  # fmt: skip
IMAGE = "https://site.example/cover.png?a=1&b=2"
VIA = "https://news.example/1?a=1&b=2"
FIRST = "https://site.example/1.mp3?a=1&b=2"


def written(renderer: Renderer) -> bytes:
    return b"".join(renderer.document(head(), [renderer.entry(media_entry()), renderer.entry(plain_entry())]))


def test_rss_has_one_enclosure_with_its_length() -> None:
    """RSS 2.0, `enclosure`: url, length and type are required; the Best Practices Profile wants at most one an item."""
    item = etree.fromstring(written(RssRenderer())).find("channel/item")
    assert [dict(one.attrib) for one in item.findall("enclosure")] == [
        {"url": FIRST, "length": "12216320", "type": "audio/mpeg"}
    ]
    assert item.findtext("dc:source", namespaces=NAMES) == VIA
    assert item.find("source") is None
    assert [one.text for one in item.findall("dc:creator", NAMES)] == ["上海证券报", "ZNing"]


def test_atom_has_every_enclosure_and_the_source() -> None:
    """RFC 4287, section 4.2.7: `length` only where it is known."""
    entry = etree.fromstring(written(AtomRenderer())).find("atom:entry", NAMES)
    links = [dict(one.attrib) for one in entry.findall("atom:link", NAMES)]
    assert links[1:] == [
        {"rel": "via", "href": VIA},
        {"rel": "enclosure", "type": "audio/mpeg", "length": "12216320", "href": FIRST},
        {"rel": "enclosure", "type": "audio/ogg", "length": "9000000", "href": "https://site.example/1.ogg"},
        {"rel": "enclosure", "type": "video/mp4", "href": "https://cdn.example/1.mp4"},
    ]
    assert [one.findtext("atom:name", namespaces=NAMES) for one in entry.findall("atom:author", NAMES)] == [
        "上海证券报", "ZNing"
    ]  # fmt: skip


def test_json_has_attachments_and_the_page_elsewhere() -> None:
    item, plain = json.loads(written(JsonFeedRenderer()))["items"]
    assert item["attachments"] == [
        {"url": FIRST, "mime_type": "audio/mpeg", "size_in_bytes": 12216320},
        {"url": "https://site.example/1.ogg", "mime_type": "audio/ogg", "size_in_bytes": 9000000},
        {"url": "https://cdn.example/1.mp4", "mime_type": "video/mp4"},
    ]
    assert (item["external_url"], item["image"]) == (VIA, IMAGE)
    assert not {"attachments", "external_url"} & plain.keys()


@pytest.mark.parametrize("renderer", [RssRenderer(), AtomRenderer()], ids=lambda renderer: renderer.format)
def test_a_reader_finds_the_picture_and_the_first_file(renderer: Renderer) -> None:
    parsed = feedparser.parse(written(renderer))
    assert not parsed.bozo
    seen = parsed.entries[0]
    assert [(one["url"], one["medium"]) for one in seen.media_content] == [(IMAGE, "image")]
    assert (seen.enclosures[0].href, seen.enclosures[0].length, seen.enclosures[0].type) == (
        FIRST, "12216320", "audio/mpeg"
    )  # fmt: skip
    assert [author["name"] for author in seen.authors] == ["上海证券报", "ZNing"]
    assert not parsed.entries[1].enclosures


def test_an_unknown_length_is_zero_in_rss() -> None:
    """https://www.rssboard.org/rss-profile: a publisher that cannot tell an enclosure's size should use 0."""
    entry = media_entry()
    only_remote = type(entry.rendering)(
        content_html="", summary="", image=None, enclosures=entry.rendering.enclosures[2:]
    )
    item = RssRenderer().entry(type(entry)(
        id=entry.id, url=entry.url, title="", published=entry.published, updated=entry.updated, authors=(),
        categories=(), language=None, rendering=only_remote,
    ))  # fmt: skip
    assert b'<enclosure url="https://cdn.example/1.mp4" length="0" type="video/mp4"/>' in item
