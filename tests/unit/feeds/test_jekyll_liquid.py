"""Liquid in posts: what is left of tags that cannot be run, and what their owner is told."""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from zoneinfo import ZoneInfo

import pytest

from feeds.model import Notice
from feeds.sources.jekyll.liquid.engine import LiquidEngine
from feeds.sources.jekyll.liquid.files import template_files
from feeds.sources.jekyll.liquid.model import LiquidSite, Rendered
from tests.support.jekyll import write_site

PAGE: Mapping[str, object] = {
    "title": "T",
    "path": "_posts/2021-12-08-t.md",
    "date": datetime(2021, 12, 8, 2, 46, 18, tzinfo=UTC),
    "list": ["a", "b"],
}


class NoPosts:
    def url_of_post(self, name: str) -> str | None:
        return None

    def url_of_file(self, path: str) -> str | None:
        return None

    def posts(self) -> Sequence[Mapping[str, object]]:
        return []


def engine_for(root: Path) -> LiquidEngine:
    zone = ZoneInfo("Asia/Shanghai")
    return LiquidEngine(
        LiquidSite(
            root=str(root),
            config={},
            url="https://example.org",
            baseurl="",
            zone=zone,
            lookup=NoPosts(),
            markdownify=str.upper,
        )
    )


def render(root: Path, text: str, first_line: int = 1) -> Rendered:
    return engine_for(root).render(text, page=PAGE, first_line=first_line)


def codes(rendered: Rendered) -> list[tuple[str, int | None]]:
    return [(notice.code, notice.line) for notice in rendered.notices]


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        ("a\n{% tabs x %}kept {{ page.title }}{% endtabs %}", "a\nkept T", [("unknown-liquid-tag", 11)]),
        ("{% gist 1 %}\n{% gist 2 %}", "\n", [("unknown-liquid-tag", 10), ("unknown-liquid-tag", 11)]),
        ("{{ page.title | shout: 3 | downcase }}", "t", [("unknown-liquid-filter", 10)]),
        ("{% for i in (1..3) %}{{ i | shout }}{% endfor %}", "123", [("unknown-liquid-filter", 10)]),
        ("{% if false %}{% gist 1 %}{% endif %}", "", []),
        ("{% include none.html %}.", ".", [("missing-include", 10)]),
        ("{% include ../secret.html %}.", ".", [("missing-include", 10)]),
        ("{% include_relative ../x.md %}.", ".", [("missing-include", 10)]),
        ("[x]({% post_url 2021-01-01-none %})", "[x]()", [("missing-post", 10)]),
        ("[x]({% post_url nonsense %})", "[x]()", [("missing-post", 10)]),
        ("\n[x]({% link none.md %})", "\n[x]()", [("missing-file", 11)]),
        ("{{ nil | sort }}{{ 1 | divided_by: 0 }}.", ".", [("liquid-error", 10), ("liquid-error", 10)]),
        ("{{ page.title | truncate: 'x' }}{{ page.list | sort: 'x' }}{{ 'x' | date_to_string }}", "", None),
        ("{{ undefined.thing[0] | upcase }}.", ".", []),
        ("{% seo title=false %}{% feed_meta %}.", ".", []),
    ],
)
def test_what_cannot_be_run(tmp_path: Path, text: str, expected: str, told: list[tuple[str, int]] | None) -> None:
    rendered = render(tmp_path, text, first_line=10)
    assert rendered.text == expected
    if told is not None:
        assert codes(rendered) == told


@pytest.mark.parametrize(
    ("text", "expected", "line"),
    [
        ("a\n\n{% if x %}b {{ page.title }}", "a\n\nb ", 12),
        ("a {{ 'x' }}\n{% endif %} b", "a x\n b", 11),
        ("{% for x %}y{% endfor %}", "y", 10),
        ("a {% assign %} b", "a  b", 10),
        ("a {{ x }", "a ", 10),
        ("{% else %}a", "a", 10),
        ("{% raw %}a{{ b }}", "a", 10),
        ("{% highlight %}a{% endhighlight %}", "\n\n```\na\n```\n\n", 10),
        ("a\n{% include x.html not a parameter %}b", "a\nb", 11),
        ("{% case 1 %}{% when 2 %}x", "x", 10),
    ],
)
def test_where_jekyll_stops_the_plain_rule_is_used(tmp_path: Path, text: str, expected: str, line: int) -> None:
    rendered = render(tmp_path, text, first_line=10)
    assert (rendered.text, codes(rendered)) == (expected, [("liquid-syntax", line)])


def test_a_notice_of_an_include_names_it_and_the_line_of_the_post(tmp_path: Path) -> None:
    write_site(tmp_path, {"_includes/a.html": "\n{% include b.html %}", "_includes/b.html": "x\n\n{% gist %}"})
    rendered = render(tmp_path, "\n\n{% include a.html %}", first_line=5)
    assert rendered.text == "\n\n\nx\n\n"
    assert codes(rendered) == [("unknown-liquid-tag", 7)]
    assert rendered.notices[0].reason.startswith("_includes/b.html, line 3: the tag `gist` is not one of Jekyll's")
    assert rendered.files == ("_includes/a.html", "_includes/b.html")


