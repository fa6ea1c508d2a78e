"""Items that have not changed are not parsed, and what is parsed is the same as if all were."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.upstream.model import UpstreamDocument, UpstreamItem
from feeds.sources.upstream.reading import read_document

FEEDS = Path(__file__).parents[3] / "golden" / "upstream"
URL = "https://site.example/feed"
TEXTS = (
    "plain",
    "&lt;p&gt;html&lt;/p&gt;",
    "<![CDATA[<item>no item</item> <b>x</b>]]>",
    "<!-- <item> -->x",
    "a & b &nbsp;",
    "<b>in the open</b>",
    "金融 &#x91D1;",
    "",
)
PARTS = (
    "<title>{}</title>",
    "<description>{}</description>",
    "<content:encoded>{}</content:encoded>",
    "<category>{}</category>",
    "<author>{}</author>",
    "<dc:creator>{}</dc:creator>",
    "<dc:language>fr</dc:language><title>{}</title>",
    "<media:group><media:content url='/a.mp4' type='video/mp4'/><media:title>{}</media:title></media:group>",
    "<source url='https://other.example/'>{}</source>",
    "<image><url>/i.png</url><title>{}</title></image>",
)
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)
parts = st.builds(str.format, st.sampled_from(PARTS), st.sampled_from(TEXTS))
contents = st.lists(parts, max_size=4).map("".join)


def rss(items: list[str], head: str = "<title>t</title>", built: str = "1") -> bytes:
    numbered = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid>{item}</item>\n" for number, item in items_of(items)
    )
    head += f"<lastBuildDate>{built}</lastBuildDate>"
    return f"<rss version='2.0' {NAMESPACES}><channel>{head}{numbered}</channel></rss>".encode()


def items_of(items: list[str]) -> list[tuple[int, str]]:
    return list(enumerate(items))


def read(body: bytes, known: tuple[str, ...] = (), url: str = URL) -> UpstreamDocument:
    found = read_document(body, {}, url, known=known)
    assert isinstance(found, UpstreamDocument), found
    return found


def in_order(found: UpstreamDocument) -> list[UpstreamItem]:
    return sorted(found.items, key=lambda item: str(item))


@given(st.lists(contents, max_size=6), st.data())
def test_two_halves_are_the_whole(items: list[str], data: st.DataObject) -> None:
    body = rss(items)
    whole = read(body)
    known = tuple(one for one in whole.item_hashes if data.draw(st.booleans()))
    others = tuple(one for one in whole.item_hashes if one not in known)
    one, two = read(body, known), read(body, others)
    assert (one.skipped, two.skipped) == (len(known), len(others))
    assert one.item_hashes == two.item_hashes == whole.item_hashes
    if len(others) + len(known) == len(items):
        assert sorted(map(str, (*one.items, *two.items))) == sorted(map(str, whole.items))


@pytest.mark.parametrize(
    "name", ["atom.xml", "rdf.xml", "rss-full.xml", "rss-texts.xml", "podcast.xml", "json-feed.json"]
)
def test_each_item_alone_is_as_among_the_others(name: str) -> None:
    body = (FEEDS / name).read_bytes()
    whole = read(body)
    assert len(whole.item_hashes) == len(whole.items)
    alone = [read(body, tuple(other for other in whole.item_hashes if other != one)).items for one in whole.item_hashes]
    assert alone == [(item,) for item in whole.items]


def test_only_what_is_new_is_read() -> None:
    before = read(rss(["<title>a</title>", "<title>b</title>"]))
    after = read(rss(["<title>a</title>", "<title>B</title>", "<title>c</title>"], built="2"), before.item_hashes)
    assert [item.title for item in after.items] == ["B", "c"]
    assert after.skipped == 1


@pytest.mark.parametrize(
    "head", ["<title>t</title><link>https://new.example/</link>", "<title>t</title><language>fr</language>"]
)
def test_what_items_take_from_the_feed_counts(head: str) -> None:
    before = read(rss(["<link>/a</link>"]))
    assert read(rss(["<link>/a</link>"], head), before.item_hashes).skipped == 0


def test_so_does_where_the_feed_stands() -> None:
    before = read(rss(["<link>/a</link>"]))
    assert read(rss(["<link>/a</link>"]), before.item_hashes, "https://other.example/").skipped == 0


def test_a_guid_of_several_items_is_read_each_time() -> None:
    body = b"""<rss version="2.0"><channel><title>t</title><item><guid>g</guid><title>1</title></item>
        <item><guid>g</guid><title>2</title></item><item><guid>h</guid></item></channel></rss>"""
    found = read(body)
    again = read(body, found.item_hashes)
    assert [item.title for item in again.items] == ["1", "2"]
    assert again.skipped == 1


def test_no_more_than_wanted_is_read() -> None:
    found = read_document(rss(["<title>x</title>"] * 5), {}, URL, max_items=3)
    assert isinstance(found, UpstreamDocument)
    assert [item.guid for item in found.items] == ["0", "1", "2"]
    assert found.notice == "it has 5 items; the first 3 were read"
