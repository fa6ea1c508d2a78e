"""Which files are posts, and what Liquid in them says of the site, is what the real Jekyll takes them for."""

import os
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from feeds.model import Draft, Quarantined, Reading
from feeds.sources.jekyll.site import open_site
from feeds.sources.site import OpenSite, Overrides, ReadingOptions
from feeds.sources.walk import FoundFile, Walk
from tests.support.jekyll import ask_ruby, build, read_atom, write_site

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POST = "---\ntitle: T\n---\nText.\n"

FILTERED_CONFIG = """
title: Filtered
url: https://example.org
markdown_ext: "md,MDown"
show_drafts: true
timezone: UTC
include: [_kept, .dotted, "*.special.md", "_posts/never", "saved/inside"]
exclude: ["old*", /top, "news/*/x", "*.off.md", drafts/, saved, "_posts/[ab]*.htm", "no?", "_kept/out/"]
"""
FILTERED = (
    *("_posts/2021-12-08-plain.md", "_posts/2021-12-08-text.txt", "_posts/2021-12-08-other.MDOWN"),
    *("_posts/2021-12-08-not-markdown.markdown", "_posts/2021-12-08-page.htm", "_posts/2021-12-08-page.HTML"),
    *("_posts/2021-12-08-table.csv", "_posts/2021-12-08-no-extension"),
    *("_posts/2021-12-08-data.yml", "_posts/notes.txt", "_posts/2021-12-08-feed.xml", "_posts/2021-12-08-x.tar.md"),
    *("_posts/2021-12-08-x.off.md", "_posts/.2021-12-08-x.special.md", "_posts/_2021-12-08-x.special.md"),
    *("_posts/a-2021-12-08-page.htm", "_posts/2021-12-08-a.htm", "_posts/old/2021-12-08-x.md"),
    *("old/_posts/2021-12-08-x.md", "older/_posts/2021-12-08-x.md", "top/_posts/2021-12-08-x.md"),
    *("topmost/_posts/2021-12-08-x.md", "news/a/x/_posts/2021-12-08-x.md", "news/a/xy/_posts/2021-12-08-x.md"),
    *("news/a/b/x/_posts/2021-12-08-x.md", "drafts/_posts/2021-12-08-x.md", "drafts2/_posts/2021-12-08-x.md"),
    *("saved/_posts/2021-12-08-x.md", "saved/inside/_posts/2021-12-08-x.md", "not/_posts/2021-12-08-x.md"),
    *("now/_posts/2021-12-08-x.md", "_kept/_posts/2021-12-08-x.md", "_kept/out/_posts/2021-12-08-x.md"),
    *("_kept/_lost/_posts/2021-12-08-x.md", ".dotted/_posts/2021-12-08-x.md", ".other/_posts/2021-12-08-x.md"),
    *("a/_kept/_posts/2021-12-08-x.md", "_posts/_kept/2021-12-08-x.md", "_posts/_lost/2021-12-08-x.md"),
    *("_posts/never/2021-12-08-x.md", "a/#b/_posts/2021-12-08-x.md", "a/b~/_posts/2021-12-08-x.md"),
    *("_drafts/idea.md", "_drafts/2021-12-08-dated.md", "_drafts/sub/text.txt", "news/_drafts/above.md"),
    *("_drafts/data.json", "_drafts/_hidden.md"),
)


def opened(site: Path, *, drafts: bool = False) -> OpenSite:
    return open_site(site, Overrides(), ReadingOptions(root=str(site), drafts=drafts))


def walked(site: Path, found: OpenSite) -> dict[str, Reading]:
    """Read what the folder source would read, and ask for each path alone as well."""
    reader = found.reader
    walk = Walk(str(site), wanted=reader.is_post_path, enter=reader.enters, follow_outside=False)
    paths = [entry.path for entry in walk.files() if isinstance(entry, FoundFile)]
    modified = datetime(2021, 6, 7, tzinfo=UTC)
    return {path: reader.read(path, (site / path).read_bytes(), modified, NOW) for path in paths}


