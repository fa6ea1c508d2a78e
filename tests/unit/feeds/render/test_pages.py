"""The list of feeds for readers (OPML) and the page for people."""

from datetime import datetime
from urllib.parse import urljoin

import pytest
from lxml import etree, html

from feeds.model import Taxonomy
from feeds.render.index import IndexPage, IndexRenderer, IndexRow, IndexSection
from feeds.render.opml import OpmlFeed, OpmlGroup, render_opml
from tests.support.entries import HOSTILE, SHANGHAI

FORMATS = ("rss", "atom", "json")


def row(folder: str, label: str, term: str) -> IndexRow:
    return IndexRow(
        label=label,
        term=term,
        posts=1234,
        latest=datetime(2022, 2, 23, 18, 29, 4, tzinfo=SHANGHAI),
        links={name: f"{folder}x.{name}" for name in FORMATS},
    )


def page(language: str | None) -> html.HtmlElement:
    written = IndexRenderer().render(
        IndexPage(
            title=f"Site {HOSTILE}",
            description="",
            language=language,
            home_url="https://site.example/",
            site=row("", "All", ""),
            sections=[
                IndexSection(taxonomy=Taxonomy.CATEGORY, rows=[row("category/", HOSTILE, "term")]),
                IndexSection(taxonomy=Taxonomy.TAG, rows=[]),
            ],
            opml="opml.xml",
        )
    )
    return html.document_fromstring(written.decode())


def test_the_page_links_every_feed_relatively() -> None:
    links = [link.get("href") for link in page("en").iter("a") if "chip" in link.get("class", "")]
    assert links == [f"{folder}x.{name}" for folder in ("", "category/") for name in FORMATS]
    assert urljoin("https://site.example/sub/feeds/", links[-1]) == "https://site.example/sub/feeds/category/x.json"
    discovered = [(link.get("type"), link.get("href")) for link in page("en").iterfind(".//link[@rel='alternate']")]
    assert discovered[0] == ("application/rss+xml", "x.rss")
    assert len(discovered) == 3


def test_names_are_shown_as_they_are() -> None:
    tree = page("en")
    assert tree.findtext(".//h1") == f"Site {HOSTILE}"
    assert tree.find(".//tbody//th/bdi").text == HOSTILE
    assert tree.findtext(".//tbody//small") == "term"
    assert tree.find(".//tbody//time").get("datetime") == "2022-02-23T18:29+08:00"


@pytest.mark.parametrize(
    ("language", "lang", "word"),
    [("zh-CN", "zh-CN", "分类"), ("zh", "zh", "分类"), ("de", "en", "Categories"), (None, "en", "Categories")],
)
def test_the_page_speaks_the_sites_language(language: str | None, lang: str, word: str) -> None:
    tree = page(language)
    assert tree.get("lang") == lang
    # What the site says in a language that we do not speak is marked as such.
    assert {tree.find(f".//{name}").get("lang") for name in ("h1", "tbody")} == {language if lang != language else None}
    assert [heading.text for heading in tree.iterfind(".//section/h2")] == [word]


def test_the_page_loads_nothing_from_elsewhere() -> None:
    tree = page("en")
    assert not tree.xpath("//@src")
    assert [link.get("href")[:5] for link in tree.iterfind(".//link[@rel='icon']")] == ["data:"]


def test_opml_lists_the_feeds_by_group() -> None:
    feed = OpmlFeed(title=HOSTILE, xml_url="https://site.example/a?b&c", html_url="https://site.example/")
    written = render_opml(HOSTILE, [OpmlGroup(title="", feeds=[feed]), OpmlGroup(title="Tags", feeds=[feed, feed])])
    tree = etree.fromstring(written)
    assert (tree.tag, tree.get("version"), tree.findtext("head/title")) == ("opml", "2.0", HOSTILE)
    assert [outline.get("text") for outline in tree.find("body")] == [HOSTILE, "Tags"]
    assert [dict(outline.attrib) for outline in tree.iterfind("body/outline/outline")] == [
        {"type": "rss", "text": HOSTILE, "title": HOSTILE, "xmlUrl": feed.xml_url, "htmlUrl": feed.html_url}
    ] * 2
