"""Which terms have feeds: lists with patterns, and a number of posts below which there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.support.site import Flow, post


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url)
    yield made
    made.close()


def listed(flow: Flow) -> set[str]:
    """Return the last part of each feed's address in the list of all."""
    urls = etree.parse(flow.out / "feeds/opml.xml").xpath("//outline/@xmlUrl")
    return {str(url).rpartition("/")[2] for url in urls}


def test_patterns_choose_which_terms_have_feeds(flow: Flow) -> None:
    flow.configure('[feeds.tag]\nonly = ["stock-*", "bonds"]\nexclude = ["*-draft"]\n')
    flow.write(a=post("A", tags="[stock-a, stock-b-draft, bonds, Stock-c, other]"))
    flow.run()
    assert {path.stem for path in (flow.out / "feeds/tag").iterdir()} == {"stock-a", "bonds"}
    assert listed(flow) == {"all.atom", "stock-a.atom", "bonds.atom"}


def test_a_term_gets_its_feed_when_it_has_posts_enough_and_keeps_it(flow: Flow) -> None:
    flow.configure("[feeds]\nmin_posts = 2\n")
    feed = flow.out / "feeds/category/rare.atom"
    flow.write(a=post("A", category="rare"))
    flow.run()
    assert not feed.exists()
    assert listed(flow) == {"all.atom"}
    flow.write(b=post("B", category="rare"))
    flow.run()
    assert flow.titles("category/rare") == ["B", "A"]
    assert listed(flow) == {"all.atom", "rare.atom"}
    flow.path("a").unlink()
    flow.run()
    # Somebody may have subscribed.
    assert flow.titles("category/rare") == ["B"]
    assert listed(flow) == {"all.atom", "rare.atom"}
    flow.configure('[feeds]\nmin_posts = 2\n[feeds.category]\nexclude = ["r*"]\n')
    flow.run()
    assert not feed.exists()
    assert listed(flow) == {"all.atom"}


def test_a_taxonomy_may_want_another_number_of_posts(flow: Flow) -> None:
    flow.configure("[feeds]\nmin_posts = 2\n[feeds.tag]\nmin_posts = 1\n")
    flow.write(a=post("A", category="rare", tags="rare"))
    flow.run()
    assert listed(flow) == {"all.atom", "rare.atom"}
    assert not (flow.out / "feeds/category").exists()
