"""OPML lists of other programs, and what they become in feedbell.toml."""

import tomllib

import pytest

from core.errors import ConfigurationError
from feedbell.settings import Settings
from feedbell.upstream.config_text import sections
from feedbell.upstream.opml import ListedFeed, read_opml

# As NetNewsWire, Miniflux and Feedly write them: folders as outlines, `title` or `text`, other spellings of xmlUrl.
LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Subscriptions</title></head><body>
<outline text="News" title="News">
  <outline text="Local"><outline type="rss" text="Town" title="Town &amp; country" xmlUrl="https://town.example/feed"/></outline>
  <outline type="rss" text="Wire" xmlUrl=" https://wire.example/rss?a=1&amp;b=2 " htmlUrl="https://wire.example/"/>
</outline>
<outline type="atom" xmlurl="https://plain.example/atom.xml"/>
<outline type="rss" text="Twice" xmlUrl="https://town.example/feed"/>
<outline text="An empty folder"/>
</body></opml>"""


def test_a_list_is_read_with_its_folders() -> None:
    assert read_opml(LIST.encode()) == [
        ListedFeed(title="Town & country", url="https://town.example/feed", folders=("News", "Local")),
        ListedFeed(title="Wire", url="https://wire.example/rss?a=1&b=2", folders=("News",)),
        ListedFeed(title="", url="https://plain.example/atom.xml"),
    ]


def test_nothing_is_read_that_a_list_refers_to(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "secret.txt"
    secret.write_text("hush")
    raw = f"""<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}">
<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml version="2.0"><body><outline text="&b;&x;" xmlUrl="https://a.example/"/></body></opml>"""
    assert "hush" not in repr(read_opml(raw.encode()))


@pytest.mark.parametrize("raw", [b"", b"hello", b"<html></html>", b"\xff\xfe", b"<opml", b"{}"])
def test_what_is_no_list_is_told(raw: bytes) -> None:
    if raw == b"<opml":
        assert read_opml(raw) == []
        return
    with pytest.raises(ConfigurationError, match="no OPML"):
        read_opml(raw)


def test_200_000_nested_outlines_end(recwarn: pytest.WarningsRecorder) -> None:
    raw = b"<opml><body>" + b'<outline text="x">' * 200_000 + b'<outline xmlUrl="https://a.example/"/>'
    assert len(read_opml(raw)) <= 1


def test_names_differ_and_texts_stay_whatever_is_in_them() -> None:
    hostile = 'a"]\nurl = "x"\\ \x7f \u2028 "'
    listed = [
        ListedFeed(title="site", url="https://a.example/"),
        ListedFeed(title="SITE", url="https://b.example/", folders=("News", "新闻")),
        ListedFeed(title="", url="https://www.c.example/feed"),
        ListedFeed(title=hostile, url='https://d.example/"x'),
    ]
    text = "\n".join(sections(listed, ["site"], folders_as_categories=True))
    found = Settings.model_validate(tomllib.loads(text)).sources
    assert [source.url for source in found] == [feed.url for feed in listed]
    assert [source.name for source in found[:3]] == ["site 2", "SITE 3", "c.example"]
    assert found[1].categories.add == ("News", "新闻")
    assert "\n" not in found[3].name
