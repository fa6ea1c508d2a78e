"""What a Hugo site says of itself, and the mistakes in its configuration."""

import os
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from feeds.model import Author, Taxonomy
from feeds.sources.hugo.site import open_site, recognise
from feeds.sources.site import OpenSite, Overrides, ReadingOptions
from tests.support.jekyll import write_site

TWO = """\
baseURL = "https://example.org/blog"
title = "Site"
timeZone = "Asia/Shanghai"
locale = "en-GB"
defaultContentLanguage = "en"
[params]
description = "All of it"
[params.author]
name = "Ann"
email = "ann@example.org"
[languages.de]
title = "Seite"
weight = 1
[languages.de.params]
description = "Alles"
[languages.en]
weight = 2
"""


def opened(root: Path, overrides: Overrides | None = None, content: str | None = None) -> OpenSite:
    return open_site(root, overrides or Overrides(), ReadingOptions(root=str(root), content=content))


def test_each_language_has_a_set_of_feeds_and_the_default_one_comes_first(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": TWO})
    profile = opened(tmp_path).profile
    assert (profile.generator, profile.timezone) == ("Hugo", "Asia/Shanghai")
    assert profile.author == Author(name="Ann", email="ann@example.org")
    assert [(f.name, f.title, f.description, f.language, f.home_url) for f in profile.feed_sets] == [
        ("", "Site", "All of it", "en-GB", "https://example.org/blog/"),
        ("de", "Seite", "Alles", "de", "https://example.org/blog/de/"),
    ]
    assert {"hugo.toml", "hugo.yaml", "config.toml", "config/_default/hugo.toml"} <= set(profile.files)


def test_what_the_owner_says_comes_first(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": TWO})
    said = Overrides(title="Mine", url="https://other.example", language="fr", timezone="UTC", author="Bob")
    profile = opened(tmp_path, said).profile
    assert (profile.timezone, profile.author) == ("UTC", Author(name="Bob"))
    assert [(f.title, f.language, f.home_url) for f in profile.feed_sets] == [
        ("Mine", "fr", "https://other.example/"),
        ("Seite", "de", "https://other.example/de/"),
    ]


@pytest.mark.parametrize("base", ["", "baseURL = '/'\n", "baseURL = 'blog/'\n"])
def test_a_site_without_an_address_has_no_home(tmp_path: Path, base: str) -> None:
    write_site(tmp_path, {"hugo.toml": base})
    assert opened(tmp_path).profile.feed_sets[0].home_url == ""


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"hugo.toml": "title = 'a'\nbase = [\n"}, r"hugo\.toml, line \d, column \d"),
        ({"hugo.yaml": "title: a\n\tb: c\n"}, r"hugo\.yaml, line 2, column 1: .*Mend that line"),
        ({"hugo.json": '{"title": }'}, r"hugo\.json, line 1, column 11"),
        ({"hugo.yaml": "- a\n- b\n"}, r"hugo\.yaml, line 1"),
        ({"hugo.toml": "timeZone = 'Mars/Base'\n"}, r"hugo\.toml: timeZone: 'Mars/Base' is no known time zone"),
        ({"hugo.toml": "[permalinks]\nposts = '/:nope/'\n"}, r"hugo\.toml: permalinks: .*:nope"),
        ({"hugo.toml": "defaultContentLanguage = 'fr'\n[languages.en]\n"}, "'fr' is none of the languages"),
        ({"hugo.toml": "[languages.en]\ndisabled = true\n"}, "all of them are disabled"),
        ({"hugo.toml": "ignoreFiles = ['(']\n"}, r"ignoreFiles: '\('"),
        ({"hugo.toml": "baseURL = 'ftp://example.org/'\n"}, "baseURL: 'ftp://example.org/'"),
        ({"hugo.toml": "contentDir = '../elsewhere'\n"}, r"hugo\.toml: its content \(\.\./elsewhere\) lies outside"),
        ({"hugo.json": '{"contentDir": "\\u0000x"}'}, r"hugo\.json: contentDir: '\\x00x' can be no path"),
        ({"hugo.json": '{"contentDir": "\\ud800x"}'}, r"hugo\.json: contentDir: '\\ud800x' can be no path"),
        ({"hugo.json": '{"theme": ["a", "\\u0000x"]}'}, r"hugo\.json: theme: '\\x00x' can be no path"),
        (
            {"hugo.json": '{"languages": {"en": {"contentDir": "\\u0000x"}}}'},
            r"hugo\.json: languages\.en\.contentDir: '\\x00x' can be no path",
        ),
        (
            {"hugo.json": '{"module": {"mounts": [{"source": "\\u0000x", "target": "content"}]}}'},
            r"hugo\.json: module\.mounts: source: '\\x00x' can be no path",
        ),
        ({"hugo.toml": "", "config/_default/params.toml": "x = \n"}, r"config/_default/params\.toml, line 1"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, files: dict[str, str], said: str) -> None:
    write_site(tmp_path, files)
    with pytest.raises(ConfigurationError, match=said):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"hugo.yml": "title: a\n"}, "hugo.yml says so"),
        ({"config/_default/config.toml": "title = 'a'\n"}, "config/_default/config.toml says so"),
        ({"config.toml": "baseURL = 'https://example.org/'\n", "content/a.md": "x"}, "config.toml says so"),
        ({"config.toml": "base_url = 'https://example.org/'\n", "content/a.md": "x"}, None),  # Zola's
        ({"config.toml": "baseURL = 'https://example.org/'\n"}, None),
        ({"config.json": "broken", "content/a.md": "x"}, None),
        ({"content/a.md": "x"}, None),
    ],
)
def test_a_hugo_site_is_recognised(tmp_path: Path, files: dict[str, str], because: str | None) -> None:
    write_site(tmp_path, files)
    assert recognise(tmp_path) == because


