"""Several sources feed one set of feeds, and none of them stops the others."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.support.site import Flow, atom, parse_all, post, titles, write

HUGO = 'baseURL = "https://docs.example/"\ntitle = "Docs"\nlanguageCode = "de"\n'
SOURCES = """name = "blog"
settle_ms = 0
[[sources]]
name = "docs"
path = "../docs"
settle_ms = 0
"""


def hugo_post(title: str, **front: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    return f"---\ntitle: {title}\ndate: 2024-05-02T10:00:00Z\n{lines}---\nText.\n"


class Two(Flow):
    """A Jekyll blog and a Hugo folder beside it."""

    def settings(self, settings: str = "") -> None:
        self.configure(settings, SOURCES)

    def run_all(self) -> list[str | None]:
        """Poll both, publish; return their errors."""
        polled = [self.app.pipeline.poll(source) for source in self.app.sources]
        published, _ = self.app.pipeline.publish()
        self.app.pipeline.publish_pages(published)
        return [one.error or ("held" if one.held else None) for one in polled]

    def json(self, feed: str) -> Any:
        return json.loads((self.out / f"feeds/{feed}.json").read_bytes())


@pytest.fixture
def two(tmp_path: Path, database_url: str) -> Iterator[Two]:
    made = Two(tmp_path, database_url)
    write(tmp_path / "docs", {"hugo.toml": HUGO, "content/posts/b.md": hugo_post("B", categories="[News]")})
    made.write(a=post("A", category="News"))
    made.settings()
    yield made
    made.close()


def test_two_generators_feed_one_set_of_feeds(two: Two) -> None:
    assert two.run_all() == [None, None]
    assert two.titles() == ["B", "A"]
    assert two.titles("category/News") == ["B", "A"]
    b, a = two.all()
    assert b.url == "https://docs.example/posts/b/"
    assert a.url.startswith("https://site.example/")
    # The feed says the first source's language, so the other's posts say their own.
    entries = etree.parse(two.out / "feeds/all.atom").getroot()
    languages = [entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in entries.iter("{*}entry")]
    assert languages == ["de", None]
    parse_all(two.out)


def test_each_source_has_a_feed_where_that_is_asked_for(two: Two) -> None:
    two.run_all()
    assert not (two.out / "feeds/source").exists()
    two.settings('[feeds]\ntaxonomies = ["category", "source"]\n[feeds.source.labels]\nblog = "Our blog"\n')
    two.run_all()
    assert two.titles("source/docs") == ["B"]
    assert two.titles("source/blog") == ["A"]
    assert two.json("source/docs")["title"].startswith("Docs – ")
    assert two.json("source/blog")["title"].startswith("Our blog – ")
    assert "source/docs.atom" in (two.out / "feeds/opml.xml").read_text()
    two.settings('[feeds]\ntaxonomies = ["category", "source"]\n[feeds.source]\nexclude = ["docs"]\n')
    two.run_all()
    assert not (two.out / "feeds/source/docs.atom").exists()


def test_a_selection_may_name_sources_and_their_languages(two: Two) -> None:
    two.settings(
        '[[feeds]]\nname = "d"\nall = { source = ["docs"] }\n[[feeds]]\nname = "g"\nall = { language = ["de"] }\n'
    )
    two.run_all()
    assert two.titles("selection/d") == two.titles("selection/g") == ["B"]


def test_posts_of_two_sources_with_one_address_have_two_ids(two: Two) -> None:
    write(two.site.parent / "docs", {"hugo.toml": HUGO.replace("docs.example", "site.example")})
    write(two.site.parent / "docs", {"content/posts/b.md": hugo_post("B", url="/2024/05/01/a.html")})
    two.write(a=post("A", permalink="/2024/05/01/a.html"))
    two.settings()
    two.run_all()
    assert len({entry.id for entry in two.all()}) == 2
    assert sorted(two.titles()) == ["A", "B"]


def test_a_source_that_is_held_or_gone_stops_no_other(two: Two) -> None:
    write(two.site.parent / "docs", {f"content/posts/c{number}.md": hugo_post(f"C{number}") for number in range(9)})
    two.run_all()
    shutil.rmtree(two.site.parent / "docs/content")
    two.write(d=post("D"))
    assert two.run_all() == [None, "held"]
    assert {"A", "B", "D"} < set(two.titles())
    shutil.rmtree(two.site.parent / "docs")
    two.write(e=post("E"))
    errors = two.run_all()
    assert errors[0] is None
    assert errors[1] is not None
    assert {"A", "B", "D", "E"} < set(two.titles())


def test_a_source_inside_another_has_its_posts_alone(tmp_path: Path, database_url: str) -> None:
    dated = "---\ntitle: {}\ndate: 2024-05-01\n---\nText.\n"
    write(tmp_path / "site", {"a.md": dated.format("A"), "notes/b.md": dated.format("B")})
    address = '[site]\nurl = "https://site.example"\n'
    flow = Two(tmp_path, database_url, settings=address, config="", config_name="unused.txt")
    plain = 'type = "plain"\nsettle_ms = 0\n'
    inner = f'name = "outer"\n{plain}[[sources]]\nname = "inner"\npath = "notes"\n{plain}'
    flow.configure(address + '[feeds]\ntaxonomies = ["source"]\n', inner)
    flow.run_all()
    assert sorted(titles(flow.out / "feed.xml")) == ["A", "B"]
    assert [entry.title for entry in atom(flow.out / "feeds/source/inner.atom")] == ["B"]
    flow.close()
