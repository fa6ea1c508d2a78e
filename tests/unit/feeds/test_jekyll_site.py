"""A Jekyll site is recognised and opened. What its feeds look like is compared with jekyll-feed elsewhere."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from feeds.model import Author
from feeds.sources.jekyll.authors import read_authors
from feeds.sources.jekyll.config import JekyllConfig, read_jekyll_config
from feeds.sources.jekyll.converters import kramdown_options
from feeds.sources.jekyll.excerpt import excerpt_of
from feeds.sources.jekyll.feed_keys import FeedOf, feed_paths, read_feed_keys
from feeds.sources.jekyll.site import open_site, recognise
from feeds.sources.site import OpenSite, Overrides, ReadingOptions
from feeds.yaml_text import Scalar, read_yaml


def written(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def opened(root: Path, **overrides: str) -> OpenSite:
    return open_site(root, Overrides(**overrides), ReadingOptions(root=str(root)))


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"_config.yml": ""}, "_config.yml says so"),
        ({"_config.toml": "", "_config.yaml": ""}, "_config.yaml says so"),
        ({"_posts/x.md": ""}, "the folder _posts says so"),
        ({"news/_posts/x.md": ""}, "the folder news/_posts says so"),
        ({"posts/x.md": ""}, None),
        ({"_config.yml": "", "source/_posts/x.md": "", "package.json": '{"dependencies": {"hexo": "^7"}}'}, None),
        ({"_config.yml": "", "source/_posts/x.md": "", "package.json": "{}"}, "_config.yml says so"),
    ],
)
def test_a_site_is_recognised_by_its_files(tmp_path: Path, files: Mapping[str, str], because: str | None) -> None:
    assert recognise(written(tmp_path, files)) == because


def test_a_site_without_an_address_has_no_home(tmp_path: Path) -> None:
    profile = opened(written(tmp_path, {"_posts/x.md": ""})).profile
    assert [(found.name, found.title, found.home_url) for found in profile.feed_sets] == [("", None, "")]


def test_toml_says_the_same_as_yaml(tmp_path: Path) -> None:
    profile = opened(written(tmp_path, {"_config.toml": 'title = "T"\nurl = "https://example.org"\n'})).profile
    assert (profile.feed_sets[0].title, profile.feed_sets[0].home_url) == ("T", "https://example.org/")


def test_what_the_owner_says_comes_first(tmp_path: Path) -> None:
    config = "title: T\nurl: https://example.org\nbaseurl: /old\ntimezone: Asia/Shanghai\nauthor: Site\n"
    written(tmp_path, {"_config.yml": config})
    said = {"title": "Own", "url": "https://other.example/new", "timezone": "UTC", "author": "Me"}
    profile = opened(tmp_path, **said).profile
    [feed_set] = profile.feed_sets
    assert (feed_set.title, feed_set.home_url) == ("Own", "https://other.example/new/")
    assert (profile.timezone, profile.author) == ("UTC", Author(name="Me"))


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({"_config.yml": "title: x\nurl: [a\n"}, ["_config.yml", "line 3"]),
        ({"_config.toml": "title = \n"}, ["_config.toml", "line 1"]),
        ({"_config.yml": "url: ftp://example.org\n"}, ["url", "https://example.org"]),
        ({"_config.yml": "permalink: /:nothing/\n"}, [":nothing"]),
        ({"_config.yml": "collections: {n: {permalink: '/:nothing/'}}\nfeed: {collections: [n]}\n"}, [":nothing"]),
    ],
)
def test_a_site_that_cannot_be_used_says_why(tmp_path: Path, files: Mapping[str, str], parts: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened(written(tmp_path, files))
    assert all(part in str(caught.value) for part in (str(tmp_path), *parts))


def test_the_files_that_count_are_the_sites_own(tmp_path: Path) -> None:
    outside = written(tmp_path / "outside", {"secret.yml": "a: 1\n"})
    site = written(tmp_path / "site", {"_config.yml": "data_dir: ../outside\n", "_includes/a.html": "x"})
    (site / "_includes/link.html").symlink_to(outside / "secret.yml")
    files = opened(site).profile.files
    assert {"_config.yml", "_config.yaml", "_includes", "_includes/a.html"} <= set(files)
    assert not any("secret" in path for path in files)


@pytest.mark.parametrize(
    ("data", "known"),
    [
        ({"authors.yml": "a: {name: Ann, email: a@b.c}\nb: Bob\nc: {email: c@d.e}\n"}, ["Ann", "Bob", "c"]),
        ({"authors.json": '{"a": {"name": "Ann"}}'}, ["Ann"]),
        ({"authors/a.yml": "name: Ann\n", "authors/b.json": '{"name": "Bob"}'}, ["Ann", "Bob"]),
        ({"authors.csv": "name\nAnn\n"}, []),
        ({"authors.yml": "- name: Ann\n"}, []),
        ({"authors.yml": "a: [broken\n"}, []),
        ({"authors.yml": "a: !!python/name:os.system x\n"}, []),
    ],
)
def test_authors_stand_in_data_files(tmp_path: Path, data: Mapping[str, str], known: list[str]) -> None:
    written(tmp_path, {f"_data/{path}": text for path, text in data.items()})
    assert [author.name for author in read_authors(tmp_path, JekyllConfig()).values()] == known


def test_authors_outside_the_site_are_not_read(tmp_path: Path) -> None:
    written(tmp_path, {"outside/authors.yml": "a: Ann\n", "site/_data/x.yml": ""})
    (tmp_path / "site/_data/authors.yml").symlink_to(tmp_path / "outside/authors.yml")
    assert read_authors(tmp_path / "site", JekyllConfig()) == {}
    assert read_authors(tmp_path / "site", read_jekyll_config("data_dir: ../outside\n")) == {}


def test_keys_that_jekyll_feed_could_not_use_count_as_missing() -> None:
    node = read_yaml("{posts_limit: many, tags: false, collections: [posts, 1, {a: b}], categories: {a: b}, path: [x]}")
    assert isinstance(node, dict)
    keys = read_feed_keys(node)
    assert (keys.posts_limit, keys.by_tag, keys.categories, keys.labels) == (10, False, (), ("1",))
    assert feed_paths(keys, ["t"]) == {FeedOf(): "feed.xml", FeedOf("1"): "feed/1.xml"}


def test_a_feed_shows_no_more_posts_than_the_site_has() -> None:
    assert read_jekyll_config("limit_posts: 5\n").feed.posts_limit == 5
    assert read_jekyll_config("limit_posts: 50\nfeed: {posts_limit: 20}\n").feed.posts_limit == 20


def test_kramdown_is_set_as_the_site_says() -> None:
    node = read_yaml(
        "{input: kramdown, hard_wrap: true, gfm_quirks: [no_auto_typographic], smart_quotes: 'apos,apos,quot,quot', "
        "toc_levels: 2..3, header_offset: 1, math_engine: ~, footnote_nr: 7, auto_ids: false, parse_span_html: no, "
        "typographic_symbols: {hellip: '...'}, link_defs: {Home: [/home, The home]}}"
    )
    assert isinstance(node, dict)
    options = kramdown_options(node)
    assert (options.gfm, options.hard_wrap, options.paragraph_end, options.typographic) == (False, True, False, False)
    assert (options.smart_quotes, options.toc_levels, options.header_offset) == ("apos,apos,quot,quot", (2, 3), 1)
    assert (options.mathjax, options.footnote_nr, options.auto_ids, options.parse_span_html) == (False, 7, False, False)
    assert options.typographic_symbols == {"hellip": "..."}
    assert options.link_defs == {"home": ("/home", "The home")}
    assert kramdown_options({"math_engine": Scalar("mathjax", True)}).mathjax


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("x [a]\n\n" + "[\n" * 1_000_000, 5),
        ("x [b]\n\n" + "[a]:b\n" * 300_000 + "[b]:c\n", 12),
        ("{%" * 1_000_000 + "\n\nx", 2_000_000),
        ("{% if %}" * 200_000 + "\n\nx", 1_600_012),
    ],
)
def test_an_excerpt_of_hostile_text_ends(text: str, length: int) -> None:
    # With time that grows with the square of the text, the test would not end.
    assert len(excerpt_of(text, "\n\n")) == length