def test_hugos_own_feeds_keep_their_places(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": TWO + "[services.rss]\nlimit = 20\n"})
    feeds = opened(tmp_path).profile.inherited
    assert feeds is not None
    assert (feeds.format, feeds.count) == ("rss", 20)
    assert feeds.path("", Taxonomy.ALL, "") == "index.xml"
    assert feeds.path("de", Taxonomy.ALL, "") == "de/index.xml"
    assert feeds.path("", Taxonomy.CATEGORY, "My News") == "categories/my-news/index.xml"
    assert feeds.path("de", Taxonomy.TAG, "Go") == "de/tags/go/index.xml"
    assert feeds.path("", Taxonomy.AUTHOR, "Ann") is None


def test_a_site_without_rss_has_no_feeds_of_its_own(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": "disableKinds = ['rss']\n"})
    assert opened(tmp_path).profile.inherited is None


def test_the_content_folder_can_be_named(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": TWO, "content/a.md": "x", "posts/b.md": "x"})
    reader = opened(tmp_path, content="posts").reader
    assert (reader.is_post_path("posts/b.md"), reader.is_post_path("content/a.md")) == (True, False)
    assert (reader.enters("posts"), reader.enters("content")) == (True, False)


def test_a_pipe_in_place_of_a_page_holds_nobody_up(tmp_path: Path) -> None:
    write_site(
        tmp_path,
        {
            "hugo.toml": 'baseURL = "https://example.org/"\n',
            "content/posts/a.md": '---\ntitle: A\n---\n[x]({{< ref "pipe.md" >}})\n',
        },
    )
    os.mkfifo(tmp_path / "content/posts/_index.md")
    os.mkfifo(tmp_path / "content/posts/pipe.md")
    opened = open_site(tmp_path, Overrides(), ReadingOptions(root=str(tmp_path)))
    body = opened.reader.body("content/posts/a.md", (tmp_path / "content/posts/a.md").read_bytes())
    assert "x" in body.html


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)" * 40 + "$", r"(a|b|ab|\\)*$", "(?x)(a+) +$", ".*" * 40 + "!"])
def test_an_expression_that_could_take_for_ever_is_passed_over(tmp_path: Path, pattern: str) -> None:
    write_site(tmp_path, {"hugo.toml": f"ignoreFiles = ['{pattern}', 'draft.*md$']\n"})
    reader = opened(tmp_path).reader
    assert reader.is_post_path("content/" + "a" * 60 + "b.md")
    assert not reader.is_post_path("content/draft-one.md")


def test_names_that_no_file_can_have_are_of_no_folder(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": f"contentDir = '{'a' * 5000}'\ntheme = '{'b' * 5000}'\n", "content/a.md": "x"})
    assert not opened(tmp_path).reader.is_post_path("content/a.md")
