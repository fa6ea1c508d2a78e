"""Names and descriptions of terms: settings first, then the site's pages, its data files, the tag rule."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.support.site import Flow, post, write


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url)
    yield made
    made.close()


def said(flow: Flow, feed: str) -> tuple[str, str]:
    """Return a feed's title without the site's, and its description."""
    channel = etree.parse(flow.out / f"feeds/{feed}.rss").find("channel")
    return channel.findtext("title").partition(" – ")[0], channel.findtext("description")


def test_each_place_comes_before_the_next(flow: Flow) -> None:
    flow.write(a=post("A", category="emnews", tags="东财滚动新闻"))
    flow.run()
    assert said(flow, "category/emnews")[0] == "东财滚动新闻"
    write(flow.site, {"_data/categories.yml": "- slug: emnews\n  name: From data\n  description: Data says\n"})
    assert flow.app.configuration_changed()
    flow.configure()
    flow.run()
    assert said(flow, "category/emnews") == ("From data", "Data says")
    assert "From data" in (flow.out / "feeds/index.html").read_text()
    assert 'label="From data"' in (flow.out / "feed.xml").read_text()
    write(flow.site, {"category/em.md": "---\nlayout: category\ncategory: emnews\ntitle: From a page\n---\n"})
    assert flow.app.configuration_changed()
    flow.configure()
    flow.run()
    assert said(flow, "category/emnews")[0] == "From a page"
    flow.configure(
        '[feeds.category.labels]\nemnews = "From settings"\n[feeds.category.descriptions]\nemnews = "Settings say"\n'
    )
    flow.run()
    assert said(flow, "category/emnews") == ("From settings", "Settings say")
    assert flow.events() == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("_data/categories.yml", "- {slug: big, title: Big News, description: D}\n"),
        ("_data/categories.yaml", "big:\n  name: Big News\n  description: D\n"),
        ("_data/categories.json", '[{"id": "big", "label": "Big News", "description": "D"}]'),
        ("category/big.md", "---\ntitle: Big News\ndescription: D\n---\n"),
        ("_pages/x.md", "---\nlayout: category-page\ncategory: big\ntitle: Big News\ndescription: D\n---\n"),
        ("categories/x.html", "---\ncategory: big\ntitle: Big News\ndescription: D\n---\n"),
    ],
)
def test_jekyll_sites_say_it_in_many_shapes(flow: Flow, path: str, text: str) -> None:
    write(flow.site, {path: text})
    flow.configure()
    flow.write(a=post("A", category="big"))
    flow.run()
    assert said(flow, "category/big") == ("Big News", "D")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("_data/categories.yml", "big: Big News\n- broken\n"),
        ("_data/categories.yml", "[1, null, {slug: [x]}, {}]\n"),
        ("_data/categories.json", "[" * 5000),
        ("_pages/post.md", "---\nlayout: page\ncategory: big\ntitle: Not of the category\n---\n"),
        ("category/big.md", "no front matter"),
    ],
)
def test_what_says_nothing_changes_nothing(flow: Flow, path: str, text: str) -> None:
    write(flow.site, {path: text})
    flow.configure()
    flow.write(a=post("A", category="big"))
    flow.run()
    assert said(flow, "category/big")[0] == "big"


def test_hugo_sites_say_it_on_the_pages_of_terms(tmp_path: Path, database_url: str) -> None:
    config = 'baseURL = "https://site.example/"\ntitle = "T"\n'
    flow = Flow(tmp_path, database_url, config=config, config_name="hugo.toml")
    page = "---\ntitle: All the big news\ndescription: D\n---\n"
    write(
        flow.site,
        {
            "content/categories/big-news/_index.md": page,
            "content/tags/small/_index.md": '+++\ntitle = "Little things"\n+++\n',
            "content/a.md": "---\ntitle: A\ndate: 2024-05-01\ncategories: [Big News]\ntags: [small]\n---\nText.\n",
        },
    )
    flow.configure()
    flow.run()
    assert said(flow, "category/Big-News") == ("All the big news", "D")
    assert said(flow, "tag/small")[0] == "Little things"
    write(flow.site, {"content/tags/small/_index.md": '+++\ntitle = "Small things"\n+++\n'})
    assert flow.app.configuration_changed()
    flow.close()
