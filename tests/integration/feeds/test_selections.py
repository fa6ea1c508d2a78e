"""Saved selections are feeds like any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.support.site import Flow, parse_all, post, titles

SELECTION = """
[[feeds.selections]]
name = "markets-zh"
title = "市场"
description = "股市与汇市"
any = { categories = ["stocks"], words = ["人民币", "rate"] }
none = { tags = ["advert"] }
"""


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url)
    yield made
    made.close()


def test_a_selection_is_a_feed_in_every_format_and_list(flow: Flow) -> None:
    flow.configure(SELECTION)
    flow.write(
        a=post("A", category="stocks"),
        b=post("B", body="今日**人民**币 <b>人民</b>币升值"),
        c=post("C", category="stocks", tags="advert"),
        d=post("D", body="Corporate <!-- rate -->"),
        e=post("Rate"),
    )
    flow.run()
    assert sorted(flow.titles("selection/markets-zh")) == ["A", "B", "Rate"]
    feed = etree.parse(flow.out / "feeds/selection/markets-zh.rss")
    assert feed.findtext("channel/title").startswith("市场 – ")
    assert feed.findtext("channel/description") == "股市与汇市"
    assert (flow.out / "feeds/selection/markets-zh.json").exists()
    assert "selection/markets-zh.atom" in (flow.out / "feeds/opml.xml").read_text()
    assert "selection/markets-zh.atom" in (flow.out / "feeds/index.html").read_text()
    parse_all(flow.out)


def test_a_post_joins_and_leaves_as_it_changes(flow: Flow) -> None:
    flow.configure(SELECTION)
    flow.write(a=post("A", category="stocks"), b=post("B"))
    flow.run()
    flow.write(a=post("A", category="other"), b=post("B", body="The rate."))
    flow.run()
    assert flow.titles("selection/markets-zh") == ["B"]
    flow.path("b").unlink()
    flow.run()
    assert flow.titles("selection/markets-zh") == []


def test_a_changed_selection_counts_for_old_posts_and_tells_nobody(flow: Flow) -> None:
    flow.write(a=post("A", category="stocks"), b=post("B", category="bonds"))
    flow.run()
    before = {entry.id: entry.updated for entry in flow.all()}
    flow.configure(SELECTION)
    flow.run()
    assert flow.titles("selection/markets-zh") == ["A"]
    flow.configure(SELECTION.replace('["stocks"]', '["bonds"]'))
    flow.run()
    assert flow.titles("selection/markets-zh") == ["B"]
    assert {entry.id: entry.updated for entry in flow.all()} == before
    assert flow.events() == []
    flow.configure()
    flow.run()
    assert not list((flow.out / "feeds").glob("selection/*"))
    assert "selection" not in (flow.out / "feeds/opml.xml").read_text()


def test_a_file_without_a_feeds_table_may_write_selections_shortly(flow: Flow) -> None:
    flow.configure('[[feeds]]\nname = "短"\nall = { language = ["en"] }\n')
    flow.write(a=post("A", lang="en-GB"), b=post("B", lang="de"), c=post("C"))
    flow.run()
    # A post that says no language has its site's.
    assert titles(flow.out / "feeds/selection/短.atom") == ["C", "A"]
