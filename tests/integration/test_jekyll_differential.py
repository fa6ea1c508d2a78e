"""What we read in a site's files is what the real Jekyll and the real Ruby read in them."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feeds.model import Draft, Hidden, Reading
from feeds.sources.jekyll.config import JekyllConfig, read_jekyll_config
from feeds.sources.jekyll.dates import read_date
from feeds.sources.jekyll.files import JekyllFiles
from feeds.sources.jekyll.reading import PostReader
from feeds.sources.jekyll.urls import UrlMaker, escape_path, slugify
from tests.support.jekyll import Built, ask_ruby, build, write_site

SAMPLE = Path(__file__).parents[2] / "sample"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "America/New_York")


def post(front: str, body: str = "Text.\n") -> str:
    return f"---\n{front}---\n{body}"


HARD = {
    "_posts/2021-12-08-plain.md": post("title: Plain\ndate: 2021-12-08 10:46:18\n"),
    "_posts/2021-12-08-late-evening.md": post("title: Late\ndate: 2021-12-08 18:46:18\n"),  # another day in the zone
    "_posts/2021-12-08-quoted.md": post('title: Quoted\ndate: "2021-12-08 10:46:18"\n'),
    "_posts/2021-12-08-quoted-zone.md": post("title: Quoted\ndate: '2021-12-08 23:46:18 -0500'\n"),
    "_posts/2021-12-08-minutes.md": post("title: Minutes\ndate: 2021-12-08 10:46\n"),
    "_posts/2021-12-08-date-only.md": post("title: Date\ndate: 2021-12-07\n"),
    "_posts/2021-12-08-mail.md": post("title: Mail\ndate: Fri, 03 Sep 2021 11:21:31 +0200\n"),
    "_posts/2021-12-08-unix.md": post("title: Unix\ndate: Fri Sep  3 11:21:31 CEST 2021\n"),
    "_posts/2021-12-08-fraction.md": post("title: Fraction\ndate: 2021-12-08 10:46:18.123456789\n"),
    "_posts/2021-12-08-april.md": post("title: April\ndate: 2021-04-31 10:00:00\n"),
    "_posts/2021-12-08-midnight.md": post("title: Midnight\ndate: 2021-12-08 24:00:00\n"),
    "_posts/2021-12-08-iso.md": post("title: ISO\ndate: 2021-12-08T10:46:18Z\n"),
    "_posts/2021-1-8-short-name.md": post("title: Short\n"),
    "_posts/21-12-08-two-digits.md": post("title: Two digits\n"),
    "_posts/2021-12-08-no-front-matter.md": "Only text.\n",
    "_posts/2021-12-08-empty-front-matter.md": "---\n---\nText.\n",
    "_posts/2021-12-08-dots.md": "---\ntitle: Dots\n...\nText.\n",
    "_posts/2021-12-08-crlf.md": "---\r\ntitle: Crlf\r\ncategories: a b\r\n---\r\nText.\r\n",
    "_posts/2021-12-08-bom.md": "\ufeff---\ntitle: Bom\ncategories: a b\n---\nText.\n",
    "_posts/2021-12-08-blank-after.md": "---\ntitle: Blank\n---   \n\n\n   \nText.\n",
    "_posts/2021-12-08-string.md": post("title: S\ncategories: News  Fast 中文\ntags: x  y\n"),
    "_posts/2021-12-08-list.md": post("title: L\ncategories: [One Two, three, one two]\ntags:\n  - p q\n  - r\n"),
    "_posts/2021-12-08-category.md": post("title: C\ncategory: One Two\ntag: p q\ntags: z\n"),
    "_posts/2021-12-08-both.md": post("title: B\ncategories: [a, b]\ncategory: c\n"),
    "_posts/2021-12-08-category-list.md": post("title: B\ncategory: [c, d]\n"),
    "_posts/2021-12-08-quoted-numbers.md": post("title: N\ncategories: ['1.10', '0777']\ntags: ['no', '2021-01-01']\n"),
    "_posts/2021-12-08-empty-terms.md": post('title: E\ncategories: ""\ntags: []\n'),
    "_posts/2021-12-08-odd-category.md": post(
        'title: O\ncategories: ["a&b c", "50%", "what?", "c#", "ＡＢ／Ｃ", "é", "../up"]\n'
    ),
    "_posts/2021-12-08-no-title.md": post("layout: post\n"),
    "_posts/2021-12-08-中文 名字.md": post("title: 中文\ncategories: 新闻\n"),
    "_posts/2021-12-08-it's-100%-(ok)+[x]&y.md": post("title: Marks\n"),
    "_posts/2021-12-08-v1.2.3.md": post("title: Version\n"),
    "_posts/2021-12-08-trailing....md": post("title: Trailing\n"),
    "_posts/2021-12-08-Upper-CASE.md": post("title: Upper\n"),
    "_posts/2021-12-08-㉑ﬁ①.md": post("title: Compatible\n"),
    "_posts/2021-12-08-page.html": post("title: Html\n"),
    "_posts/2021-12-08-page.markdown": post("title: Markdown\n"),
    "_posts/2021-12-08-slug.md": post("title: Slug\nslug: My Slug!\n"),
    "_posts/sub/2021-12-08-below.md": post("title: Below\n"),
    "news/_posts/2021-12-08-above.md": post("title: Above\ncategories: extra\n"),
    "news/World News/_posts/deep/2021-12-08-above-two.md": post("title: Above two\ncategories: news\n"),
    "_posts/2021-12-08-permalink.md": post("title: P\npermalink: /fixed/place/\n"),
    "_posts/2021-12-08-permalink-file.md": post("title: P\npermalink: fixed/file.html\n"),
    "_posts/2021-12-08-permalink-chinese.md": post("title: P\npermalink: /中文/a b/\n"),
    "_posts/2021-12-08-permalink-host.md": post("title: P\npermalink: //evil.example/x\n"),
    "_posts/2021-12-08-permalink-url.md": post("title: P\npermalink: https!//evil.example/x\n"),
    "_posts/2021-12-08-permalink-up.md": post("title: P\npermalink: /../../a/..hidden/b/\n"),
    "_posts/2021-12-08-all-dates.md": post(
        "title: P\ndate: 2021-01-03 05:06:07 +0800\ncategories: [X Y, é]\n"
        "permalink: /:short_year-:i_month-:i_day/:y_day/"
        ":w_year/:week/:w_day/:short_day/:long_day/:short_month/:long_month/:hour:minute:second/:collection/\n"
    ),
    "news/_posts/2021-12-08-all-names.md": post(
        "title: P\ncategories: [X Y, é]\n"
        "permalink: /:path/:name/:slug/:title/:slugified_categories/:year_:month:output_ext\n"
    ),
    "_posts/2021-12-08-unpublished.md": post("title: U\npublished: false\n"),
    "_posts/2021-12-08-published-string.md": post('title: U\npublished: "false"\n'),
    "_posts/2039-12-08-future.md": post("title: F\n"),
    "_posts/no-date.md": post("title: N\n"),
    "_posts/.hidden/2021-12-08-hidden.md": post("title: N\n"),
    "_posts/_special/2021-12-08-special.md": post("title: N\n"),
    "_posts/a/_special/2021-12-08-special-below.md": post("title: N\n"),
    "_posts/2021-12-08-editor.md~": post("title: N\n"),
    "_posts/#2021-12-08-editor.md": post("title: N\n"),
    "_posts/.2021-12-08-editor.md.swp": post("title: N\n"),
    "_folder/_posts/2021-12-08-unseen.md": post("title: N\n"),
    "private/_posts/2021-12-08-excluded.md": post("title: N\n"),
    "privately/_posts/2021-12-08-excluded-too.md": post("title: N\n"),
    "_drafts/idea.md": post("title: N\n"),
}
HARD_CONFIG = "title: Hard\nurl: HTTPS://Example.ORG:443\nbaseurl: blog/\ntimezone: Asia/Shanghai\nexclude: [private]\n"


@contextmanager
def machine_zone(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


def read_site(site: Path) -> dict[str, Reading]:
    reader = PostReader(read_jekyll_config((site / "_config.yml").read_text()))
    paths = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    return {
        path: reader.read(path, (site / path).read_bytes(), NOW, NOW) for path in paths if reader.is_post_path(path)
    }


def assert_same(site: Path, built: Built) -> None:
    drafts = {path: draft for path, draft in read_site(site).items() if isinstance(draft, Draft)}
    ours = {path: (d.entry_id, d.url, d.published, d.categories, d.tags) for path, d in drafts.items()}
    theirs = {
        p["path"]: (
            *(p["id"], p["url"], datetime.fromisoformat(p["published"]).astimezone(UTC)),
            *(tuple(p["categories"]), tuple(p["tags"])),
        )
        for p in built.posts
    }
    assert ours == theirs
    in_feed = {(i, link, datetime.fromisoformat(published).astimezone(UTC)) for i, link, published in built.entries}
    assert {(d.entry_id, d.url, d.published) for d in drafts.values()} == in_feed
    untitled = {p["path"]: p["title"] for p in built.posts if p["path"] in drafts}
    assert {path: draft.title for path, draft in drafts.items()} == untitled


TYPED = {
    f"_posts/2021-12-08-typed-{number}.md": post(f"title: T\n{line}\n")
    for number, line in enumerate(
        [
            "categories: [2020, 1.10, no, true, 0777, ~, 2021-01-02, 1e3, 0x1f, 1_000, '007', Text]",
            "categories: [12:30, 1.0e+3]",
            "category: 2020",
            "category: no",
            "category: 1.50",
            "category: [a, [1.0, b]]",
            "categories: one 2020 two",
            "categories: [x]\ncategory: 010",
        ]
    )
}


def test_addresses_hold_what_ruby_makes_of_categories(tmp_path: Path) -> None:
    site = tmp_path / "typed"
    write_site(site, {**TYPED, "_config.yml": HARD_CONFIG})
    theirs = {seen["path"]: (seen["id"], seen["url"]) for seen in build(site, tmp_path).posts}
    drafts = {path: draft for path, draft in read_site(site).items() if isinstance(draft, Draft)}
    assert {path: (draft.entry_id, draft.url) for path, draft in drafts.items()} == theirs


def test_the_sample_is_read_as_jekyll_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = build(SAMPLE, tmp_path)
    assert len(built.posts) == 5
    for zone in ZONES:
        with machine_zone(monkeypatch, zone):
            assert_same(SAMPLE, built)


def test_hard_cases_are_read_as_jekyll_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "hard"
    write_site(site, {**HARD, "_config.yml": HARD_CONFIG})
    built = build(site, tmp_path)
    assert len(built.posts) > 40
    for zone in ZONES:
        with machine_zone(monkeypatch, zone):
            assert_same(site, built)


@pytest.mark.parametrize(
    "lines",
    [
        "permalink: pretty\nurl: https://example.org\n",
        "permalink: ordinal\nurl: https://example.org/\n",
        "permalink: weekdate\nurl: https://example.org/path\nbaseurl: /\n",
        "permalink: none\nurl: http://例子.example:8080\ntimezone: America/New_York\n",
        "permalink: /p/:title\nurl: https://example.org\ncollections:\n  posts:\n    permalink: /c/:slug/\n",
    ],
)
def test_permalink_styles_are_jekylls(tmp_path: Path, lines: str) -> None:
    site = tmp_path / "styles"
    zone = "" if "timezone" in lines else "timezone: Asia/Shanghai\n"
    chosen = {path: text for path, text in HARD.items() if "editor" not in path}
    write_site(site, {**chosen, "_config.yml": f"title: S\n{zone}{lines}"})
    assert_same(site, build(site, tmp_path))


DEFAULTS_CONFIG = """
title: Defaults
url: https://example.org
timezone: Asia/Shanghai
author: Site
defaults:
  - scope: {path: "", type: posts}
    values: {layout: none, author: {name: All, email: all@example.org}, categories: all some, tags: [t u, v], lang: de}
  - scope: {path: ""}
    values: {author: {name: Untyped, uri: "https://example.org/untyped"}, description: Untyped}
  - scope: {path: news/world, type: posts}
    values: {permalink: "/world/:categories/:slug/", author: World, category: The World, image: /world.png}
  - scope: {path: news, type: posts}
    values: {permalink: "/news/:title", author: News, published: false, categories: [n, m], tag: one tag}
  - scope: {path: news/world/open, type: post}
    values: {published: true, description: }
  - scope: {path: "kept/*/deep/_posts", type: posts}
    values: {categories: [glob], title: From glob, slug: from-glob, date: "2020-02-03 04:05:06"}
  - scope: {path: "kept/**/far", type: posts}
    values: {categories: [far], date: 2020-02-03 23:05:06}
  - scope: {path: "_posts/2019-*"}
    values: {categories: [year], draft: true}
  - scope: {path: "_posts/2018-01"}
    values: {categories: [month]}
  - scope: {path: "_posts/{one,two}/*.md"}
    values: {tags: brace}
  - scope: {path: "_posts/sub/", type: pages}
    values: {published: false}
  - scope: {path: "_posts/sub", type: drafts}
    values: {published: false}
  - scope: {path: "_posts/sub", type: ""}
    values: {published: false}
  - scope: {path: "/_posts/sub"}
    values: {published: false}
  - scope: {path: "_po"}
    values: {lang: po, description: Short path}
  - scope: {path: "_posts/sub"}
    values:
  - nothing
