"""Feeds in every format, with what a person who reads them sees in them."""

import dataclasses
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feeds.sources.upstream.model import UpstreamDocument
from feeds.sources.upstream.reading import read_document

FEEDS = Path(__file__).parents[3] / "golden" / "upstream"
_EXPECTED = ".expected.json"
_OUT_OF_SIGHT = {"item_hashes", "skipped", "is_cut"}


def feeds() -> list[Path]:
    return sorted(path for path in FEEDS.iterdir() if not path.name.endswith(_EXPECTED))


def said(found: object) -> object:
    """What is not empty, as JSON has it."""
    if dataclasses.is_dataclass(found):
        fields = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
        shown = {name: value for name, value in fields.items() if name not in _OUT_OF_SIGHT}
        return {name: said(value) for name, value in shown.items() if value not in (None, (), "")}
    if isinstance(found, tuple):
        return [said(one) for one in found]
    if isinstance(found, datetime):
        return found.isoformat()
    return found.total_seconds() if isinstance(found, timedelta) else found


def test_there_is_something_to_read() -> None:
    assert len(feeds()) >= 20


@pytest.mark.parametrize("path", feeds(), ids=lambda path: path.name)
def test_a_feed_is_read_as_a_person_reads_it(path: Path) -> None:
    found = read_document(path.read_bytes(), {}, "https://site.example/feeds/main")
    assert said(found) == json.loads((FEEDS / f"{path.name}{_EXPECTED}").read_text())


@pytest.mark.parametrize("path", feeds(), ids=lambda path: path.name)
def test_no_character_is_one_that_xml_forbids(path: Path) -> None:
    found = json.dumps(said(read_document(path.read_bytes(), {}, "https://site.example/")), ensure_ascii=False)
    assert "\ufffe" not in found
    assert "\\u00" not in found


def test_a_tombstone_in_the_text_of_an_item_buries_nothing() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>t</title>
        <subtitle><![CDATA[<at:deleted-entry ref="c"/>]]></subtitle><at:deleted-entry ref="a"/>
        <entry><id>i</id><content type="html"><![CDATA[<at:deleted-entry ref="b"/>]]></content></entry></feed>"""
    found = read_document(feed.encode(), {}, "https://site.example/")
    assert isinstance(found, UpstreamDocument)
    assert found.deleted == ("a",)


def test_an_item_over_which_the_parser_stumbles_does_not_stop_the_others() -> None:
    # It closes what it did not open: feedparser raises a KeyError.
    stumbling = '<item><guid>x</guid><pos xmlns="http://www.opengis.net/gml">1 2</pos></item>'
    items = [f"<item><guid>{number}</guid></item>" for number in range(20)]
    items[7] = items[12] = stumbling
    feed = f"<rss version='2.0'><channel><title>t</title>{''.join(items)}</channel></rss>"
    found = read_document(feed.encode(), {}, "https://site.example/")
    assert isinstance(found, UpstreamDocument)
    assert [item.guid for item in found.items] == [str(number) for number in range(20) if number not in (7, 12)]
    assert found.notice == "2 of its items cannot be read"
    again = read_document(feed.encode(), {}, "https://site.example/", known=found.item_hashes)
    assert isinstance(again, UpstreamDocument)
    assert (again.skipped, again.notice) == (18, found.notice)


@pytest.mark.parametrize(
    "feed",
    [
        "<rss version='2.0'><channel><item/><item><pubDate>2026-11-10</pubDate></item>"
        "<item><guid>g</guid></item></channel></rss>",
        '{"version": "https://jsonfeed.org/version/1", "items": [{}, {"tags": ["x"]}, {"id": "g"}]}',
    ],
)
def test_what_says_nothing_is_no_item(feed: str) -> None:
    found = read_document(feed.encode(), {}, "https://site.example/")
    assert isinstance(found, UpstreamDocument)
    assert [item.guid for item in found.items] == ["g"]


@pytest.mark.parametrize("path", feeds(), ids=lambda path: path.name)
def test_a_feed_that_is_cut_short_is_known_as_such(path: Path) -> None:
    found = read_document(path.read_bytes(), {}, "https://site.example/")
    assert getattr(found, "is_cut", False) == ("-cut-" in path.name)
