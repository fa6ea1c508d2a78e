"""Shortcodes and summaries where Hugo itself is no judge: what it refuses, and what only a feed's readers need."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from feeds.model import Body
from feeds.sources.hugo.content import HugoContent
from feeds.sources.hugo.content_site import HugoContentSite
from feeds.yaml_text import Node, Scalar


def _render(text: str, *, root: str = "/nonexistent", markup: str = "markdown", **options: bool) -> Body:
    goldmark: Mapping[str, Node] = {"renderer": {"unsafe": Scalar("true", True)}}
    site = HugoContentSite(
        root=root,
        base_url="https://example.org/",
        language="en",
        params={},
        goldmark=goldmark,
        summary_length=70,
        resolve=lambda reference, path: "https://example.org/found/" if reference == "found.md" else None,
        shortcode_folders=("layouts/shortcodes",),
    )
    kind = "html" if markup == "html" else "markdown"
    return HugoContent(site, **options).render(text, path="a.md", page={}, first_line=4, markup=kind)


def test_an_unknown_shortcode_leaves_its_text_and_is_told_once() -> None:
    body = _render("a\n{{< odd x=1 >}}*in* it{{< /odd >}} {{% odd %}}and{{% /odd %}}\n")
    assert body.html == "<p>a\n<em>in</em> it and</p>\n"
    assert [(notice.code, notice.line, notice.column) for notice in body.notices] == [("unknown-shortcode", 5, 1)]
    assert "odd" in body.notices[0].reason


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{{< a "open >}} b', "shortcode-syntax"),
        ("{{< >}} b", "shortcode-syntax"),
        ("{{</* a b", "shortcode-syntax"),
        ("{{< details >}} b", "unclosed-shortcode"),
        ('[x]({{< ref "gone.md" >}})', "unresolved-reference"),
        ("{{< param gone >}}", "unknown-parameter"),
    ],
)
def test_what_hugo_refuses_is_told_and_never_shown_raw(text: str, code: str) -> None:
    body = _render(text)
    assert [notice.code for notice in body.notices] == [code]
    assert "{{" not in body.html


@pytest.mark.parametrize(
    ("text", "link", "words"),
    [
        ("{{< youtube abc_1-2 >}}", "https://www.youtube.com/watch?v=abc_1-2", "YouTube video"),
        ('{{< youtube id="abc" title="A <talk>" >}}', "https://www.youtube.com/watch?v=abc", "A &lt;talk&gt;"),
        ("{{< vimeo 123 >}}", "https://vimeo.com/123", "Vimeo video"),
        ('{{< x user="me" id="42" >}}', "https://x.com/me/status/42", "Post by @me on X"),
        ("{{< tweet 42 >}}", "https://x.com/i/status/42", "Post on X"),
        ("{{< instagram abc >}}", "https://www.instagram.com/p/abc", "View this post on Instagram"),
        ("{{< gist me 7f >}}", "https://gist.github.com/me/7f", "Gist"),
        ('{{< qr text="https://a.org/" />}}', "https://a.org/", "https://a.org/"),
    ],
)
def test_a_frame_becomes_a_link(text: str, link: str, words: str) -> None:
    assert _render(text).html.strip() == f'<p><a href="{link}">{words}</a></p>'


_MORE = (
    "{{ $x := 1 }}{{ $y }}",
    "{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}",
    "{{ with .Get 0 }}{{ $x := . }}{{ else }}{{ $x }}{{ end }}",
    "{{ $x = 1 }}",
    "{{ . }}",
    "{{ if .Get 0 }}a",
    "{{ end }}",
    "{{ else }}",
    "{{ if true }}{{ else }}{{ else }}{{ end }}",
    "{{ .Site.Title }}",
    "{{ range 3 }}x{{ end }}",
    "{{ .Params }}",
    '{{ printf "%s" }}',
    '{{ printf "%s" 1 2 }}',
    "{{ eq 1 }}",
    '{{ index (slice 1) "a" }}',
    '{{ replaceRE "(a*)*b" "" (.Get 0) }}',
    '{{ replaceRE "(" "" (.Get 0) }}',
    "{{ ((((((((((((.Get 0)))))))))))) }}",
    "{{ (.Get 0 }}",
    "{{ .Get 0 | }}",
    "{{ .Get }}",
    '{{ strings.Repeat 9 "x" }}',
    '{{ template "x" }}',
    '{{ define "x" }}{{ end }}',
    '{{ "a b" | title }}',
    '{{ $x := "" }}{{ $x := printf "%s%s" $x $x }}{{ range split .Inner "" }}{{ end }}',
)


@pytest.mark.parametrize("template", _MORE)
def test_what_a_template_may_not_do_counts_as_unknown(tmp_path: Path, template: str) -> None:
    folder = tmp_path / "layouts" / "shortcodes"
    folder.mkdir(parents=True)
    (folder / "more.html").write_text(template)
    body = _render("{{< more aaaaaaaaaa >}}x{{< /more >}}", root=str(tmp_path))
    assert (body.html, [notice.code for notice in body.notices]) == ("<p>x</p>\n", ["unknown-shortcode"])


def test_a_template_cannot_be_kept_busy(tmp_path: Path) -> None:
    folder = tmp_path / "layouts" / "shortcodes"
    folder.mkdir(parents=True)
    words = 'split "' + "x " * 200 + '" " "'
    (folder / "turns.html").write_text(f"{{{{ range {words} }}}}{{{{ range {words} }}}}y{{{{ end }}}}{{{{ end }}}}")
    doubling = "{{ $x = printf `%s%s` $x $x }}" * 100
    (folder / "grows.html").write_text(f'{{{{ $x := "1234567890" }}}}{doubling}{{{{ $x }}}}')
    for name in ("turns", "grows"):
        body = _render(f"{{{{< {name} >}}}}", root=str(tmp_path))
        assert (body.html.strip(), [notice.code for notice in body.notices]) == ("", ["unknown-shortcode"])


def test_a_sites_own_frame_of_a_video_is_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "layouts" / "shortcodes"
    folder.mkdir(parents=True)
    (folder / "youtube.html").write_text('<iframe src="https://www.youtube.com/embed/{{ .Get "id" }}"></iframe>')
    body = _render('{{< youtube id="abc" title="A talk" >}}', root=str(tmp_path))
    assert body.html.strip() == '<p><a href="https://www.youtube.com/watch?v=abc">A talk</a></p>'


def test_a_template_that_does_more_counts_as_unknown(tmp_path: Path) -> None:
    folder = tmp_path / "layouts" / "shortcodes"
    folder.mkdir(parents=True)
    (folder / "loop.html").write_text('{{ partial "x.html" . }}')
    (folder / "twice.html").write_text("{{ .Inner }}{{ .Inner }}")
    body = _render("{{< loop 1 2 >}}x", root=str(tmp_path))
    assert (body.html, [notice.code for notice in body.notices]) == ("<p>x</p>\n", ["unknown-shortcode"])
    # What doubles at each level is cut.
    deep = _render("{{< twice >}}" * 40 + "x" + "{{< /twice >}}" * 40, root=str(tmp_path))
    assert len(deep.html) < 5_000_000
    assert [notice.code for notice in deep.notices] == ["large-shortcodes"]


def test_a_template_outside_the_site_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "site" / "layouts" / "shortcodes").mkdir(parents=True)
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "site" / "layouts" / "shortcodes" / "leak.html").symlink_to(tmp_path / "secret.html")
    assert "secret" not in _render("{{< leak >}}", root=str(tmp_path / "site")).html


def test_html_stays_as_it_is_but_for_its_shortcodes() -> None:
    body = _render('<p>*a* "b"</p>\n<!--more-->\n{{< highlight go >}}x < y{{< /highlight >}}', markup="html")
    assert body.html == '<p>*a* "b"</p>\n\n<pre><code class="language-go">x &lt; y</code></pre>'
    assert body.excerpt_html == '<p>*a* "b"</p>'


def test_links_are_resolved_where_the_site_has_several_languages() -> None:
    text = "[a](found.md) [b](gone.md) [c](https://a.org/) [d](#e)"
    assert 'href="found.md"' in _render(text).html
    assert 'href="https://example.org/found/"' in _render(text, is_multilingual=True).html
    assert 'href="gone.md"' in _render(text, is_multilingual=True).html


def test_chinese_characters_count_as_words_where_the_site_says_so() -> None:
    text = "中文" * 50 + "\n\n" + "日本" * 50
    assert _render(text).excerpt_html is None
    assert _render(text, counts_cjk=True).excerpt_html == f"<p>{'中文' * 50}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "{{< details >}}" * 20_000,
        "{{% details %}}" * 20_000 + "x" + "{{% /details %}}" * 20_000,
        "{{< odd >}}" * 20_000 + "{{< /odd >}}" * 20_000,
        '{{< figure src="' + "a" * 1_000_000 + '" >}}',
        '{{< figure src="' * 20_000,
        "{{< a `" * 20_000,
        "{{</*" * 50_000,
        "{{<" * 100_000,
        "{{< a " + "b=" * 300_000 + ">}}",
        "<!--more-->" * 50_000,
    ],
)
@pytest.mark.timeout(60)
def test_hostile_shortcodes_end(text: str) -> None:
    assert isinstance(_render(text).html, str)