"""
DEFAULTS = {
    "_posts/2021-12-08-plain.md": post("title: Plain\n"),
    "_posts/2021-12-08-no-front-matter.md": "Only text.\n",
    "_posts/2021-12-08-own.md": post("author: Own\ncategories: [own, all]\ntags: own tags\nlang: fr\ndescription: D\n"),
    "_posts/2021-12-08-merged.md": post("author: {uri: 'https://example.org/own'}\ncategory: Own One\ntag: own tag\n"),
    "_posts/2021-12-08-empty.md": post("title:\nauthor:\ncategories:\ntags:\nlang: ~\n"),
    "_posts/2021-12-08-empty-lists.md": post("categories: []\ntags: []\n"),
    "_posts/2019-12-08-year.md": post("title: Year\n"),
    "_posts/2018-01-08-month.md": post("title: Month\n"),
    "_posts/2018-11-08-other-month.md": post("title: Other month\n"),
    "_posts/one/2021-12-08-brace.md": post("title: Brace\n"),
    "_posts/two/2021-12-08-brace.html": post("title: No brace\n"),
    "_posts/sub/2021-12-08-typed.md": post("title: Typed\n"),
    "news/_posts/2021-12-08-hidden.md": post("title: Hidden\n"),
    "news/_posts/2021-12-08-hidden-by-nothing.md": post("title: Hidden\npublished:\n"),
    "news/_posts/2021-12-08-shown.md": post("title: Shown\npublished: true\ncategories: own\n"),
    "newsletter/_posts/2021-12-08-hidden-by-prefix.md": post("title: Hidden\n"),
    "newsletter/_posts/2021-12-08-shown-by-prefix.md": post("title: Shown\npublished: yes\ntags: mine\n"),
    "news/world/_posts/2021-12-08-hidden.md": post("title: Hidden\n"),
    "news/world/_posts/2021-12-08-world.md": post("published: true\nimage: {path: own.png}\n"),
    "news/world/open/_posts/2021-12-08-open.md": post("title: Open\n"),
    "news/world/open/_posts/2021-12-08-open-own.md": post("published:\npermalink: /own/:title/\ncategory: Mine\n"),
    "kept/a/deep/_posts/2021-12-08-glob.md": post("layout: post\n"),
    "kept/a/deep/_posts/2021-12-08-glob-own.md": post("title: Own\ndate: 2021-12-09\nslug: own\n"),
    "kept/_posts/2021-12-08-no-glob.md": post("title: No glob\n"),
    "kept/far/_posts/2021-12-08-far.md": post("title: Far\n"),
    "kept/b/c/far/_posts/2021-12-08-far.md": post("title: Farther\n"),
}
_MORE = """---
layout: null
---
{ {% for post in site.posts %}{% unless forloop.first %},{% endunless %}
{{ post.path | jsonify }}: [{{ post.author.name | default: post.author | jsonify }}, {{ post.author.email | jsonify }},
  {{ post.author.uri | jsonify }}, {{ post.lang | jsonify }}, {{ post.description | jsonify }},
  {{ post.image.path | default: post.image | absolute_url | jsonify }}]
{% endfor %} }
"""


def told(draft: Draft) -> list[str | None]:
    [author] = draft.authors
    return [author.name, author.email, author.uri, draft.language, draft.summary, draft.image]


def test_defaults_of_front_matter_are_jekylls(tmp_path: Path) -> None:
    site = tmp_path / "defaults"
    write_site(site, {**DEFAULTS, "_config.yml": DEFAULTS_CONFIG, "more.json": _MORE})
    built = build(site, tmp_path)
    hidden = set(DEFAULTS) - {seen["path"] for seen in built.posts}
    assert len(hidden) == 4
    assert all("hidden" in path for path in hidden)
    readings = read_site(site)
    # jekyll-feed leaves out what the defaults call a draft; Liquid still sees it.
    assert isinstance(readings["_posts/2019-12-08-year.md"], Hidden)
    built.posts[:] = [seen for seen in built.posts if seen["path"] != "_posts/2019-12-08-year.md"]
    assert_same(site, built)
    more = json.loads((tmp_path / "out" / "more.json").read_text())
    drafts = {path: reading for path, reading in readings.items() if isinstance(reading, Draft)}
    assert {path: told(draft) for path, draft in drafts.items()} == {path: more[path] for path in drafts}


def test_posts_below_a_collections_dir_are_jekylls(tmp_path: Path) -> None:
    site = tmp_path / "collections"
    config = """