def test_files_are_filtered_as_jekyll_filters_them(tmp_path: Path) -> None:
    site = tmp_path / "filtered"
    write_site(site, {**dict.fromkeys(FILTERED, POST), "_config.yml": FILTERED_CONFIG})
    for path in FILTERED:
        os.utime(site / path, (1_623_024_000, 1_623_024_000))
    built = build(site, tmp_path)
    readings = walked(site, opened(site))
    drafts = {path: found for path, found in readings.items() if isinstance(found, Draft)}
    theirs = {seen["path"]: (seen["id"], seen["url"], tuple(seen["categories"])) for seen in built.posts}
    assert {path: (d.entry_id, d.url, d.categories) for path, d in drafts.items()} == theirs
    assert len(theirs) > 20
    assert [path for path, found in readings.items() if isinstance(found, Quarantined)] == [
        "_posts/_2021-12-08-x.special.md"
    ]
    undated = {path for path, draft in drafts.items() if not draft.dated}
    assert undated == {path for path in drafts if "_drafts" in path and "2021" not in path}


@pytest.mark.parametrize(
    "config",
    [
        'markdown_ext: "markdown,mkd"',
        'markdown_ext: "mkd"\nexclude: ["*.md"]',
        'exclude: ["_posts/a.md", "**/*.md"]',
        'exclude: ["_posts/2000"]',
    ],
)
def test_posts_are_found_whatever_other_names_are_passed_over(tmp_path: Path, config: str) -> None:
    names = (
        "_posts/2021-12-08-a.markdown",
        "_posts/2021-12-08-b.md",
        "_posts/2021-12-08-c.mkd",
        "_posts/2000-01-01-d.md",
    )
    site = tmp_path / "found"
    write_site(site, {**dict.fromkeys(names, POST), "_config.yml": f"title: T\nurl: https://example.org\n{config}\n"})
    built = build(site, tmp_path)
    readings = walked(site, opened(site))
    drafts = {path: found.url for path, found in readings.items() if isinstance(found, Draft)}
    assert drafts == {seen["path"]: seen["url"] for seen in built.posts}
    assert drafts


def test_a_text_that_is_no_markdown_stays_text(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": "title: T\n"})
    body = opened(tmp_path).reader.body("_posts/2021-12-08-x.txt", b"---\n---\na < b & {{ 'c' | upcase }}\n\nd\n")
    assert body.html == "<pre>a &lt; b &amp; C\n\nd\n</pre>"


LINKED_CONFIG = """
title: Linked
url: https://example.org
baseurl: /base
timezone: Asia/Shanghai
permalink: /:categories/:year/:title/
collections: {guides: {output: true}, manuals: {output: true, permalink: "/m/:name/"}}
feed: {collections: [guides]}
"""
LINKED = {
    "_posts/2021-12-08-one.md": "---\ntitle: One\ndate: 2021-12-08 23:30 +0000\ncategories: [A B]\n---\nOne.\n",
    "news/_posts/2021-12-09-two.md": "---\ntitle: Two\npermalink: /fixed/\n---\nTwo.\n",
    "_posts/sub/2021-12-10-three.html": "---\ntitle: Three\n---\nThree.\n",
    "_guides/guide.md": "---\ntitle: Guide\ndate: 2021-01-01\n---\n{% post_url 2021-12-08-one %} {{ page.path }}\n",
    "_manuals/the Manual.md": "---\ntitle: Manual\n---\nManual.\n",
    "pages/about.md": "---\ntitle: About\n---\nAbout.\n",
    "pages/index.html": "---\n---\nIndex.\n",
    "pages/own.md": "---\npermalink: /my/own/\n---\nOwn.\n",
    "files/a b.pdf": "%PDF",
    "_includes/box.html": "<b>{{ include.text }} of {{ site.title }}</b>",
    "_data/people.yml": "- {name: Ann}\n- {name: Bob}\n",
    "_posts/2022-01-01-links.md": """---
title: Links
tags: [x, y]
colour: red
---
{% post_url 2021-12-08-one %} {% post_url news/2021-12-09-two %} {% post_url /sub/2021-12-10-three %}
{% post_url 2021-12-09-two %} {% link _posts/2021-12-08-one.md %} {% link _guides/guide.md %} {% link pages/about.md %}
{% link pages/index.html %} {% link pages/own.md %} {% link files/a b.pdf %} {% link _manuals/the Manual.md %}
{{ site.baseurl }} {{ site.url }}

{{ page.url }} {{ page.id }} {{ page.date | date: "%Y-%m-%d %H:%M" }} {{ page.title }} {{ page.tags | join: "," }}
{{ page.path }} {{ page.slug }} {{ page.colour }} {{ page.collection }} {{ page.name }} {{ page.ext }} {{ page.draft }}
{% include box.html text="The end" %} {% for p in site.data.people %}{{ p.name }} {% endfor %}
{{ "/x.png" | relative_url }} {{ "/x.png" | absolute_url }}

{% for p in site.posts %}{{ p.title }}: {{ p.url }} {{ p.date | date: "%F" }}; {% endfor %}
""",
}


def words(html: str | None) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html or "")).split())


