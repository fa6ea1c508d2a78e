"""What a site's own jekyll-feed showed is what we read: collections, paths of feeds, summaries, authors, pictures."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from feeds.model import Draft, Hidden, Reading
from feeds.sources.jekyll.config import read_jekyll_config
from feeds.sources.jekyll.feed_keys import FeedOf, feed_paths
from feeds.sources.jekyll.site import open_site
from feeds.sources.site import OpenSite, Overrides, ReadingOptions
from tests.support.jekyll import AtomEntry, build, read_atom, write_site

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def post(front: str, body: str = "Text.\n") -> str:
    return f"---\n{front}---\n{body}"


def opened(site: Path) -> OpenSite:
    return open_site(site, Overrides(), ReadingOptions(root=str(site)))


def read_all(site: Path) -> dict[str, Reading]:
    reader = opened(site).reader
    paths = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    return {
        path: reader.read(path, (site / path).read_bytes(), NOW, NOW)
        for path in paths
        if reader.is_post_path(path) and all(map(reader.enters, _folders(path)))
    }


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def drafts_of(readings: Mapping[str, Reading], feed_set: str = "") -> list[Draft]:
    return [found for found in readings.values() if isinstance(found, Draft) and found.feed_set == feed_set]


def visible(html: str | None) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html or "")).split())


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


COLLECTIONS_CONFIG = """
title: The Site
url: https://example.org
baseurl: /base
timezone: Asia/Shanghai
author: site
permalink: pretty
collections:
  recipes: {output: true}
  notes: {output: true, permalink: "/n/:year/:month/:collection-:title:output_ext"}
  silent: {output: false, sort_by: title}
  unnamed: {output: true}
feed:
  path: atom.xml
  categories: [news, World News, c/d, "50%", ../up]
  tags: {except: [skip], path: /by/}
  collections:
    recipes: {path: /kitchen/all.xml, categories: [soup, Main Course]}
    notes: {}
    silent: {categories: [x]}
defaults:
  - {scope: {path: "", type: recipes}, values: {author: chef, tags: [food]}}
  - {scope: {path: "_recipes/secret"}, values: {published: false}}
  - {scope: {path: "", type: posts}, values: {lang: de}}