title: Collections
url: https://example.org
timezone: Asia/Shanghai
collections_dir: my/things
permalink: /:categories/:path/
defaults:
  - {scope: {path: news}, values: {tags: plain}}
  - {scope: {path: my/things/_posts}, values: {tags: with folder}}
  - {scope: {path: "my/things/w*"}, values: {tags: glob}}
"""
    files = {
        "_posts/2021-12-08-outside.md": post("title: Outside\n"),
        "my/_posts/2021-12-08-outside-too.md": post("title: Outside\n"),
        "my/things/_posts/2021-12-08-inside.md": post("title: Inside\n"),
        "my/things/_posts/sub/2021-12-08-below.md": post("title: Below\n"),
        "my/things/news/_posts/2021-12-08-category.md": post("title: Category\ncategories: own\n"),
        "my/things/world/_posts/2021-12-08-glob.md": post("title: Glob\n"),
    }
    write_site(site, {**files, "_config.yml": config})
    built = build(site, tmp_path)
    assert len(built.posts) == 4
    for seen in built.posts:
        seen["path"] = f"my/things/{seen['path']}"
    assert_same(site, built)
    jekyll_files = JekyllFiles(read_jekyll_config(config), drafts=False, naive_dates="utc", root=str(site), outside=())
    assert [jekyll_files.enters(folder) for folder in ("my", "my/things", "my/things/news")] == [True, True, True]
    assert [jekyll_files.enters(folder) for folder in ("your", "my/other", "my/_posts")] == [False, False, False]


DATES = (
    *("2021-12-08 10:46:18", "2021-12-08 10:46", "2021-12-08 9:5", "2021-1-8 1:02:03", "2021-12-08T10:46:18Z"),
    *("2021-12-08t10:46:18z", "2021-12-08 10:46:18 +0800", "2021-12-08 10:46:18 +08:00"),
    *("2021-12-08 10:46:18+08", "2021-12-08  10:46:18   +8", "2021-12-08 10:46:18 +800"),
    *("2021-12-08 10:46:18 +130", "2021-02-28 23:00 -0500", "2021-03-01 01:00 +0800", "2021-12-31 20:00 EST"),
    *("2021-12-08 10:46:18 -00:30", "2021-12-08T10:46:18 -3:30", "2021-12-08 10:46:18 +23:59"),
    *("2021-12-08 10:46:18 +99:99", "2021-12-08 10:46:18 +24:00", "2021-04-31", "2021-02-30"),
    *("2021-04-31 10:00:00", "2021-04-31 10:00:00 +0800", "2021-04-32", "2021-13-08", "2021-00-08"),
    *("2021-12-00", "2021-12-08 24:00:00", "2021-12-08 24:00", "2021-12-08 24:00:01", "2021-12-08 10:46:60"),
    *("2021-12-08 10:60", "2021-12-08 25:00", "2021-12-31 24:00:00", "20211208", "20211208104618"),
    *("202112081046", "20211208T104618", "20211208T104618Z", "20211208T104618+0800", "2021/12/08 10:46:18"),
    *("2021/1/8", "2021.12.08 10:46", "08.12.2021", "12/08/2021", "08/12/2021", "21-12-08", "70-1-2", "68-1-2"),
    *("69-1-2", "Fri Sep  3 11:21:31 CEST 2021", "Fri Sep 3 11:21:31 2021", "Wed Dec 8 10:46:18 EST 2021"),
    *("Fri, 03 Sep 2021 11:21:31 +0200", "3 Sep 2021", "Sep 3, 2021 11:21 PM", "Sep 3, 2021"),
    *("September 3rd 2021", "Dec 8 2021 10:46:18", "8-Dec-2021", "8-Dec-21 10:46"),
    *("Friday, 3 September 2021 10:00", "2021-12-08 10:46 PM", "2021-12-08 11:46 am", "2021-12-08 12:46 am"),
    *("2021-12-08 12:46 p.m.", "2021-12-08 10pm", "2021-12-08 10h46", "2021-12-08 10:46:18 PST"),
    *("2021-12-08 10:46:18 CST", "2021-12-08 10:46:18 JST", "2021-12-08 10:46:18 CET"),
    *("2021-07-08 10:46:18 CEST", "2021-12-08 10:46:18 UTC", "2021-12-08 10:46:18 GMT"),
    *("2021-12-08 10:46:18 A", "2021-12-08 10:46:18 Asia/Shanghai", "2021-12-08 10:46:18 UTC+8"),
    *("2021-12-08 10:46:18.123456789", "2021-12-08 10:46:18.9 +0800", "2021-12-08T10:46", "2021-12-08T10:46Z"),
    *("2021-12-08,10:46", "2021-12-8", "2021-03-14 02:30:00", "2021-03-14 02:30", "2021-11-07 01:30"),
    *("2021-12-08T", "2021-342", "2021342 10:46", "2021-12-08 10:46 x y z", "Published 8 Dec 2021"),
    *("2023-01-29 18:30:22 2023 -0800", "2021-12-08 (updated)", "2021_12_08", "the 8th of December, 2021 at 10h"),
    *("2021-03-28 02:30", "2021-10-31 02:30", "2018-11-04", "1969-12-31 23:59:59", "1900-01-01"),
)
# Ruby fills what these lack from the current time, or passes over what it does not know.
NO_DATES = (
    *("today", "Monday", "10", "+0800", "2021年12月8日", "~", "2021-12", "2021"),
    *("1638960378", "10:46", "0000-01-01 00:00:00", "10000-01-01", "9999-12-31T23:59:59-12:00", ""),
    *("12-08", "--12-08", "Dec 8", "8 December 10:46", "2021-W49-3", "Monday 10:46"),
)
_READ_DATES = """
require 'time'; require 'date'; require 'psych'
questions = JSON.parse(STDIN.read)
answers = questions.map do |zone, text, plain|
  ENV['TZ'] = zone
  begin
    value = plain ? Psych.safe_load("a: " + text, permitted_classes: [Date, Time])['a'] : text
    Time.parse(value.to_s).localtime.to_i
  rescue ArgumentError, Psych::Exception
    nil
  end