def test_liquid_sees_the_site_as_in_jekyll(tmp_path: Path) -> None:
    site = tmp_path / "linked"
    write_site(site, {**LINKED, "_config.yml": LINKED_CONFIG})
    build(site, tmp_path)
    found = opened(site)
    entries = [*read_atom(tmp_path / "out/feed.xml"), *read_atom(tmp_path / "out/feed/guides.xml")]
    theirs = {entry.id: words(entry.content) for entry in entries}
    ours = {}
    for path, reading in walked(site, found).items():
        assert isinstance(reading, Draft)
        body = found.reader.body(path, (site / path).read_bytes())
        assert body.notices == ()
        ours[reading.entry_id] = words(body.html)
    assert ours == theirs
    assert len(ours) == 5


def test_a_post_that_came_later_is_found(tmp_path: Path) -> None:
    write_site(tmp_path, {**LINKED, "_config.yml": LINKED_CONFIG})
    reader = opened(tmp_path).reader
    raw = b"---\n---\n{% post_url 2023-01-01-new %}\n"
    assert reader.body("_posts/2022-01-02-x.md", raw).notices
    write_site(tmp_path, {"news/_posts/2023-01-01-new.md": POST})
    body = reader.body("_posts/2022-01-02-x.md", raw)
    assert (words(body.html), body.notices) == ("/base/news/2023/new/", ())


def test_what_a_template_says_counts_for_the_posts_that_hold_liquid(tmp_path: Path) -> None:
    write_site(tmp_path, {**LINKED, "_config.yml": LINKED_CONFIG})
    before = opened(tmp_path)
    (tmp_path / "_includes/box.html").write_text("<i>other</i>")
    after = opened(tmp_path)
    assert before.reader.fingerprint != after.reader.fingerprint
    assert {"_includes", "_includes/box.html", "_data/people.yml", "_config.yml"} <= set(after.profile.files)
    changed = set()
    first, second = walked(tmp_path, before), walked(tmp_path, after)
    for path, one in first.items():
        other = second[path]
        assert isinstance(one, Draft)
        assert isinstance(other, Draft)
        if one.meaning_hash != other.meaning_hash:
            changed.add(path)
    assert changed == {"_posts/2022-01-01-links.md", "_guides/guide.md"}


_HOSTS = """
require 'addressable'
puts JSON.dump(JSON.parse(STDIN.read).map { |text| Addressable::URI.parse(text + "/x").normalize.to_s })
"""


def test_hosts_are_written_as_jekyll_writes_them(tmp_path: Path) -> None:
    hosts = ["https://MÜNCHEN.example", "http://例子.测试:80", "https://bücher.example:8443", "https://Ａ.example"]
    hosts += [
        "https://faß.example",
        "HTTP://Example.ORG:8080",
        "https://xn--mnchen-3ya.example",
        "https://ελ.example/p",
    ]
    ours = []
    for host in hosts:
        write_site(tmp_path, {"_config.yml": f"url: {host}\n"})
        ours.append(opened(tmp_path).profile.feed_sets[0].home_url + "x")
    assert dict(zip(hosts, ours, strict=True)) == dict(zip(hosts, ask_ruby(_HOSTS, hosts), strict=True))
