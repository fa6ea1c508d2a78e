"""The three formats, judged by others: RFC 4287's grammar, a JSON schema, RSS's own rules, and feedparser."""

import calendar
import html
import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser
import jsonschema
import pytest
from lxml import etree

from core.text import xml_legal
from feeds.model import Author, Entry
from feeds.render.atom import AtomRenderer
from feeds.render.json_feed import JsonFeedRenderer
from feeds.render.renderer import Renderer
from feeds.render.rss import RssRenderer
from tests.support.entries import HOSTILE, bare_entry, head, hostile_entry, media_entry, plain_entry

SUPPORT = Path(__file__).parents[3] / "support" / "schemas"
GOLDEN = Path(__file__).parents[3] / "golden" / "documents"
ATOM = "{http://www.w3.org/2005/Atom}"
RENDERERS: tuple[Renderer, ...] = (RssRenderer(), AtomRenderer(), JsonFeedRenderer())
XML_RENDERERS = RENDERERS[:2]


def entries() -> list[Entry]:
    return [plain_entry(), hostile_entry(), bare_entry(), media_entry()]


def document(renderer: Renderer, items: list[Entry], authors: tuple[Author, ...] = ()) -> bytes:
    return b"".join(renderer.document(head(authors=authors), [renderer.entry(entry) for entry in items]))


def read(written: bytes) -> feedparser.FeedParserDict:
    """Parse as a reader does, without its own cleaning: that takes an RSS title with `<b>` for HTML and rewrites it."""
    return feedparser.parse(written, sanitize_html=False, resolve_relative_uris=False)


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.format)
def test_the_document_is_the_one_that_was_read_by_eye(renderer: Renderer) -> None:
    expected = (GOLDEN / f"feed.{renderer.extension}").read_bytes()
    assert document(renderer, [plain_entry()], (Author(name="ZNing"),)) == expected


@pytest.mark.parametrize("items", [[], entries()], ids=["empty", "full"])
def test_atom_is_valid(items: list[Entry]) -> None:
    schema = etree.RelaxNG(etree.parse(SUPPORT / "atom_1_0.rng"))
    tree = etree.fromstring(document(AtomRenderer(), items))
    schema.assertValid(tree)
    # RFC 4287, sections 4.1.1 and 4.1.1.1, which a grammar cannot say
    assert tree.find(f"{ATOM}author") is not None
    assert tree.findtext(f"{ATOM}id") == "https://site.example/feeds/all.atom"
    assert [link.get("rel") for link in tree.findall(f"{ATOM}link")] == ["self", "alternate"]
    identities = [entry.findtext(f"{ATOM}id") for entry in tree.findall(f"{ATOM}entry")]
    assert identities == [entry.id for entry in items]


@pytest.mark.parametrize("items", [[], entries()], ids=["empty", "full"])
def test_json_feed_is_valid(items: list[Entry]) -> None:
    schema = json.loads((SUPPORT / "json_feed_1_1.json").read_bytes())
    parsed = json.loads(document(JsonFeedRenderer(), items))
    jsonschema.Draft202012Validator(schema).validate(parsed)
    assert [item["id"] for item in parsed["items"]] == [entry.id for entry in items]
    assert [item["content_html"] for item in parsed["items"]] == [entry.rendering.content_html for entry in items]


@pytest.mark.parametrize("items", [[], entries()], ids=["empty", "full"])
def test_rss_keeps_its_specification(items: list[Entry]) -> None:
    """https://www.rssboard.org/rss-specification: required elements, at most one of each, dates, guids."""
    root = etree.fromstring(document(RssRenderer(), items))
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    for name in ("title", "link", "description", "language", "lastBuildDate", "generator"):
        assert len(channel.findall(name)) == 1, name
    assert channel.findtext("link") == "https://site.example/"
    link = channel.find(f"{ATOM}link")
    assert (link.get("rel"), link.get("href")) == ("self", "https://site.example/feeds/all.rss")
    for item, entry in zip(channel.findall("item"), items, strict=True):
        assert item.findtext("title") or item.find("description") is not None
        assert (item.find("guid").get("isPermaLink"), item.findtext("guid")) == ("false", entry.id)
        assert parsedate_to_datetime(item.findtext("pubDate")) == entry.published.replace(microsecond=0)
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", item.findtext("pubDate"))
        for name in ("title", "link", "guid", "pubDate", "description"):
            assert len(item.findall(name)) == 1, name


@pytest.mark.parametrize("renderer", XML_RENDERERS, ids=lambda renderer: renderer.format)
def test_namespaces_are_declared_once_with_the_usual_prefixes(renderer: Renderer) -> None:
    written = document(renderer, [plain_entry(), plain_entry()]).decode()
    assert written.count("xmlns:") <= 4
    assert "ns0" not in written
    assert all("xmlns" not in line for line in written.splitlines()[2:])


@pytest.mark.parametrize("renderer", XML_RENDERERS, ids=lambda renderer: renderer.format)
def test_a_reader_sees_what_we_meant(renderer: Renderer) -> None:
    parsed = read(document(renderer, entries(), (Author(name="ZNing"),)))
    assert not parsed.bozo
    assert (parsed.feed.title, parsed.feed.link, parsed.feed.language) == ("金融消息", "https://site.example/", "zh-CN")
    for seen, entry in zip(parsed.entries, entries(), strict=True):
        assert (seen.id, seen.link) == (entry.id, entry.url)
        assert seen.get("title", "") == entry.title
        # What stands in a description is HTML.
        summary = html.unescape(seen.get("summary", "")) if renderer.format == "rss" else seen.get("summary", "")
        assert summary == entry.rendering.summary
        assert "".join(part.value for part in seen.get("content", [])).strip() == entry.rendering.content_html.strip()
        assert calendar.timegm(seen.published_parsed) == int(entry.published.timestamp())
    assert parsed.entries[0].authors[0]["name"] == "ZNing"
    assert "上海证券报·中国证券网新闻" in [tag["term"] for tag in parsed.entries[0].tags]


def test_hostile_text_is_the_same_in_all_formats() -> None:
    titles = {read(document(renderer, [hostile_entry()])).entries[0].title for renderer in XML_RENDERERS}
    titles.add(json.loads(document(JsonFeedRenderer(), [hostile_entry()]))["items"][0]["title"])
    assert titles == {HOSTILE}


def test_an_entry_without_author_inherits_the_feeds() -> None:
    parsed = read(document(AtomRenderer(), [hostile_entry()]))
    assert parsed.feed.author == "金融消息"


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.format)
def test_characters_that_xml_forbids_never_get_out(renderer: Renderer) -> None:
    bad = "a\x00b\x08\ufffe\ud800c"
    feed_head = head(title=bad, description=bad, authors=(Author(name=bad),))
    written = b"".join(renderer.document(feed_head, [renderer.entry(plain_entry())])).decode()
    assert written == xml_legal(written)
    assert "abc" in written


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.format)
def test_a_head_without_words_is_still_valid(renderer: Renderer) -> None:
    written = b"".join(renderer.document(head(title="", description="", language=None), []))
    parsed = json.loads(written) if renderer.format == "json" else feedparser.parse(written)
    assert parsed["title"] if renderer.format == "json" else not parsed.bozo
