"""Languages and collections have feeds of their own, in folders of their own; former feeds keep their paths."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.site import Flow, atom, feed_files, parse_all, post, titles, write

COLLECTION = """
title: Test
url: https://site.example
feed:
  collections: {changes: {path: /old/changes.xml, categories: [big]}}
  categories: [one]
  tags: {except: [quiet]}
  posts_limit: 2
collections: {changes: {output: true}}
"""
LANGUAGES = """
baseURL = "https://site.example/"
title = "English"
defaultContentLanguage = "en"
[languages.en]
weight = 1
[languages.de]
title = "Deutsch"
weight = 2
"""


def hugo_post(title: str, **front: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    return f"---\ntitle: {title}\ndate: 2024-05-01T10:00:00Z\n{lines}---\nText.\n"


@pytest.fixture
def collection(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url, config=COLLECTION)
    yield made
    made.close()


@pytest.fixture
def languages(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url, config=LANGUAGES, config_name="hugo.toml")
    yield made
    made.close()


def test_each_language_has_its_own_feeds(languages: Flow) -> None:
    write(
        languages.site,
        {
            "content/posts/a.md": hugo_post("A", categories="[News]"),
            "content/posts/a.de.md": hugo_post("A auf Deutsch", categories="[News]"),
            "content/posts/b.de.md": hugo_post("B", categories="[Allerlei]"),
        },
    )
    languages.run()
    assert languages.titles() == ["A"]
    assert languages.titles("category/News") == ["A"]
    assert sorted(titles(languages.out / "de/feeds/all.atom")) == ["A auf Deutsch", "B"]
    assert titles(languages.out / "de/feeds/category/News.atom") == ["A auf Deutsch"]
    assert not (languages.out / "feeds/category/Allerlei.atom").exists()
    german = (languages.out / "de/feeds/all.atom").read_text()
    assert "<title>Deutsch</title>" in german
    assert 'href="https://site.example/de/feeds/all.atom" rel="self"' in german
    assert "de/feeds/index.html" in (languages.out / "feeds/index.html").read_text()
    assert "../../feeds/index.html" in (languages.out / "de/feeds/index.html").read_text()
    parse_all(languages.out)


def test_a_post_may_move_to_another_language(languages: Flow) -> None:
    write(languages.site, {"content/posts/a.md": hugo_post("A"), "content/posts/c.md": hugo_post("C")})
    languages.run()
    (languages.site / "content/posts/a.md").unlink()
    write(languages.site, {"content/posts/a.de.md": hugo_post("A", slug="a")})
    languages.run()
    assert languages.titles() == ["C"]
    assert titles(languages.out / "de/feeds/all.atom") == ["A"]


def test_a_post_is_gone_when_it_expires(languages: Flow) -> None:
    write(
        languages.site,
        {
            "content/posts/a.md": hugo_post("A", expiryDate="2099-01-01T00:00:00Z"),
            "content/posts/b.md": hugo_post("B"),
            "content/posts/c.md": hugo_post("C"),
        },
    )
    languages.run()
    assert sorted(languages.titles()) == ["A", "B", "C"]
    languages.clock.now = languages.clock.now.replace(year=2099)
    languages.run()
    assert sorted(languages.titles()) == ["B", "C"]
    assert languages.events()[-1] == ("post.withdrawn", "A")


def test_a_collection_has_its_own_feeds_where_they_were(collection: Flow) -> None:
    write(
        collection.site,
        {
            "_changes/x.md": post("X", category="big", date="2024-05-01"),
            "_changes/y.md": post("Y", date="2024-05-02"),
            "_posts/2024-05-01-p.md": post("P", category="one", tags="[loud, quiet]"),
        },
    )
    collection.run()
    assert collection.titles() == ["P"]
    assert sorted(titles(collection.out / "changes/feeds/all.atom")) == ["X", "Y"]
    assert sorted(titles(collection.out / "old/changes.xml")) == ["X", "Y"]
    assert titles(collection.out / "feed/changes/big.xml") == ["X"]
    assert titles(collection.out / "feed/one.xml") == ["P"]
    assert titles(collection.out / "feed/by_tag/loud.xml") == ["P"]
    assert not (collection.out / "feed/by_tag/quiet.xml").exists()
    # What the owner gives up goes.
    write(collection.site, {"_config.yml": COLLECTION.replace("categories: [one]", "categories: []")})
    collection.configure()
    collection.run()
    assert not (collection.out / "feed/one.xml").exists()
    assert (collection.out / "feeds/category/one.atom").exists()


def test_an_inherited_feed_begins_with_what_it_showed_and_misses_nothing_after(collection: Flow) -> None:
    for day in range(1, 10):
        write(collection.site, {f"_posts/2024-05-{day:02d}-old.md": post(f"Old {day}")})
    collection.run()
    assert titles(collection.out / "feed.xml") == ["Old 9", "Old 8"]
    assert len(collection.titles()) == 9
    collection.clock.now += timedelta(hours=1)
    # Five at once, among them one that is dated back.
    new = {f"_posts/2024-05-{day}-new.md": post(f"New {day}") for day in range(10, 14)}
    write(collection.site, {**new, "_posts/2024-05-03-late.md": post("Late")})
    collection.run()
    shown = titles(collection.out / "feed.xml")
    assert shown == ["New 13", "New 12", "New 11", "New 10", "Late"]


def test_terms_that_differ_by_case_keep_the_paths_they_had(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url, config="title: T\nurl: https://site.example\nfeed: {tags: true}\n")
    flow.write(a=post("A", tags="News"))
    flow.run()
    flow.write(b=post("B", tags="news"), c=post("C", tags="NEWS"))
    flow.run()
    found = {path.name: titles(path) for path in feed_files(flow.out) if path.parent.name == "by_tag"}
    assert found == {"News.xml": ["A"], "news.xml": ["B"], "NEWS.xml": ["C"]}
    flow.close()


def test_two_terms_with_one_former_path_never_share_a_file(tmp_path: Path, database_url: str) -> None:
    config = 'baseURL = "https://site.example/"\ntitle = "T"\n'
    flow = Flow(tmp_path, database_url, config=config, config_name="hugo.toml")
    # Hugo makes one term of the two; we keep both as they are written.
    write(flow.site, {"content/a.md": hugo_post("A", tags="[Big News]")})
    flow.run()
    write(flow.site, {"content/b.md": hugo_post("B", tags="[big-news]")})
    flow.run()
    inherited = (flow.out / "tags/big-news/index.xml").read_text()
    assert "<title>A</title>" in inherited
    assert "<title>B</title>" not in inherited
    [own] = [path for path in feed_files(flow.out) if path.name.startswith("big-news") and path.suffix == ".atom"]
    assert titles(own) == ["B"]
    flow.close()


def test_feeds_show_summaries_alone_where_their_owner_says_so(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url, config="title: T\nurl: https://site.example\nfeed: {excerpt_only: true}\n")
    flow.write(a=post("A", body="First words.\n\nSecret rest."))
    flow.run()
    for name in ("feed.xml", "feeds/all.rss", "feeds/all.json"):
        text = (flow.out / name).read_text()
        assert "First words." in text
        assert "Secret rest." not in text
    parse_all(flow.out)
    flow.configure("[feeds]\nexcerpt_only = false\n")
    flow.run()
    assert "Secret rest." in (flow.out / "feed.xml").read_text()
    assert atom(flow.out / "feed.xml")[0].title == "A"
    flow.close()
