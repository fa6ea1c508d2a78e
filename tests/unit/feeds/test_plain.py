"""Eleventy, Zola, Pelican and plain folders: what a file is, as the generators' own documents and output say."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from core.errors import ConfigurationError
from feeds.model import Draft, Hidden, Quarantined, Reading
from feeds.sources.plain import eleventy, pelican, plain, zola
from feeds.sources.plain.dates import read_moment
from feeds.sources.plain.markdown_it import without_indented_code
from feeds.sources.plain.python_settings import read_python_settings
from feeds.sources.plain.shortcodes import without_shortcodes
from feeds.sources.site import FieldNames, OpenSite, Overrides, ReadingOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://example.org"


def site(kind: ModuleType, root: Path, files: dict[str, str] | None = None, **options: object) -> OpenSite:
    for name, text in (files or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    opened = kind.open_site(root, Overrides(url=URL), ReadingOptions(root=str(root), **options))  # type: ignore[arg-type]  # each test names its own
    assert isinstance(opened, OpenSite)
    return opened


def read(opened: OpenSite, path: str, text: str) -> Reading:
    return opened.reader.read(path, text.encode(), NOW, NOW)


def draft(opened: OpenSite, path: str, text: str) -> Draft:
    reading = read(opened, path, text)
    assert isinstance(reading, Draft), reading
    return reading


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2021-12-08", "2021-12-07T16:00:00"),
        ("2021-342", "2021-12-07T16:00:00"),
        ("2021-W49-3", "2021-12-07T16:00:00"),
        ("2021-12-08 10:46", "2021-12-08T02:46:00"),
        ("2021-12-08T10:46:18.123456789Z", "2021-12-08T10:46:18"),
        ("20211208T104618Z", "2021-12-08T10:46:18"),
        ("Wed, 08 Dec 2021 10:46:18 +0800", "2021-12-08T02:46:18"),
        ("Dec 8, 2021", "2021-12-07T16:00:00"),
        # https://yaml.org/type/timestamp.html: numbers of one digit, a zone of whole hours
        ("2021-12-8 9:46:18 -4", "2021-12-08T13:46:18"),
        ("2001-12-14 21:59:43.10 -5", "2001-12-15T02:59:43"),
    ],
)
def test_dates_without_zone_are_in_that_of_the_site(written: str, instant: str) -> None:
    from zoneinfo import ZoneInfo

    assert read_moment(written, ZoneInfo("Asia/Shanghai")) == datetime.fromisoformat(f"{instant}+00:00")


@pytest.mark.parametrize("written", ["2021-02-31", "2021-366", "soon", "2021-12", "", "9999999999999", "0000-01-01"])
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_moment(written, UTC) is None


@pytest.mark.parametrize("path", ["2021-12-08-name.md", "2021_12_08_name.md", "20211208-name.md", "2021/12/08/name.md"])
def test_a_plain_file_without_front_matter(tmp_path: Path, path: str) -> None:
    opened = site(plain, tmp_path)
    post = draft(opened, path, "# A *title*\n\nText.\n")
    assert (post.title, post.published) == ("A title", datetime(2021, 12, 8, tzinfo=UTC))
    assert post.url == f"{URL}/{path.removesuffix('.md')}/"
    assert opened.reader.body(path, b"# A *title*\n\nText.\n").html == "<p>Text.</p>\n"


def test_nothing_says_when(tmp_path: Path) -> None:
    post = draft(site(plain, tmp_path), "name.md", "Text.\n")
    assert (post.dated, post.published, post.title) == (False, NOW, "Name")


def test_git_says_when_a_file_came(tmp_path: Path) -> None:
    opened = site(plain, tmp_path, {"a.md": "a", "b.md": "b"})
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "config", "core.fsmonitor", f"touch {tmp_path}/ran"], check=True)
    subprocess.run([*git, "add", "a.md"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "a", "--date", "2020-01-02T03:04:05Z"], check=True)
    (tmp_path / "ran").unlink(missing_ok=True)
    assert draft(opened, "a.md", "a").published == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert not draft(opened, "b.md", "b").dated
    assert not (tmp_path / "ran").exists()


def test_a_shallow_history_is_named(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y", "-C", str(whole)]
    subprocess.run([*git, "init", "-q"], check=True)
    for name in ("a.md", "b.md"):
        (whole / name).write_text(name)
        subprocess.run([*git, "add", name], check=True)
        subprocess.run([*git, "commit", "-q", "-m", name, "--date", "2020-01-02T03:04:05Z"], check=True)
    subprocess.run(["git", "clone", "-q", "--depth", "1", whole.as_uri(), str(cut)], check=True)
    post = draft(site(plain, cut), "a.md", "a")
    assert (post.published, [notice.code for notice in post.notices]) == (NOW, ["shallow-history"])
    assert draft(site(plain, cut), "a.md", "---\ndate: 2021-01-01\n---\na").notices == ()


def test_an_empty_note_is_no_post(tmp_path: Path) -> None:
    # Editors of notes make such a file before its first word.
    reading = read(site(plain, tmp_path), "Untitled.md", " \n")
    assert isinstance(reading, Quarantined)
    assert reading.code == "empty"


def test_pelicans_header_lines_in_a_plain_folder(tmp_path: Path) -> None:
    opened = site(plain, tmp_path)
    post = draft(opened, "a.md", "Title: A: b\nDate: 2020-03-04 05:06\nTags: p, q\nCategory: News\n\nHello.\n")
    assert (post.title, post.tags, post.categories) == ("A: b", ("p", "q"), ("News",))
    assert post.published == datetime(2020, 3, 4, 5, 6, tzinfo=UTC)
    assert isinstance(read(opened, "b.md", "Title: A\nStatus: draft\n\nx"), Hidden)
    for text in ("Summary: all is well\nand so on.\n", "Date: soon we\nmeet\n", "Note: x\n\ny\n"):
        assert opened.reader.body("c.md", text.encode()).html.startswith(f"<p>{text.split()[0]}")


def test_what_is_wrong_has_line_and_column(tmp_path: Path) -> None:
    reading = read(site(plain, tmp_path), "a.md", "---\ntitle: x\ndate:  soon\n---\n")
    assert isinstance(reading, Quarantined)
    assert (reading.line, reading.column) == (3, 8)
    [notice] = draft(site(plain, tmp_path), "a.md", '+++\nurl = "//evil.example"\n+++\n').notices
    assert (notice.code, notice.line, notice.column) == ("foreign-address", 2, 7)


def test_the_owner_names_keys_and_addresses(tmp_path: Path) -> None:
    options = {"fields": FieldNames(title=("extra.head",)), "url_pattern": "/:year/:month/:slug.html"}
    post = draft(site(plain, tmp_path, **options), "x.md", "---\ndate: 2021-02-03\nextra:\n  head: My Day\n---\n")
    assert (post.title, post.url) == ("My Day", f"{URL}/2021/02/my-day.html")
    with pytest.raises(ConfigurationError, match="nothing"):
        site(plain, tmp_path, url_pattern="/:nothing/")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("---\ndate: soon\n---\n", "unreadable-date"),
        ("---\ntitle: x\n", "unclosed-front-matter"),
        ("+++\ntitle = \n+++\n", "invalid-front-matter"),
        ("+++\ntitle = " + "1" * 6000 + "\n+++\n", "invalid-front-matter"),
    ],
)
def test_what_cannot_be_read_is_quarantined(tmp_path: Path, text: str, code: str) -> None:
    reading = read(site(plain, tmp_path), "x.md", text)
    assert isinstance(reading, Quarantined)
    assert reading.code == code


def test_addresses_stay_on_the_site(tmp_path: Path) -> None:
    opened = site(plain, tmp_path)
    for written in ("javascript:alert(1)", "//evil.example/x", "https://evil.example/"):
        post = draft(opened, "x.md", f"---\npermalink: {written}\n---\n")
        assert post.url == f"{URL}/x/"
        assert [notice.code for notice in post.notices] == ["foreign-address"]
    assert draft(opened, "x.md", "---\npermalink: /a/%2e%2e/%2e%2e/b/\n---\n").url == f"{URL}/b/"


ZOLA = 'base_url = "https://example.org"\n[languages.fr]\ntitle = "Fr"\n'


@pytest.mark.parametrize(
    ("path", "front", "url"),
    [
        ("content/blog/2021-12-08-Hello_World.md", "", "/blog/hello-world/"),
        ("content/blog/2021-12-08-x/index.md", "", "/blog/x/"),
        ("content/blog/x.md", 'path = "a/b"\ndate = 2021-01-01', "/a/b/"),
        ("content/blog/x.md", 'slug = "É clair"\ndate = 2021-01-01', "/blog/e-clair/"),
        ("content/blog/x.fr.md", "date = 2021-01-01", "/fr/blog/x/"),
    ],
)
def test_zola_addresses(tmp_path: Path, path: str, front: str, url: str) -> None:
    post = draft(site(zola, tmp_path, {"config.toml": ZOLA, "content/a.md": ""}), path, f"+++\n{front}\n+++\n")
    assert post.url == URL + url
    assert post.feed_set == ("fr" if ".fr." in path else "")


def test_zola_markdown(tmp_path: Path) -> None:
    # What `zola build` 0.22 makes of it, but for the ids of headings.
    config = ZOLA.replace("[languages", "[markdown]\nsmart_punctuation = true\n[languages")
    opened = site(zola, tmp_path, {"config.toml": config, "content/a.md": ""})
    body = opened.reader.body(
        "content/a.md", b'+++\ntitle = "T"\n+++\n## Head {#own .x}\n\n"It\'s" `{:?}` {%/* if x */%}\n'
    )
    assert ">Head</h2>" in body.html
    assert "“It’s” <code>{:?}</code> {%/* if x */%}" in body.html


def test_a_tag_alone_on_its_line_does_not_end_html(tmp_path: Path) -> None:
    opened = site(zola, tmp_path, {"config.toml": ZOLA, "content/a.md": ""})
    body = opened.reader.body(
        "content/a.md", b'<figure>\n  {{ img(\n    src="x") }}\n    <b>in</b>\n</figure>\n\n{{ y() }}\n\nz'
    )
    assert body.html == "<figure>\n    <b>in</b>\n</figure>\n<p>z</p>\n"


def test_zola_passes_over_the_folder_of_a_draft_section(tmp_path: Path) -> None:
    # Zola 0.22 enters no folder whose section, in whatever language, is a draft.
    files = {"config.toml": ZOLA, "content/new/_index.fr.md": "+++\ndraft = true\n+++\n", "content/old/_index.md": ""}
    opened = site(zola, tmp_path, files)
    text = "+++\ndate = 2021-01-01\n+++\n"
    for path in ("content/new/a.md", "content/new/deep/a.md"):
        assert isinstance(read(opened, path, text), Hidden)
    assert isinstance(read(opened, "content/old/a.md", text), Draft)
    assert "content/new/_index.fr.md" in opened.profile.files


def test_zola_links_and_shortcodes(tmp_path: Path) -> None:
    opened = site(zola, tmp_path, {"config.toml": ZOLA, "content/b.md": '+++\nslug = "c"\n+++\n'})
    body = opened.reader.body("content/a.md", b"[x](@/b.md#z) `@/b.md`\n{% box(a=1) %}in{% end %} {{ page.title }}")
    assert f'href="{URL}/c/#z"' in body.html
    assert "<code>@/b.md</code>" in body.html
    assert "in {{ page.title }}" in body.html
    assert [notice.line for notice in body.notices] == [2]
    assert without_shortcodes('{{/* name("x") */}}').text.replace(" ", "") == '{{name("x")}}'
    assert isinstance(read(opened, "content/about.md", "+++\n+++\n"), Hidden)


PELICAN = 'SITENAME = "S"\nTIMEZONE = "Europe/Rome"\nPATH = "content"\nARTICLE_URL = "{date:%Y}/{category}/{slug}/"\n'


def test_pelican_articles(tmp_path: Path) -> None:
    opened = site(
        pelican, tmp_path, {"pelicanconf.py": PELICAN, "content/big news/b.md": "Title: B\nDate: 2020-01-01\n"}
    )
    text = (
        "Title: My super title\nDATE: 2010-12-03 10:20\nTags: a, b; c\nAuthors: Doe, J; Roe, R\n\n[b]({filename}b.md)\n"
    )
    post = draft(opened, "content/big news/a.md", text)
    assert (post.title, post.url) == ("My super title", f"{URL}/2010/big-news/my-super-title/")
    assert (post.categories, post.tags) == (("big news",), ("a, b", "c"))
    assert [author.name for author in post.authors] == ["Doe, J", "Roe, R"]
    assert post.published == datetime(2010, 12, 3, 9, 20, tzinfo=UTC)
    assert f'href="{URL}/2020/big-news/b/"' in opened.reader.body("content/big news/a.md", text.encode()).html
    rst = draft(opened, "content/a.rst", "Head\n####\n\n:date: 2010-10-03\n:tags: x\n\nText ``code``.\n")
    assert (rst.title, rst.tags) == ("Head", ("x",))
    hidden = read(opened, "content/x.md", "Title: x\nDate: 2020-01-01\nStatus: draft\n")
    assert isinstance(hidden, Hidden)
    assert isinstance(read(opened, "content/x.md", "Title: x\n"), Quarantined)


@pytest.mark.parametrize(
    ("front", "url"),
    [
        # As Pelican 4.12 has them: a date is shown in the zone that it was written in.
        ("Title: A\nDate: 2012-02-29T23:59:59+02:00", "/29/x/a/"),
        ("Title: A\nDate: 2012-02-29 23:59", "/29/x/a/"),
        ("Title: C++ & C#\nDate: 2012-02-28", "/28/x/cpp-c/"),
    ],
)
def test_pelican_addresses(tmp_path: Path, front: str, url: str) -> None:
    settings = (
        'PATH = "content"\nTIMEZONE = "Asia/Shanghai"\nARTICLE_URL = "{date:%d}/{category}/{slug}/"\n'
        'SLUG_REGEX_SUBSTITUTIONS = [("C\\\\+\\\\+", "cpp"), (r"[^\\w\\s-]", ""), (r"[-\\s]+", "-")]\n'
    )
    opened = site(pelican, tmp_path, {"pelicanconf.py": settings})
    assert draft(opened, "content/x/a.md", f"{front}\n\n").url == URL + url


@pytest.mark.parametrize(
    ("text", "html"),
    [
        # As Python-Markdown 3 has them.
        ("#Head\ntext\n", "<h1>Head</h1>\n<p>text</p>\n"),
        (
            "# H {#id}\n\n*[CSS]: Style\n\nTerm\n:   Def\n",
            "<h1>H</h1>\n<dl>\n<dt>Term</dt>\n<dd>Def</dd>\n</dl>\n",
        ),
        ("[a]\n[a]: /old\n[a]: /new\n", '<p><a href="/new">a</a></p>\n'),
        ("see [a\nb](https://x.example/\nc), so\n", '<p>see <a href="https://x.example/c">a\nb</a>,\nso</p>\n'),
        ("```\n#x\n[a]: /b\n```\n", "<pre><code>#x\n[a]: /b\n</code></pre>\n"),
    ],
)
def test_pelican_markdown(tmp_path: Path, text: str, html: str) -> None:
    opened = site(pelican, tmp_path, {"pelicanconf.py": PELICAN})
    assert opened.reader.body("content/a.md", f"Title: A\n\n{text}".encode()).html == html


def test_restructured_text_links(tmp_path: Path) -> None:
    # https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html: targets, embedded and standalone addresses
    text = (
        "A\n#\n\nSee the `other\npage`_, `that\none <https://x.example/b>`_, https://x.example/c.\n\n"
        ".. _other page: https://x.example/a\n"
    )
    html = site(pelican, tmp_path, {"pelicanconf.py": PELICAN}).reader.body("content/a.rst", text.encode()).html
    for url, said in (("a", "other\npage"), ("b", "that\none"), ("c", "https://x.example/c")):
        assert f'<a href="https://x.example/{url}">{said}</a>' in html


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ('"https://a.example" if not LOCAL else "http://localhost"', "https://a.example"),
        ('f"https://{HOST}"', "https://b.example"),
        ("compute()", ""),
    ],
)
def test_python_settings_that_are_nearly_written_out(written: str, url: str) -> None:
    settings = read_python_settings(f'LOCAL = False\nHOST = "b.example"\nSITEURL = {written}\n', "x.py", {})
    assert settings.get("SITEURL", "") == url


@pytest.mark.parametrize("written", ["con\\x00tent", "con\\ud800tent"])
def test_a_folder_that_can_be_none_is_named(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigurationError, match=r"pelicanconf\.py .*: PATH: .* can be no path"):
        site(pelican, tmp_path, {"pelicanconf.py": f"PATH = '{written}'\n"})


def test_no_expression_of_the_settings_takes_for_ever(tmp_path: Path) -> None:
    settings = "PATH_METADATA = '([^b]*[^b]*[^b]*)c'\nSLUG_REGEX_SUBSTITUTIONS = [('([^b]*[^b]*[^b]*)c', 'x')]\n"
    opened = site(pelican, tmp_path, {"pelicanconf.py": settings})
    text = f"Title: {'a' * 400}\nDate: 2024-01-01\n\nText.\n"
    assert draft(opened, "/".join(["a" * 200] * 19) + ".md", text).url == f"{URL}/{'a' * 400}.html"


def test_python_settings_are_not_run(tmp_path: Path) -> None:
    settings = f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\n{PELICAN}"
    assert site(pelican, tmp_path, {"pelicanconf.py": settings}).profile.feed_sets[0].title == "S"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("path", "front", "url"),
    [
        ("src/blog/2018-01-01-file.md", "", "/blog/2018-01-01-file/"),
        ("src/blog/file/file.md", "date: 2018-01-01\n", "/blog/file/"),
        ("src/blog/2018-01-01-file.md", "permalink: /x/{{ page.fileSlug }}/index.html\n", "/x/file/"),
        (
            "src/blog/2018-01-01-f.md",
            "permalink: '/{{ page.date | date: \"%Y\" }}/{{ title | slugify }}/'\ntitle: A B\n",
            "/2018/a-b/",
        ),
    ],
)
def test_eleventy_addresses(tmp_path: Path, path: str, front: str, url: str) -> None:
    files = {
        "eleventy.config.js": 'export default { dir: { input: "src" } }',
        "src/blog/blog.json": '{"tags": ["posts"]}',
    }
    post = draft(site(eleventy, tmp_path, files), path, f"---\n{front}tags: own\n---\n")
    assert (post.url, post.tags) == (URL + url, ("own",))


def test_eleventy_templates_are_taken_out_and_named(tmp_path: Path) -> None:
    opened = site(eleventy, tmp_path, {".eleventy.js": "", "posts/a.md": ""})
    body = opened.reader.body("posts/a.md", b"---\ntitle: x\n---\na {% raw %}{{ b }}{% endraw %} {{ c }}\n")
    assert body.html == "<p>a {{ b }} </p>\n" or body.html == "<p>a {{ b }}</p>\n"
    assert [(notice.code, notice.line) for notice in body.notices] == [("template", 4)]
    assert isinstance(read(opened, "posts/x.md", "---\npermalink: false\n---\n"), Hidden)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        # As Eleventy 3 with its own Markdown has them: it reads no code from indented lines.
        ("a\n\n    b\n", "<p>a</p>\n<p>b</p>\n"),
        ("<div>\n\n    <p>b</p>\n\n</div>\n", "<div>\n<p><p>b</p></p>\n</div>\n"),
        ("a\n\n    # b\n", "<p>a</p>\n<p># b</p>\n"),
        ("```\na\n\n    b\n```\n", "<pre><code>a\n\n    b\n</code></pre>\n"),
        ("<pre>\na\n\n    b\n</pre>\n", "<pre>\na\n\n    b\n</pre>\n"),
        ("- a\n\n    b\n", "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>\n"),
    ],
)
def test_eleventy_has_no_indented_code(tmp_path: Path, text: str, html: str) -> None:
    opened = site(eleventy, tmp_path, {".eleventy.js": ""})
    assert opened.reader.body("a.md", text.encode()).html.replace("<span></span>", "") == html
    old = site(eleventy, tmp_path, {"package.json": '{"devDependencies": {"@11ty/eleventy": "^1.0.2"}}'})
    assert "<pre><code>b" in old.reader.body("a.md", b"a\n\n    b\n").html
    assert without_indented_code(text).count("\n") == text.count("\n")


def test_eleventy_plugins_marks_are_no_text(tmp_path: Path) -> None:
    package = '{"dependencies": {"markdown-it-attrs": "4", "markdown-it-container": "4", "markdown-it-abbr": "2"}}'
    opened = site(eleventy, tmp_path, {".eleventy.js": "", "package.json": package})
    text = (
        "---\ntitle: T\n---\n# H {.big}\n\n::: note\n"
        '![](a.png){.half loading="lazy"} `{.x}` {a: 1} @{b="c"} d/{.e,.f}\n:::\n\n*[CSS]: Style\n'
    )
    assert opened.reader.body("a.md", text.encode()).html == (
        '<h1>H</h1>\n<p><img src="a.png" alt="" /> <code>{.x}</code> {a: 1} @{b="c"} d/{.e,.f}</p>\n'
    )


def test_eleventy_tags_can_be_replaced(tmp_path: Path) -> None:
    files = {".eleventy.js": "", "notes/notes.json": '{"tags": ["posts", "dir"]}', "notes/a.md": ""}
    opened = site(eleventy, tmp_path, files)
    assert draft(opened, "notes/a.md", "---\ntags: own\n---\n").tags == ("dir", "own")
    assert draft(opened, "notes/a.md", "---\noverride:tags: [post, own]\n---\n").tags == ("own",)
    assert isinstance(read(opened, "notes/a.md", "---\noverride:tags: [own]\n---\n"), Hidden)


def test_a_folder_of_drafts_holds_no_posts_where_they_are_guessed(tmp_path: Path) -> None:
    opened = site(eleventy, tmp_path, {".eleventy.js": "", "notes/a.md": "---\ndate: 2020-01-01\n---\n"})
    assert isinstance(read(opened, "notes/a.md", "---\ndate: 2020-01-01\n---\n"), Draft)
    assert isinstance(read(opened, "drafts/a.md", "---\ndate: 2020-01-01\n---\n"), Hidden)
