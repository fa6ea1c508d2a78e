"""One file of a Hugo site: what becomes of it, and what its owner is told."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.model import Author, Draft, Hidden, Quarantined, Reading
from feeds.sources.hugo.site import open_site
from feeds.sources.site import Overrides, ReadingOptions
from tests.support.jekyll import write_site

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODIFIED = datetime(2025, 5, 5, 5, 5, 5, 500, tzinfo=UTC)
CONFIG = "baseURL = 'https://example.org/blog/'\ntimeZone = 'Asia/Shanghai'\n"


def read(root: Path, text: str | bytes, path: str = "content/posts/a.md", config: str = CONFIG) -> Reading:
    raw = text if isinstance(text, bytes) else text.encode()
    write_site(root, {"hugo.toml": config, path: raw})
    reader = open_site(root, Overrides(), ReadingOptions(root=str(root))).reader
    return reader.read(path, raw, MODIFIED, NOW)


def draft(root: Path, text: str, path: str = "content/posts/a.md", config: str = CONFIG) -> Draft:
    reading = read(root, text, path, config)
    assert isinstance(reading, Draft), reading
    return reading


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("---\ntitle: A\ndate: soon\n---\n", "unreadable-date", 3),
        ("---\ntitle: A\nPublishDate: 2021/01/01\n---\n", "unreadable-date", 3),
        ("+++\ntitle = 'A'\nexpiryDate = 'never'\n+++\n", "unreadable-date", 3),
        ("---\ntitle: A\n", "unclosed-front-matter", 1),
        ('\n\n{ "title": "A"\n', "unclosed-front-matter", 3),
        ("+++\ntitle = \n+++\n", "invalid-front-matter", 2),
        ('{"title": "A",\n "date": }\n', "invalid-front-matter", 2),
        ("---\ntitle: !!python/name:os.system x\n---\n", "invalid-front-matter", 2),
        ("- a list, not front matter\n", "invalid-front-matter", 1),
        ("---\n- a\n- b\n---\n", "invalid-front-matter", 2),
        ("---\ntitle: A\nurl: https://evil.example/\n---\n", "unreadable-url", 3),
        ("---\ntitle: A\nurl: /a%zz/\n---\n", "unreadable-url", 3),
        ("---\ntitle: A\nurl: /:nope/\n---\n", "unreadable-url", 3),
        ("---\ntitle: A\nurl: /" + ":a[" * 20_000 + "\n---\n", "unreadable-url", 3),
        ("---\ndate: 999999999999\n---\n", "unreadable-date", 2),
        ("---\na: " + "[" * 20_000 + "\n---\n", "invalid-front-matter", 2),
        ('{"a": ' + "[" * 20_000 + "]" * 20_000 + "}", "invalid-front-matter", None),
        (b"\xff\xfe-\0-\0-\0", "not-utf-8", 1),
    ],
)
def test_a_bad_file_is_quarantined_with_its_place(
    tmp_path: Path, text: str | bytes, code: str, line: int | None
) -> None:
    reading = read(tmp_path, text)
    assert isinstance(reading, Quarantined)
    assert (reading.code, reading.line) == (code, line)


@pytest.mark.parametrize("ending", ["adoc", "rst", "pandoc"])
def test_what_needs_another_program_is_quarantined(tmp_path: Path, ending: str) -> None:
    reading = read(tmp_path, "= A\n", f"content/a.{ending}")
    assert isinstance(reading, Quarantined)
    assert reading.code == "foreign-markup"


def test_a_content_adapter_is_named_not_run(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": CONFIG, "content/a/_content.gotmpl": "{{ x }}"})
    reader = open_site(tmp_path, Overrides(), ReadingOptions(root=str(tmp_path))).reader
    assert reader.is_post_path("content/a/_content.gotmpl")
    reading = reader.read("content/a/_content.gotmpl", b"{{ x }}", MODIFIED, NOW)
    assert isinstance(reading, Quarantined)
    assert reading.code == "content-adapter"


def test_a_future_post_is_due_and_one_that_expires_says_so(tmp_path: Path) -> None:
    future = read(tmp_path, "---\ndate: 2020-01-01\npublishDate: 2030-01-01\n---\n")
    assert isinstance(future, Hidden)
    assert (future.reason, future.due) == ("future", datetime(2029, 12, 31, 16, tzinfo=UTC))
    assert draft(tmp_path, "---\nexpiryDate: 2030-01-01\n---\n").expires == datetime(2029, 12, 31, 16, tzinfo=UTC)
    expired = read(tmp_path, "---\nexpiryDate: 2020-01-01\n---\n")
    assert isinstance(expired, Hidden)
    assert (expired.reason, expired.due) == ("expired", None)


def test_a_page_without_a_date_says_so(tmp_path: Path) -> None:
    page = draft(tmp_path, "Only text, no front matter.\n", "content/about-us.md")
    assert (page.dated, page.published) == (False, MODIFIED.replace(microsecond=0))
    assert (page.title, page.url, page.source_key) == ("About us", "https://example.org/blog/about-us/", "/about-us/")


def test_front_matter_of_too_many_lines_is_to_be_shortened(tmp_path: Path) -> None:
    reading = read(tmp_path, "---\ntitle: A\naliases:\n" + "  - /an/older/address/\n" * 4_000 + "---\nText\n")
    assert isinstance(reading, Quarantined)
    assert (reading.code, reading.line) == ("invalid-front-matter", None)
    assert reading.reason.endswith("is longer than 64000 characters; shorten it")


def test_what_a_post_says_of_itself(tmp_path: Path) -> None:
    text = (
        "---\ntitle: ' A  title '\ndate: 2021-01-02\nlastmod: 2021-02-03\ncategories: [News, 1.10, no]\ntags: a b\n"
        "series: [Long]\nauthors: [Ann, {name: Bob, email: bob@example.org}]\ndescription: Said\nsummary: Other\n"
        "images: [pic one.png]\n---\nText\n"
    )
    config = CONFIG + "[taxonomies]\ntag = 'tags'\ncategory = 'categories'\nseries = 'series'\nauthor = 'authors'\n"
    post = draft(tmp_path, text, "content/posts/x/index.md", config)
    assert post.title == "A title"
    assert (post.categories, post.tags) == (("News", "1.10", "no"), ("a b", "Long"))
    assert post.authors == (Author(name="Ann"), Author(name="Bob", email="bob@example.org"))
    assert (post.summary, post.image) == ("Said", "https://example.org/blog/posts/x/pic%20one.png")
    assert post.published == datetime(2021, 1, 1, 16, tzinfo=UTC)
    assert post.updated == datetime(2021, 2, 2, 16, tzinfo=UTC)
    assert post.language == "en"


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ("image: /a.png", "https://example.org/a.png"),
        ("image: a.png", "https://example.org/blog/a.png"),
        ("cover: {image: 'https://cdn.example/a b.png'}", "https://cdn.example/a%20b.png"),
        ("image: //cdn.example/a.png", "https://cdn.example/a.png"),
        ("image: 'javascript:alert(1)'", None),
        ("image: []", None),
    ],
)
def test_a_picture_has_an_address(tmp_path: Path, written: str, image: str | None) -> None:
    assert draft(tmp_path, f"---\n{written}\n---\n").image == image


def test_slips_are_noticed_and_the_post_is_published(tmp_path: Path) -> None:
    post = draft(tmp_path, '---\ntitle: "A "quoted" title"\nlastmod: soon\nslug: [a]\ndate: 2021-01-02\n---\n')
    assert post.title == 'A "quoted" title'
    assert [(notice.code, notice.line) for notice in post.notices] == [
        ("rescued", 2),
        ("unreadable-date", 3),
        ("not-a-text", 4),
    ]


def test_half_a_character_in_json_is_replaced(tmp_path: Path) -> None:
    post = draft(tmp_path, '{"title": "a\\ud800b", "slug": "\\ud800x", "tags": ["\\udfff"]}')
    assert post.title == "a\ufffdb"
    assert post.url.isascii()


def test_a_bundle_that_comes_takes_its_neighbours(tmp_path: Path) -> None:
    write_site(tmp_path, {"hugo.toml": CONFIG, "content/posts/a.md": "x", "content/posts/sub/b.md": "x"})
    reader = open_site(tmp_path, Overrides(), ReadingOptions(root=str(tmp_path))).reader
    assert reader.enters("content/posts/sub")
    assert reader.is_post_path("content/posts/a.md")
    write_site(tmp_path, {"content/posts/index.md": "x"})
    reader.enters("content/posts")  # a new look at the folder begins with this
    assert not reader.is_post_path("content/posts/a.md")
    assert reader.is_post_path("content/posts/index.md")
    assert not reader.enters("content/posts/sub")
    (tmp_path / "content/posts/index.md").unlink()
    reader.enters("content/posts")
    assert reader.is_post_path("content/posts/a.md")


def test_a_changed_cascade_is_a_changed_fingerprint(tmp_path: Path) -> None:
    def fingerprint(branch: str) -> str:
        write_site(tmp_path, {"hugo.toml": CONFIG, "content/posts/_index.md": branch})
        site = open_site(tmp_path, Overrides(), ReadingOptions(root=str(tmp_path)))
        assert "content/posts/_index.md" in site.profile.files
        return site.reader.fingerprint

    plain = fingerprint("---\ntitle: A\n---\n")
    assert fingerprint("---\ntitle: B\n---\nText\n") == plain
    assert fingerprint("---\ntitle: A\ncascade: {tags: [a]}\n---\n") != plain
    assert fingerprint("---\ntitle: A\nslug: other\n---\n") != plain


def test_links_out_of_the_site_hand_nothing_down(tmp_path: Path) -> None:
    write_site(tmp_path, {"out.md": "---\ncascade: {tags: [stolen]}\n---\n", "site/content/posts/x.txt": ""})
    (tmp_path / "site/content/posts/_index.md").symlink_to(tmp_path / "out.md")
    assert draft(tmp_path / "site", "---\ntitle: A\n---\n").tags == ()


def test_the_text_of_a_post_is_rendered(tmp_path: Path) -> None:
    text = b"---\ntitle: A\n---\nSome *text*.\n"
    write_site(tmp_path, {"hugo.toml": CONFIG, "content/a.md": text, "content/b.org": "#+title: B\n\n* <x>\n"})
    reader = open_site(tmp_path, Overrides(), ReadingOptions(root=str(tmp_path))).reader
    assert reader.body("content/a.md", text).html.strip() == "<p>Some <em>text</em>.</p>"
    assert reader.body("content/b.org", b"#+title: B\n\n* <x>\n").html == "<p>* &lt;x&gt;</p>"


def test_references_lead_to_pages_of_the_same_language(tmp_path: Path) -> None:
    page = "---\ntitle: A\nslug: other\n---\n"
    folder = "content/posts"
    write_site(
        tmp_path,
        {
            "hugo.toml": CONFIG + "[languages.en]\n[languages.de]\n",
            f"{folder}/_index.md": "x",
            f"{folder}/b.md": page,
            f"{folder}/b.de.md": page,
            f"{folder}/deep/c/index.md": "x",
            f"{folder}/deep/only-one.md": "x",
        },
    )
    reader = open_site(tmp_path, Overrides(), ReadingOptions(root=str(tmp_path))).reader
    references = ["b.md#part", "b", "/posts/deep/c/", "deep/c", "only-one", "/posts", "#here", "/"]
    text = "".join(f'[x]({{{{< ref "{reference}" >}}}})\n\n' for reference in references)
    base = "https://example.org/blog/"
    expected = [
        "posts/other/#part",
        "posts/other/",
        *["posts/deep/c/"] * 2,
        "posts/deep/only-one/",
        "posts/",
        "posts/a/#here",
        "",
    ]
    write_site(tmp_path, {f"{folder}/a.md": text, f"{folder}/a.de.md": text})
    html = reader.body(f"{folder}/a.md", text.encode()).html
    assert re.findall('href="([^"]*)"', html) == [base + path for path in expected]
    german = reader.body(f"{folder}/a.de.md", text.encode()).html
    assert re.findall('href="([^"]*)"', german)[0] == f"{base}de/posts/other/#part"
