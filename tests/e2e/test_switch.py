"""A Jekyll site moves from jekyll-feed to Feedbell: no subscriber sees an old post as new, and all see the next one."""

from pathlib import Path

from tests.support.jekyll import run_jekyll, write_site
from tests.support.program import Program
from tests.support.readers import Feedparser, Host, Newsboat, Rss2Email

CONFIG = """
title: The switch
url: "{url}"
baseurl: ""
timezone: Europe/Berlin
author: Ada
plugins: [jekyll-feed]
feed:
  posts_limit: 12
  categories: [news, Wirtschaft und Geld]
  tags: true
  collections:
    changes:
      path: "/changes.xml"
      categories: [big]
collections:
  changes: {{output: true}}
"""
FEEDS = ("/feed.xml", "/feed/news.xml", "/feed/Wirtschaft%20und%20Geld.xml", "/feed/by_tag/fast.xml",
         "/changes.xml", "/feed/changes/big.xml")  # fmt: skip


def post(number: int, front: str = "") -> str:
    return f"---\ntitle: Post {number} & more\n{front}---\nText of *{number}*.\n"


def site_files(url: str) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {"_config.yml": CONFIG.format(url=url)}
    for number in range(20):
        kind = ("category: news\ntags: [fast]\n", "categories: [Wirtschaft und Geld]\n", "tags: [中文, fast]\n")[
            number % 3
        ]
        # Three of a day: the oldest feed entry is one of several of its time.
        files[f"_posts/2024-05-{number // 3 + 1:02d}-post-{number}.md"] = post(number, kind)
    files["_posts/2024-05-21-über den Fluss.md"] = post(21, "category: news\ndate: 2024-05-21 10:00:00 +0800\n")
    files["_changes/one.md"] = "---\ntitle: One\ncategory: big\ndate: 2024-04-01\n---\nOne.\n"
    files["_changes/two.md"] = "---\ntitle: Two\ndate: 2024-04-02 12:00:00\n---\nTwo.\n"
    return files


def test_no_reader_sees_an_old_post_as_new(tmp_path: Path, program: Program) -> None:
    host = Host()
    with host.serving() as url:
        site, built, out = tmp_path / "site", tmp_path / "built", tmp_path / "out"
        write_site(site, site_files(url))
        run_jekyll(site, built)
        host.folder = built
        urls = [url + path for path in FEEDS]
        readers = (Feedparser(urls), Newsboat(tmp_path / "newsboat", urls), Rss2Email(tmp_path / "rss2email", urls))
        before = [reader.poll() for reader in readers]
        assert all(number >= 14 for number in before), before
        assert [reader.poll() for reader in readers] == [0, 0, 0]

        assert program.call("--site", site, "--out", out, "once", cwd=tmp_path).code == 0
        host.folder = out
        assert [reader.poll() for reader in readers] == [0, 0, 0]

        write_site(site, {"_posts/2024-06-01-next.md": post(99, "category: news\ntags: [fast]\n")})
        assert program.call("--site", site, "--out", out, "once", cwd=tmp_path).code == 0
        # In the feed of the site, of its category and of its tag.
        assert [reader.poll() for reader in readers] == [3, 1, 3]
