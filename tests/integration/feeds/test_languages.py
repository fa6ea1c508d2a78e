"""Languages that posts say themselves have feeds of their own where the owner wants them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.support.site import Flow, parse_all, post, titles

CONFIG = "title: T\nurl: https://site.example\nlang: en\n"


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url, config=CONFIG)
    made.write(
        a=post("A", category="news"),
        b=post("B", lang="de-AT", category="news"),
        c=post("C", lang="fr", category="news"),
        d=post("D", lang="en-GB"),
    )
    yield made
    made.close()


def test_a_stray_language_changes_nothing(flow: Flow) -> None:
    flow.run()
    assert sorted(flow.titles()) == ["A", "B", "C", "D"]
    assert {path.name for path in flow.out.iterdir()} == {"feed.xml", "feeds"}


def test_languages_that_are_asked_for_have_their_own_feeds(flow: Flow) -> None:
    flow.run()
    before = {entry.id: entry.updated for entry in flow.all()}
    flow.configure('[feeds]\nlanguages = ["en", "de"]\n')
    flow.run()
    assert sorted(flow.titles()) == ["A", "C", "D"]
    assert sorted(flow.titles("category/news")) == ["A", "C"]
    assert titles(flow.out / "de/feeds/all.atom") == ["B"]
    assert titles(flow.out / "de/feeds/category/news.atom") == ["B"]
    feed = etree.parse(flow.out / "de/feeds/all.rss")
    assert feed.findtext("channel/language") == "de"
    assert feed.findtext("channel/title") == "T (de)"
    assert "de/feeds/index.html" in (flow.out / "feeds/index.html").read_text()
    # Nobody is told, and nothing looks newer than it is.
    assert flow.events() == []
    flow.configure()
    flow.run()
    assert {entry.id: entry.updated for entry in flow.all()} == before
    parse_all(flow.out)


def test_a_regional_form_that_is_the_sites_own_language_stays_in_its_feeds(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url, config=CONFIG.replace("lang: en", "lang: de-AT"))
    flow.write(a=post("A", lang="de-AT"), b=post("B", lang="de-CH"), c=post("C"))
    flow.configure('[feeds]\nlanguages = ["de"]\n')
    flow.run()
    assert sorted(flow.titles()) == ["A", "C"]
    assert titles(flow.out / "de/feeds/all.atom") == ["B"]
    flow.close()