def test_an_include_that_cannot_be_read_is_left_out_alone(tmp_path: Path) -> None:
    write_site(tmp_path, {"_includes/a.html": "\n{% if x %}"})
    rendered = render(tmp_path, "{{ page.title }} {% include a.html %}.")
    assert rendered.text == "T ."
    assert codes(rendered) == [("liquid-syntax", 1)]
    assert "line 2" in rendered.notices[0].reason


def test_time_stands_still_at_the_posts_date(tmp_path: Path) -> None:
    text = "{{ 'now' | date: '%F %T' }} {{ site.time | date: '%F %T' }} {{ 'today' | date_to_string }} [{{ now }}]"
    assert render(tmp_path, text).text == "2021-12-08 10:46:18 2021-12-08 10:46:18 08 Dec 2021 []"


def test_a_sample_is_the_same_in_every_run(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ page.list | sample }}{{ page.list | sample: 2 | join }}").text == "aa b"


def test_style_sheets_are_left_out_and_markdown_is_the_sites(tmp_path: Path) -> None:
    text = "[{{ 'a b' | scssify }}{{ 'a' | sassify }}] {{ 'x *y*' | markdownify }}"
    assert render(tmp_path, text).text == "[] X *Y*"


def test_smart_quotes(tmp_path: Path) -> None:
    text = "{% capture q %}\"It's\" 'so' -- she said...{% endcapture %}{{ q | smartify }}"
    assert render(tmp_path, text).text == "“It’s” ‘so’ – she said…"


def test_only_the_sites_own_files_are_read(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(tmp_path, {"secret.html": "secret", "site/_includes/own.html": "own", "site/_includes/d/e.html": "e"})
    (site / "_includes" / "link.html").symlink_to(tmp_path / "secret.html")
    (site / "_includes" / "inside.html").symlink_to(site / "_includes" / "own.html")
    (site / "_includes" / "out").symlink_to(tmp_path)
    text = "".join(f"[{{% include {name} %}}]" for name in ("own.html", "link.html", "inside.html", "out/secret.html"))
    assert render(site, text).text == "[own][][own][]"
    assert template_files(str(site)) == ["_includes/d/e.html", "_includes/own.html"]


def test_includes_and_data_that_change_are_read_again(tmp_path: Path) -> None:
    engine = engine_for(tmp_path)
    for version in ("one", "two and more"):
        write_site(tmp_path, {"_includes/a.html": version, "_data/d.yml": f"x: {version}\n"})
        text = engine.render("{% include a.html %} {{ site.data.d.x }}", page=PAGE, first_line=1).text
        assert text == f"{version} {version}"


def test_broken_and_odd_data(tmp_path: Path) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    files: dict[str, str | bytes] = {
        "_data/broken.yml": "a: [",
        "_data/deep.json": deep,
        "_data/bad.json": "{",
        "_data/latin.yml": b"a: \xe9\n",
        "_data/empty.csv": "",
        "_data/ok.yml": "a: 1\n",
    }
    write_site(tmp_path, files)
    names = ("broken", "deep", "bad", "latin", "ok.a")
    text = "".join(f"[{{{{ site.data.{name} }}}}]" for name in names) + "{{ site.data.empty.size }}"
    assert render(tmp_path, text).text == "[][][][][1]0"


def test_one_engine_serves_many_threads(tmp_path: Path) -> None:
    write_site(tmp_path, {"_includes/a.html": "{% assign x = include.n %}{{ x }}"})
    engine = engine_for(tmp_path)

    def made(number: int) -> str:
        text = (
            f"{{% assign n = {number} %}}{{% for i in (1..20) %}}{{% include a.html n=n %}},{{% endfor %}}{{{{ x }}}}"
        )
        return engine.render(text, page=PAGE, first_line=1).text

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(made, range(40))) == [f"{number}," * 20 + str(number) for number in range(40)]


def test_the_same_text_gives_the_same_result_twice(tmp_path: Path) -> None:
    engine = engine_for(tmp_path)
    text = "{% increment n %}{% cycle 'a', 'b' %}{% for i in (1..2) %}{{ forloop.name }}{% endfor %}"
    first, second = (engine.render(text, page=PAGE, first_line=1) for _ in range(2))
    assert first == second
    assert first.text == "0a" + "i-(1..2)" * 2


def test_a_post_without_liquid_needs_nothing_of_this() -> None:
    script = "import sys, feeds.body, feeds.sources.jekyll.reading; sys.exit('liquid' in sys.modules)"
    assert run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_notice_says_what_to_do(tmp_path: Path) -> None:
    assert render(tmp_path, "{% gist 1 %}", first_line=3).notices == (
        Notice(
            code="unknown-liquid-tag",
            reason="the tag `gist` is not one of Jekyll's: it is left out, what it surrounds stays. "
            "Write its content out if readers of the feed need it.",
            line=3,
        ),
    )
