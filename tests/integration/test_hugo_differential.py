"""What we read in a Hugo site's files is what the real Hugo reads in them."""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml.html import fromstring

from feeds.model import Draft, Quarantined, Reading
from feeds.sources.hugo.site import open_site
from feeds.sources.site import Overrides, ReadingOptions
from tests.support.hugo import Built, build
from tests.support.jekyll import write_site

NOW = datetime.now(UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00Z"


def read_site(site: Path) -> dict[str, Reading]:
    """Read every post of a site, by its path."""
    opened = open_site(site, Overrides(), ReadingOptions(root=str(site)))
    readings: dict[str, Reading] = {}
    waiting = [""]
    while waiting:
        for place in sorted((site / waiting.pop()).iterdir()):
            path = place.relative_to(site).as_posix()
            if place.is_dir():
                if opened.reader.enters(path):
                    waiting.append(path)
            elif opened.reader.is_post_path(path):
                readings[path] = opened.reader.read(path, place.read_bytes(), EPOCH, NOW)
    return readings


def drafts_of(readings: Mapping[str, Reading]) -> dict[str, Draft]:
    return {path: reading for path, reading in readings.items() if isinstance(reading, Draft)}


def told(draft: Draft) -> tuple[object, ...]:
    """What both must agree on."""
    published = draft.published if draft.dated else None
    return (
        *(draft.entry_id, draft.url, published, draft.feed_set, draft.language, draft.expires),
        *(compared(draft.categories), compared(draft.tags)),
    )


def compared(terms: Iterable[str]) -> set[str]:
    """Hugo shows one of the ways in which a term is written, we all of them."""
    return {term.lower().replace(" ", "-") for term in terms}


def told_by_hugo(post: Mapping[str, Any], default: str) -> tuple[object, ...]:
    published = post["publish"] if post["publish"] != NEVER else post["date"]
    terms = post["terms"]
    ours = ("categories", "author", "authors")
    others = [term for taxonomy, found in terms.items() if taxonomy not in ours for term in found]
    return (
        *(post["permalink"], post["permalink"], moment(published)),
        *("" if post["language"] == default else post["language"], post["locale"], moment(post["expiry"])),
        *(compared(terms.get("categories", [])), compared(others)),
    )


def moment(text: str) -> datetime | None:
    return None if text == NEVER else datetime.fromisoformat(text).astimezone(UTC)


def assert_same(site: Path, built: Built, default: str = "en") -> None:
    ours = {path: told(draft) for path, draft in drafts_of(read_site(site)).items()}
    assert ours == {post["file"]: told_by_hugo(post, default) for post in built.posts}


SUMMARIES = (
    "A plain one, that is all. And (more) of it",
    "*A* **b** `c` [d](/e) &#46; it's -- 'q' ... <b>raw</b> https://example.org/a a_b_c",
    "# Head\n\nOne\n\ntwo",
    "1. list",
    ":smile: and a&b",
    "www.example.org 中文，“引”",
)


def test_a_summary_in_front_matter_is_markdown(tmp_path: Path) -> None:
    fronts = {f"content/p{i}.md": post(f"title: A\nsummary: {json.dumps(said)}") for i, said in enumerate(SUMMARIES)}
    config = "enableEmoji = true\n[markup.goldmark.renderer]\nunsafe = true\n"
    site = site_with(tmp_path, config, fronts)
    theirs = {post["file"]: fromstring(f"<div>{post['summary']}</div>") for post in build(site, tmp_path).posts}
    ours = {path: draft.summary for path, draft in drafts_of(read_site(site)).items()}
    assert ours == {path: " ".join(" ".join(shown.itertext()).split()) for path, shown in theirs.items()}


def post(front: str) -> str:
    return f"---\n{front}\n---\nText.\n"


def site_with(folder: Path, config: str, files: Mapping[str, str]) -> Path:
    write_site(folder / "site", {"hugo.toml": BASE + config, **files})
    return folder / "site"


BASE = "baseURL = 'https://example.org/blog'\nbuildFuture = true\ntitle = 'T'\n"
SECURITY = "[security]\nallowContent = ['.*']\n"
DAY = "date: 2021-01-02"
HARD = {
    "posts/a.md": post("title: A\ndate: 2021-01-02\ntags: [x, Y z]\ncategories: News"),
    "posts/terms.md": post("title: A\ntags: a b\ncategories: [no, 'x y', 3]\nseries: s"),
    "posts/params.md": post("title: A\ntags: [a]\nparams:\n  tags: [p]\n  author: X"),
    "posts/Some Name.md": post(f"title: A\n{DAY}"),
    "posts/slug.md": post("title: A\nslug: My Slug's é #1 100% C++ ?x&y"),
    "posts/hash#tag.md": post("title: A"),
    "posts/q?a.md": post("title: A"),
    "posts/per%20cent.md": post("title: A"),
    "posts/per%cent.md": post("title: A"),
    "posts/plus+a.md": post("title: A"),
    "posts/a&b;c,d(e)!.md": post("title: A"),
    "posts/中文 名字.md": post("title: A"),
    "posts/ÀÉ İΣς.md": post("title: A"),
    "posts/v1.2.3.md": post("title: A"),
    "posts/~tilde.md": post("title: A"),
    "posts/trailing~.md": post("title: A"),
    "posts/tilde.md~": post("title: A"),
    "posts/#x.md": post("title: A"),
    "posts/.x.md": post("title: A"),
    "posts/.hidden/x.md": post("title: A"),
    "posts/a--b - c.md": post("title: A"),
    "posts/_under.md": post("title: A"),
    "posts/-dash-.md": post("title: A"),
    "posts/upper.MD": post("title: A"),
    "posts/Index Two.md": post("title: A"),
    "posts/bundle/index.md": post("title: A"),
    "posts/bundle/other.md": post("title: A"),
    "posts/bundle/deep/x.md": post("title: A"),
    "posts/Bundle Two/index.md": post("title: A\nslug: two"),
    "posts/capital/INDEX.md": post("title: A"),
    "posts/capital/other.md": post("title: A"),
    "posts/sec/_index.md": post("title: A"),
    "posts/sec/x.md": post("title: A"),
    "posts/sec/both/_index.md": post("title: A"),
    "posts/sec/both/index.md": post("title: A"),
    "posts/sec/both/x.md": post("title: A"),
    "posts/deep/er/x.md": post("title: A"),
    "called/_index.md": post("title: A\nslug: My Own/name"),
    "called/x.md": post("title: A"),
    "called/sub/_index.md": post("title: A\nslug: below-"),
    "called/sub/bundle/index.md": post("title: A"),
    "called/sub/plain/y.md": post("title: A\nslug: own"),
    "about.md": post("title: A"),
    "rootbundle/index.md": post("title: A"),
    "u1.md": post("title: A\nurl: /Fixed/Place/"),
    "u2.md": post("title: A\nurl: fixed/file.html"),
    "u3.md": post("title: A\nurl: /fixed/no-slash"),
    "u4.md": post("title: A\nurl: /中文/a b/"),
    "u5.md": post("title: A\nurl: /../../up/"),
    "u6.md": post("title: A\nurl: /q?a=b#c"),
    "u7.md": post("title: A\nurl: //evil.example/x/"),
    "u8.md": post("title: A\ndate: 2021-02-03\nurl: /:year/:slug/"),
    "u9.md": post("title: A\nurl: /foo/index.html"),
    "u10.md": post("title: A\nurl: /a.b/c"),
    "u11.md": post("title: A\nurl: /x%2Fy/%E4%B8%AD/"),
    "s1.md": post("title: A\nslug: index"),
    "s2.md": post("title: A\nslug: a/b c/"),
    "s3.md": post("title: A\nslug: --x--"),
    "s5.md": post("title: A\nslug: 42"),
    "no-front.md": "Just text\n",
    "empty.md": "",
    "empty-front.md": "---\n---\nx",
    "blank-before.md": "\n\n---\ntitle: A\ndate: 2021-01-01\n---\nx",
    "bom.md": "\ufeff---\ntitle: A\ndate: 2021-01-01\n---\nx",
    "crlf.md": "---\r\ntitle: A\r\ndate: 2021-01-01\r\n---\r\nx\r\n",
    "longer-rule.md": "---\ntitle: A\ndate: 2021-01-01\n----- x\ny",
    "toml.md": "+++\ntitle='A'\ndate=2021-01-01T10:00:00\ntags=['a']\n+++\nx",
    "toml2.md": "+++\ntitle='A'\ndate=2021-01-01\n[params]\nx=1\n+++\nx",
    "toml3.md": "+++\ntitle='A'\ndate=2021-01-01T10:00:00-05:00\n+++\nx",
    "json.md": '{"title":"A } \\" ","date":"2021-01-01","tags":["a","b"]}\n\nx',
    "case.md": post("Title: A\nDATE: 2021-01-01\nTags: [q]\nSlug: cased"),
    "draft.md": post("title: A\ndraft: true"),
    "draft2.md": post("title: A\ndraft: 'true'"),
    "draft3.md": post("title: A\ndraft: yes"),
    "draft4.md": post("title: A\ndraft: 1"),
    "unpublished.md": post("title: A\npublished: false\ndate: 2021-01-02\npublishDate: 2021-01-02"),
    "expired.md": post("title: A\nexpiryDate: 2001-01-01"),
    "expires.md": post("title: A\nexpiryDate: 2101-01-01"),
    "unpub.md": post("title: A\nunpublishdate: 2101-01-01"),
    "pub.md": post("title: A\ndate: 2021-01-01\npublishDate: 2020-01-01"),
    "pubdate.md": post("title: A\npubdate: 2020-01-01"),
    "lastmod.md": post("title: A\nlastmod: 2020-01-01"),
    "modified.md": post("title: A\nmodified: 2020-01-01"),
    "headless.md": post("title: A\nheadless: true"),
    "b1.md": post("title: A\nbuild: {render: never}"),
    "b2.md": post("title: A\nbuild: {render: link}"),
    "b3.md": post("title: A\nbuild: {list: never}"),
    "b4.md": post("title: A\nbuild: {list: local}"),
    "b5.md": post("title: A\nbuild: {render: false}"),
    "b6.md": post("title: A\nbuild: {list: false}"),
    "page.html": post("title: A"),
    "page2.htm": "<p>x",
    "page3.mdown": "x",
    "org.org": "#+title: Org\n#+date: <2021-01-02 Sat>\n#+tags[]: a b\n\n* x\n",
    "data.json": "{}",
    "x.txt": "x",
}


def test_hard_pages_are_read_as_hugo_reads_them(tmp_path: Path) -> None:
    site = site_with(tmp_path, SECURITY, {f"content/{path}": text for path, text in HARD.items()})
    built = build(site, tmp_path)
    # A page that is not rendered has no address: Hugo lists it, a feed has no use for it.
    kept = [post for post in built.posts if post["permalink"]]
    assert len(kept) > 65
    assert_same(site, Built(posts=kept, log=built.log))


NAMED = {
    "posts/a.md": post("title: \"The Title, 'q' é\"\ndate: 2021-01-02T23:30:00-05:00\ntags: [x, Y z]"),
    "posts/Some Näme.md": post(f"title: 'C++ & Go 100%'\n{DAY}"),
    "posts/slash.md": post(f"title: 'C#/x y'\n{DAY}"),
    "posts/sharp.md": post(f"title: 'C++ & C#'\n{DAY}"),
    "posts/sharps.md": post(f"title: 'x##'\n{DAY}"),
    "posts/end.md": post(f"title: 'Trailing/'\n{DAY}"),
    "posts/slashes.md": post(f"title: A\nslug: s/t u\n{DAY}"),
    "posts/sl.md": post("title: A\nslug: My SLÜG\ndate: 2021-11-12T03:04:05Z"),
    "posts/late.md": post("title: Late\ndate: 2021-11-12 23:04:05\nseries: [one]"),
    "posts/2020-02-03-named.md": post("title: From name"),
    "posts/2020-02-03-04-05-06_named.md": post("title: From name\ndate: 2021-01-01"),
    "posts/2020-02-04.md": post("title: From name\nslug: own"),
    "posts/nodate.md": post("title: No Date"),
    "posts/notitle.md": post(DAY),
    "posts/B One/index.md": post(f"title: Bundle\n{DAY}"),
    "posts/Sub Sec/_index.md": post("title: Sub Title\nslug: subslug"),
    "posts/Sub Sec/x.md": post(f"title: X\n{DAY}"),
    "posts/Sub Sec/no/y.md": post(f"title: Y\n{DAY}"),
    "posts/Sub Sec/third/_index.md": post("title: Third One"),
    "posts/Sub Sec/third/z.md": post(f"title: Z\n{DAY}"),
    "posts/Sub Sec/third/bun/index.md": post(f"title: Bun\n{DAY}"),
    "posts/nosec/w.md": post(f"title: W\n{DAY}"),
    "about.md": post(f"title: A b\n{DAY}"),
    "top/index.md": post(f"title: Top B\n{DAY}"),
    "News/v1.2.md": post(f"title: N\n{DAY}"),
    "own.md": post(f"title: N\n{DAY}\nurl: /x/:sections/:slug/"),
    "index2/slugindex.md": post(f"title: N\n{DAY}\nslug: index"),
}


@pytest.mark.parametrize(
    "config",
    [
        "uglyURLs = true\n",
        "[uglyURLs]\nposts = true\n",
        "disablePathToLower = true\n",
        "removePathAccents = true\n",
        "[permalinks]\nposts = '/:year/:month/:day/:slug/'\n",
        "[permalinks]\nposts = '/:monthname/:weekday/:weekdayname/:yearday/:title'\nnews = '/n/:filename/'\n"
        "'/' = '/root/:contentbasename/'\n",
        "[permalinks.page]\nposts = '/:sections/:slugorfilename/'\n[permalinks.section]\nposts = '/s/'\n",
        "[permalinks]\nposts = '/:section/:sections[1]/:sections[1:]/:sections[last]/:sections[:last]/"
        ":slugorcontentbasename'\n",
        "[permalinks]\nposts = '/:2006/:01-02/:Jan/:_2/:slug.html'\n",
        "[permalinks]\nposts = '/p\\:x/:filename'\n",
        "uglyURLs = true\n[permalinks]\nposts = '/:year/:filename'\n",
        "[permalinks]\nposts = '/:sectionslug/:sectionslugs/:sectionslugs[1:]/:filename'\n",
        "[[permalinks]]\npattern = '/sub/:slug/'\n[permalinks.target]\npath = '/posts/sub-sec/**'\n"
        "[[permalinks]]\npattern = '/all/:filename/'\n[permalinks.target]\nkind = 'page'\n"
        "path = '{/posts/**,/news/*}'\n",
        "disablePathToLower = true\n[permalinks]\nposts = '/:section/:sections/:title/'\n",
        "timeZone = 'Asia/Shanghai'\n[permalinks]\nposts = '/:year/:month/:day/:filename/'\n",
        "[frontmatter]\ndate = [':filename', ':default']\n",
        "[frontmatter]\ndate = ['other', ':default', ':filename']\npublishDate = ['date']\n",
        "disableKinds = ['page']\n",
        "ignoreFiles = ['/Sub', 'about\\.md$']\n",
        "[taxonomies]\nseries = 'series'\ntag = 'tags'\n",
        "defaultContentLanguage = 'de'\ndefaultContentLanguageInSubdir = true\nlocale = 'de-CH'\n",
    ],
)
def test_a_sites_settings_are_obeyed_as_hugo_obeys_them(tmp_path: Path, config: str) -> None:
    site = site_with(tmp_path, config, {f"content/{path}": text for path, text in NAMED.items()})
    assert_same(site, build(site, tmp_path), "de" if "'de'" in config else "en")


DATES = (
    *("2021-12-08", "2021-12-08T10:46:18", "2021-12-08 10:46:18", "2021-12-08T10:46:18Z", "2021-12-08T10:46:18+08:00"),
    *("2021-12-08T10:46:18+0800", "2021-12-08 10:46:18 +0800", "2021-12-08 10:46:18 +08:00"),
    *("2021-12-08 10:46:18+08:00", "2021-12-08 10:46:18+0800", "2021-12-08 10:46:18Z", "08 Dec 2021"),
    *("Wed, 08 Dec 2021 10:46:18 +0100", "Wed, 08 Dec 2021 10:46:18 MST", "08 Dec 21 10:46 MST"),
    *("08 Dec 21 10:46 -0330", "Wednesday, 08-Dec-21 10:46:18 MST", "Wed Dec  8 10:46:18 2021"),
    *("Wed Dec  8 10:46:18 CEST 2021", "Wed Dec 08 10:46:18 -0700 2021", "2021-12-08 10:46:18.123456 +0100 CET"),
    *("2021-12-08T10:46:18.123Z", "2021-12-08T10:46:18.5", "2021-12-08T9:46:18Z", "2021-12-08 9:46:18"),
    *("Fri, 08 Dec 2021 10:46:18 +0100", "wed, 08 dec 2021 10:46:18 +0100", "2021-12-08T10:46:18,5Z", "0001-01-01"),
    *("2021-03-14 02:30:00", "2021-11-07 01:30:00", "1969-01-01", "1638960378", "-1638960378", ""),
)
NO_DATES = (
    *("2021-12-08 10:46", "2021-12-08T10:46", "2021-12-08T10:46Z", "2021-1-8", "2021/12/08", "2021-02-30", "2021-12"),
    *("2021-12-08T24:00:00Z", "2021-12-08 10:46:18 UTC", "2021-12-08t10:46:18z", "2021-12-08T10:46:60Z", "soon"),
    *("2021-12-08T10:46:18+99:99", "Wed, 8 Dec 2021 10:46:18 +0100", "2021-12-08 10:46:18 PM", "Dec 8, 2021"),
    *("8 Dec 2021", "true", "1e9", "1638960378.5", "[2021-12-08]"),
)


@pytest.mark.parametrize("zone", ["", "timeZone = 'America/New_York'\n"])
def test_dates_are_read_as_hugo_reads_them(tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = {
        f"content/q{i}.md": post(f"title: A\ndate: '{date}'") for i, date in enumerate(DATES) if "1638" not in date
    }
    files = {
        f"content/p{i}.md": post(f"title: A\ndate: {date}") for i, date in enumerate(DATES) if date != "0001-01-01"
    }
    site = site_with(tmp_path, zone, files | (quoted if not zone else {}))
    built = build(site, tmp_path, environment={"TZ": "Asia/Tokyo"})
    for machine in ("UTC", "America/New_York", "Asia/Tokyo"):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", machine)
            time.tzset()
            assert_same(site, built)
    time.tzset()


def test_what_hugo_refuses_as_a_date_is_quarantined(tmp_path: Path) -> None:
    files = {f"content/p{i:02}.md": post(f"title: A\ndate: {date}") for i, date in enumerate(NO_DATES)}
    site = site_with(tmp_path, "", files)
    log = build(site, tmp_path, may_fail=True).log
    for path, reading in read_site(site).items():
        assert f"not a parsable date: see {site / path}" in log
        assert isinstance(reading, Quarantined)
        assert (reading.code, reading.line) == ("unreadable-date", 3)


def test_cascades_are_handed_down_as_hugo_does(tmp_path: Path) -> None:
    config = (
        "[languages.en]\n[languages.de]\n[[cascade]]\ntags = ['site']\n[cascade.target]\npath = '/free/**'\n"
        "[[cascade]]\n[cascade.params]\ntags = ['german']\n[cascade.target.sites.matrix]\nlanguages = ['de']\n"
    )
    nested = (
        "title: A\ncascade:\n  - {slug: fixed, target: {path: '/a/{x,y}*'}}\n  - {tags: [near], build: {list: always}}"
    )
    site = site_with(
        tmp_path,
        config,
        {
            "content/_index.md": post("title: Home\ncascade: {categories: [all], date: 2019-01-01}"),
            "content/a/_index.md": post(nested),
            "content/a/_index.de.md": post("title: A\ncascade: {draft: true, target: {kind: page, path: '**/x*'}}"),
            "content/a/xx.md": post("title: A"),
            "content/a/xx.de.md": post("title: A"),
            "content/a/z.md": post(f"title: A\n{DAY}\ntags: []"),
            "content/a/z.de.md": post("title: A\ncategories: [own]"),
            "content/a/deep/er/z.md": post("title: A"),
            "content/a/deep/_index.md": post("title: A\ncascade: {params: {tags: [deep]}, build: {render: link}}"),
            "content/a/bundle/index.md": post("title: A\ncascade: {tags: [self]}"),
            "content/hid/_index.md": post("title: A\ncascade: {build: {list: never}}"),
            "content/hid/z.md": post("title: A"),
            "content/hid/shown.md": post("title: A\nbuild: {list: always}"),
            "content/env/_index.md": post("title: A\ncascade: {tags: [dev], target: {environment: development}}"),
            "content/env/z.md": post("title: A"),
            "content/sections/_index.md": post("title: A\ncascade: {tags: [no], slug: no, target: {kind: section}}"),
            "content/sections/z.md": post("title: A"),
            "content/free/z.md": post("title: A"),
            "content/free/z.de.md": post("title: A"),
        },
    )
    built = build(site, tmp_path)
    assert len(built.posts) == 10
    assert_same(site, built)