end
puts JSON.dump(answers)
"""


def test_dates_are_read_as_ruby_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "America/Sao_Paulo")
    questions = [(zone, text, plain) for zone in zones for text in DATES for plain in (True, False)]
    answers = ask_ruby(_READ_DATES, questions)
    for machine in ZONES:
        with machine_zone(monkeypatch, machine):
            read = [read_date(text, plain=plain, zone=ZoneInfo(zone)) for zone, text, plain in questions]
            ours = [None if moment is None else moment.instant.timestamp() for moment in read]
            assert dict(zip(questions, ours, strict=True)) == dict(zip(questions, answers, strict=True))


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("text", NO_DATES)
def test_what_ruby_would_have_to_guess_is_no_date(text: str, plain: bool) -> None:
    assert read_date(text, plain=plain, zone=ZoneInfo("Asia/Shanghai")) is None


_NORMALISE = """
require 'jekyll'
puts JSON.dump(JSON.parse(STDIN.read).map { |text|
  [Jekyll::URL.escape_path(text), Addressable::URI.parse("https://example.org/" + text).normalize.to_s,
   Jekyll::Utils.slugify(text), Jekyll::Utils.slugify(text, mode: "pretty", cased: true)] })
"""
ODD_TEXTS = [
    *(
        "plain",
        "a b",
        "a·b",
        "中文／全角",
        "ﬁne①㉑",
        "100%",
        "%25",
        "%zz",
        "%E4%B8%AD",
        "%2F%2f",
        "%2e%2e/x",
        "a/../b",
        "a/./b",
    ),
    *(
        "what?",
        "a?b&c=d%2Be+f",
        "c#d",
        "q'uo\"te",
        "[x]",
        "{y}",
        "a^b`c|d",
        "a\\b",
        "~t_u-v.w",
        "é",
        "e\u0301",
        "ＡＢＣ",
    ),
    *("K\u212a", "x²", "Ⅻ", "٣", "a--b", "-a-", "--a--", "a&b+c,d;e=f", "𝐀", "한글", "\u00a0x", "ß", "İ", "a!b$c(d)*"),
]


def test_paths_and_slugs_are_made_as_jekyll_makes_them() -> None:
    urls = UrlMaker(JekyllConfig(url="https://example.org"))
    ours = [
        [
            escape_path(text),
            "https://example.org" + urls.normal("/" + text),
            slugify(text).lower(),
            slugify(text, pretty=True),
        ]
        for text in ODD_TEXTS
    ]
    theirs = ask_ruby(_NORMALISE, ODD_TEXTS)
    assert dict(zip(ODD_TEXTS, ours, strict=True)) == dict(zip(ODD_TEXTS, theirs, strict=True))