"""
COLLECTIONS = {
    "_data/authors.yml": "chef: {name: The Chef, email: chef@example.org, uri: 'https://example.org/chef'}\n"
    "site: {name: The Site's Author}\nplain: Plain Name\nunnamed: {email: nobody@example.org}\n",
    "_posts/2021-12-08-news.md": post(
        "title: News\ncategories: [news, World News]\ntags: [a, b_1, skip, no-feed, x y]\n"
    ),
    "_posts/2021-12-09-slash.md": post("title: Slash\ncategories: [c/d]\ntags: A\nauthor: chef\n"),
    "_recipes/soup.md": post("title: Soup\ndate: 2021-12-08 10:46:18\ncategories: [soup]\n"),
    "_recipes/2020-02-03-dated.md": post("categories: [Main Course, soup]\ntags: own\n"),
    "_recipes/2020-02-03-both.md": post("title: Both\ndate: 2020-05-06 23:00 +0000\nauthor: plain\n"),
    "_recipes/sub/deep/My Dish.markdown": post("date: 2020-01-01\nslug: own slug\n"),
    "_recipes/sub/page.html": post("date: 2020-01-02\ntitle: Page\n", "<p>HTML</p>\n"),
    "_recipes/undated.md": post("title: Undated\n"),
    "_recipes/with.dots....md": post("date: 2020-01-03\n"),
    "_recipes/text.txt": post("date: 2020-01-04\nauthor: {name: Own, email: own@example.org}\n"),
    "_recipes/link.md": post("date: 2020-01-05\npermalink: /somewhere/:collection/:slug/\nauthors: [chef, plain]\n"),
    "_recipes/no-header.md": "No front matter.\n",
    "_recipes/unpublished.md": post("date: 2020-01-06\npublished: false\n"),
    "_recipes/secret/one.md": post("date: 2020-01-07\n"),
    "_recipes/_draft.md": post("date: 2020-01-08\n"),
    "_recipes/_sub/x.md": post("date: 2020-01-09\n"),
    "_recipes/a/_sub/x.md": post("date: 2020-01-10\nauthor: unknown\n"),
    "_recipes/.hidden.md": post("date: 2020-01-11\n"),
    "_recipes/backup.md~": post("date: 2020-01-12\n"),
    "_notes/2022-03-04-note.md": post("title: A note\nimage: pic.png\n"),
    "_notes/Ünï cödé.md": post("date: 2022-03-05 20:00:00\n"),
    "_silent/one.md": post("title: One\ndate: 2022-03-06\ncategories: [x, y]\n"),
    "_unnamed/one.md": post("title: One\ndate: 2022-03-06\n"),
}


def test_collections_and_the_places_of_feeds_are_jekyll_feeds(tmp_path: Path) -> None:
    site = tmp_path / "collections"
    write_site(site, {**COLLECTIONS, "_config.yml": COLLECTIONS_CONFIG})
    build(site, tmp_path)
    out = tmp_path / "out"
    readings = read_all(site)
    config = read_jekyll_config(COLLECTIONS_CONFIG)
    tags = [tag for draft in drafts_of(readings) for tag in draft.tags]
    paths = feed_paths(config.feed, tags)
    written = {path.relative_to(out).as_posix() for path in out.rglob("*.xml")}
    assert set(paths.values()) == written
    for feed, path in paths.items():
        expected = read_atom(out / path)
        chosen = [
            draft
            for draft in drafts_of(readings, feed.feed_set)
            if feed.category in (None, *draft.categories) and feed.tag in (None, *draft.tags)
        ]
        assert {draft.entry_id for draft in chosen} == {entry.id for entry in expected}, feed
        compare({entry.id: entry for entry in expected}, chosen)
    assert len(read_atom(out / paths[FeedOf("recipes")])) == 10
    assert {path for path, found in readings.items() if isinstance(found, Hidden)} == {
        *("_recipes/no-header.md", "_recipes/unpublished.md", "_recipes/secret/one.md"),
    }


def compare(expected: Mapping[str, AtomEntry], drafts: list[Draft]) -> None:
    for draft in drafts:
        entry = expected[draft.entry_id]
        first = draft.authors[0]
        assert (draft.url, draft.image) == (entry.link, entry.image)
        assert (first.name, first.email, first.uri) == entry.author
        assert [*draft.categories, *draft.tags] == list(entry.terms)
        if draft.dated:
            assert draft.published == instant(entry.published)


def test_the_sets_of_feeds_are_called_as_jekyll_feed_calls_them(tmp_path: Path) -> None:
    site = tmp_path / "collections"
    write_site(site, {**COLLECTIONS, "_config.yml": COLLECTIONS_CONFIG})
    build(site, tmp_path)
    paths = feed_paths(read_jekyll_config(COLLECTIONS_CONFIG).feed)
    for profile in opened(site).profile.feed_sets:
        feed = (tmp_path / "out" / paths[FeedOf(profile.name)]).read_text()
        assert f'<title type="html">{profile.title}</title>' in feed
        assert f'<link href="{profile.home_url}" rel="alternate"' in feed


SUMMARIES_CONFIG = """
title: S
url: https://example.org
author: {name: A}
collections: {n: {output: true}}
feed: {collections: [n]}
"""
SUMMARIES = {
    "paragraph": post("title: T\n", "First *one*\nstill first.\n\nSecond.\n"),
    "one": post("title: T\n", "Only one.\n"),
    "empty": post("title: T\n", ""),
    "references": post(
        "title: T\n", "See [this][1], [that].\n\nMore.\n\n[1]: https://a.example\n [that]: /b 'T'\n[no]: /c\n"
    ),
    "description": post("title: T\ndescription: A <b>bold</b>  line &amp; more\n"),
    "empty-description": post("title: T\ndescription: ''\n", "Text.\n\nMore.\n"),
    "own": post("title: T\nexcerpt: Own *excerpt*\n", "Text.\n\nMore.\n"),
    "separator": post("title: T\nexcerpt_separator: <!--more-->\n", "One.\n\nTwo.\n<!--more-->\nThree.\n"),
    "separator-missing": post("title: T\nexcerpt_separator: <!--more-->\n", "One.\n\nTwo.\n"),
    "no-separator": post("title: T\nexcerpt_separator: ''\n", "One.\n\nTwo.\n"),
    "liquid": post("title: T\ncolour: red\n", "{% assign x = page.colour %}It is {{ x | upcase }}.\n\n{{ x }}\n"),
    "cut-block": post("title: T\n", "{% if true %}One.\n\nTwo.{% endif %}\n"),
    "cut-highlight": post("title: T\n", "{% highlight ruby %}\nputs 1\n\nputs 2\n{% endhighlight %}\n"),
    "raw": post("title: T\nrender_with_liquid: false\n", "Say {{ x }}.\n\nMore {% y %}.\n"),
    "windows": post("title: T\n", "One.\n\nTwo.\n").replace("\n", "\r\n"),
    "heading": post("title: T\n", "# Heading\n\nText.\n"),
    "excerpt-only": post("title: T\nfeed: {excerpt_only: true}\n", "One.\n\nTwo.\n"),
    "lists": post("title: T\n", "- a\n- b\n\nText.\n"),
}


@pytest.mark.parametrize("separator", ["", 'excerpt_separator: "<!--more-->"\n', 'excerpt_separator: ""\n'])
def test_summaries_are_jekyll_feeds(tmp_path: Path, separator: str) -> None:
    site = tmp_path / "summaries"
    posts = {f"_posts/2021-12-08-{name}.md": text for name, text in SUMMARIES.items()}
    posts["_posts/2021-12-08-page.html"] = post("title: T\n", "<p>One</p>\n\n<p>Two</p>\n")
    posts["_posts/2021-12-08-bare.md"] = "No front matter.\n\nMore.\n"
    posts["_n/2021-12-08-note.md"] = post("title: T\n", "One.\n\nTwo.\n")
    write_site(site, {**posts, "_config.yml": SUMMARIES_CONFIG + separator})
    build(site, tmp_path)
    entries = [*read_atom(tmp_path / "out/feed.xml"), *read_atom(tmp_path / "out/feed/n.xml")]
    reader = opened(site).reader
    assert len(entries) == len(posts)
    theirs, ours = {}, {}
    readings = read_all(site)
    for draft in (*drafts_of(readings), *drafts_of(readings, "n")):
        body = reader.body(draft.path, (site / draft.path).read_bytes())
        ours[draft.entry_id] = draft.summary or visible(body.excerpt_html)
        if "excerpt-only" not in draft.path:
            [entry] = [entry for entry in entries if entry.id == draft.entry_id]
            assert visible(body.html) == visible(entry.content), draft.path
    theirs = {entry.id: visible(entry.summary) for entry in entries}
    assert ours == theirs


def test_a_post_that_shows_its_excerpt_only_has_no_more_for_readers(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": SUMMARIES_CONFIG})
    reader = opened(tmp_path).reader
    body = reader.body("_posts/2021-12-08-x.md", SUMMARIES["excerpt-only"].encode())
    assert visible(body.html) == "One."
