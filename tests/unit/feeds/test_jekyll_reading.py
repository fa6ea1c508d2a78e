"""One file as a Draft, or why it is none. What Jekyll itself says is compared in the differential test."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from feeds.model import Author, Draft, Hidden, Quarantined, Reading
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.reading import PostReader, first_text

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATH = "_posts/2021-12-08-name.md"
SITE = JekyllConfig(url="https://example.org", timezone="Asia/Shanghai", author=Author(name="Site"))


def read(content: str | bytes, path: str = PATH, **options: Any) -> Reading:
    raw = content if isinstance(content, bytes) else content.encode()
    return PostReader(SITE, **options).read(path, raw, NOW, NOW)


def draft(front: str, body: str = "Text.\n", path: str = PATH, **options: Any) -> Draft:
    reading = read(f"---\n{front}---\n{body}", path, **options)
    assert isinstance(reading, Draft), reading
    return reading


@pytest.mark.parametrize(
    ("content", "path", "code", "line"),
    [
        ("---\ndate:  +0800\n---\n", "_posts/-202205262391921712.md", "no-date-in-name", None),
        ("---\ndate:\n---\n", PATH, "unreadable-date", 2),
        ("---\ntitle: x\ndate: soon\n---\n", PATH, "unreadable-date", 3),
        ("---\ntitle: x\ndate: [1]\n---\n", PATH, "unreadable-date", 3),
        ("text", "_posts/2021-13-08-x.md", "unreadable-date", None),
        ("---\ntitle: x\n", PATH, "unclosed-front-matter", 1),
        ("---\ntitle: x\na: !y z\n---\n", PATH, "invalid-front-matter", 3),
        ("---\ntitle: x\npermalink: /:nothing/\n---\n", PATH, "unreadable-permalink", 3),
        ("---\ntitle: 新闻\n---\n".encode("gbk"), PATH, "not-utf-8", 2),
        ("---\ntitle: x\n---\n".encode("utf-16"), PATH, "not-utf-8", 1),
    ],
)
def test_what_cannot_be_read_is_quarantined(content: str | bytes, path: str, code: str, line: int | None) -> None:
    reading = read(content, path)
    assert isinstance(reading, Quarantined)
    assert (reading.path, reading.code, reading.line) == (path, code, line)
    assert reading.reason


def test_hidden_posts_say_why() -> None:
    assert isinstance(read("---\npublished: false\ndate: nonsense\n---\n"), Hidden)
    future = read("---\ndate: 2039-01-01 00:00:00 +0800\n---\n")
    assert isinstance(future, Hidden)
    assert (future.reason, future.due) == ("future", datetime(2038, 12, 31, 16, tzinfo=UTC))
    unfinished = read("---\ndraft: true\n---\n")
    assert isinstance(unfinished, Hidden)
    assert unfinished.reason == "draft"


def test_a_draft_is_dated_by_its_file() -> None:
    shown = PostReader(SITE, show_drafts=True)
    reading = shown.read("_drafts/idea.md", b"Text", NOW - timedelta(days=1), NOW)
    assert isinstance(reading, Draft)
    assert (reading.published, reading.url) == (NOW - timedelta(days=1), "https://example.org/2025/12/31/idea.html")
    assert shown.is_post_path("_drafts/idea.md")


def test_naive_dates_of_the_site_move_the_time_and_not_the_url() -> None:
    front = "date: 2021-12-08 18:46:18\n"
    assert draft(front).published == datetime(2021, 12, 8, 18, 46, 18, tzinfo=UTC)
    meant = draft(front, naive_dates="site")
    assert meant.published == datetime(2021, 12, 8, 10, 46, 18, tzinfo=UTC)
    assert meant.url == draft(front).url == "https://example.org/2021/12/09/name.html"


@pytest.mark.parametrize(
    ("front", "categories", "tags"),
    [
        ("categories: [no, 1.10, 0777, 2021-01-01, null, ~, '', 5]\n", ("no", "1.10", "0777", "2021-01-01", "5"), ()),
        ("categories: 2021\ntags: no\n", ("2021",), ("no",)),
        ("categories: [[a, b], [c]]\ntags: [x, x, y]\n", ("a", "b", "c"), ("x", "y")),
        ("categories: {a: b}\ntags: {c: d}\n", (), ()),
        ('categories: ["a\\u0000b", "x\\ny", "a\u3000b"]\n', ("ab", "x y", "a b"), ()),
    ],
)
def test_terms_are_the_text_as_written(front: str, categories: tuple[str, ...], tags: tuple[str, ...]) -> None:
    reading = draft(front)
    assert (reading.categories, reading.tags) == (categories, tags)


def test_terms_are_bounded_and_the_warning_says_so() -> None:
    reading = draft(f"categories: [{', '.join(f'c{i}' for i in range(5000))}]\ntags: ['{'x' * 400}']\n")
    assert len(reading.categories) == 200
    assert len(reading.tags[0]) == 300
    assert [notice.reason for notice in reading.notices] == [
        "categories: 4800 past the first 200 are left out",
        "tags: 1 cut to 300 characters",
    ]


@pytest.mark.parametrize(
    ("front", "body", "name", "title"),
    [
        ('title: "a\\nb \\u202e\\u0007c"\n', "", "x", "a b c"),
        ("", "Text", "202112082206672930", "202112082206672930"),
        ('title: ""\n', "Text", "my-first-post", "My First Post"),
        ('title: ""\n', "<!-- no -->\n<p>第一段&amp;more</p>\n", "202112082206672930", "第一段&more"),
        ('title: ""\n', "![](x.png)\n", "1", "1"),
        ("title: {a: b}\n", "Text", "my-post", "My Post"),
        ("title: 1.10\n", "Text", "my-post", "1.10"),
        ("title: <b>&nbsp;]]>\n", "Text", "my-post", "<b>&nbsp;]]>"),
    ],
)
def test_titles(front: str, body: str, name: str, title: str) -> None:
    assert draft(front, body, f"_posts/2021-12-08-{name}.md").title == title


def test_other_fields() -> None:
    reading = draft(
        "authors: [Ann, {name: Bob, email: b@c.d, uri: 'javascript:x'}]\nexcerpt: A  line\nimage: {path: /p/图.png}\n"
        "lang: zh_CN\nlast_modified_at: 2021-12-09 00:00:00 +0800\n"
    )
    assert reading.authors == (Author(name="Ann"), Author(name="Bob", email="b@c.d"))
    assert (reading.summary, reading.language) == ("A line", "zh-CN")
    assert reading.image == "https://example.org/p/%E5%9B%BE.png"
    assert reading.updated == datetime(2021, 12, 8, 16, tzinfo=UTC)
    assert draft("").authors == (Author(name="Site"),)


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("//cdn.example/x.png", "https://cdn.example/x.png"),
        ("HTTP://cdn.example/x y.png", "HTTP://cdn.example/x%20y.png"),
        ("x.png", "https://example.org/x.png"),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,x", None),
        ("", None),
    ],
)
def test_images_are_http_or_nothing(image: str, url: str | None) -> None:
    assert draft(f"image: '{image}'\n").image == url


def test_white_space_and_the_order_of_keys_change_no_meaning() -> None:
    one = draft("title: T\ntags: a b\n", "One two\n\nthree\n")
    two = draft("tags: [a, b]\ntitle: 'T'\n", "One  two \r\n\r\n\r\n\u3000three")
    assert one.meaning_hash == two.meaning_hash
    assert one.content_hash != two.content_hash
    others = [
        ("title: U\ntags: a b\n", "One two three"),
        ("title: T\ntags: a\n", "One two three"),
        ("title: T\ntags: a b\ncategory: c\n", "One two three"),
        ("title: T\ntags: a b\n", "One two four"),
    ]
    assert len({one.meaning_hash, *(draft(*other).meaning_hash for other in others)}) == 5


def test_byte_order_mark_and_line_ends_make_no_difference() -> None:
    text = "---\ntitle: T\ncategories:\n  - a\n---\nOne\ntwo\n"
    plain, marked = read(text), read(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert isinstance(plain, Draft)
    assert isinstance(marked, Draft)
    assert (plain.title, plain.meaning_hash, plain.categories) == (marked.title, marked.meaning_hash, marked.categories)
    assert PostReader(SITE).body(PATH, b"\xef\xbb\xbf---\r\na: 1\r\n---\r\nOne\r\ntwo\r\n").text == "One\ntwo\n"


@pytest.mark.parametrize(
    "path",
    [
        "_posts/.2021-12-08-x.md.swp",
        "_posts/2021-12-08-x.md~",
        "_posts/#2021-12-08-x.md#",
        "_posts/.#2021-12-08-x.md",
        "_posts/_x.md",
        "_posts/x.txt",
        "_site/_posts/2021-12-08-x.md",
        "posts/2021-12-08-x.md",
        "_drafts/x.md",
        "node_modules/a/_posts/2021-12-08-x.md",
        "vendor/bundle/_posts/2021-12-08-x.md",
        "_posts",
        ".git/_posts/x.md",
    ],
)
def test_what_jekyll_passes_over_is_no_post(path: str) -> None:
    assert not PostReader(SITE).is_post_path(path)


PIECES = (*"/.:?#%\\@ a2eE中", "javascript:", "//evil.example", "..", "%2e", "%2F")


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_no_permalink_leaves_the_site(permalink: str) -> None:
    config = JekyllConfig(url="https://example.org", baseurl="/base")
    quoted = permalink.replace("'", "''")
    reading = PostReader(config).read(PATH, f"---\npermalink: '{quoted}'\n---\n".encode(), NOW, NOW)
    if isinstance(reading, Draft):
        for url in (reading.url, reading.entry_id):
            parts = urlsplit(url)
            assert (parts.scheme, parts.netloc) == ("https", "example.org")
            assert parts.path.startswith("/base/")
            assert ".." not in parts.path.split("/")
            assert url.isascii()
            assert url.isprintable()
            assert " " not in url
    else:
        assert isinstance(reading, Quarantined)
        assert reading.code == "unreadable-permalink"


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_bytes_make_it_raise(front: bytes, body: bytes) -> None:
    reader = PostReader(SITE)
    for raw in (front, b"---\n" + front + b"\n---\n" + body, b"---\ndate: " + front + b"\ntitle: " + body + b"\n---\n"):
        assert isinstance(reader.read(PATH, raw, NOW, NOW), Reading)


def test_a_permalink_that_jekyll_refuses_is_a_wrong_configuration() -> None:
    with pytest.raises(ConfigurationError, match="unknown placeholder :nothing"):
        PostReader(JekyllConfig(permalink="/:nothing/"))
    with pytest.raises(ConfigurationError, match="url"):
        PostReader(JekyllConfig(url="javascript:alert(1)"))


def test_first_text_skips_markup() -> None:
    assert first_text("\n> [返回](../)\n") == "返回"
    assert first_text("<script>x</script>\n<https://a.b>\n# Head\n") == "Head"
