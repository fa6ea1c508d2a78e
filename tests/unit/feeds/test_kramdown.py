"""kramdown's Markdown: what readers see, the short way equal to the full one, and an end to all work."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.markup.commonmark import CommonMark
from feeds.markup.kramdown import KramdownOptions, kramdown_to_html
from feeds.markup.kramdown.budget import Budget, TooCostlyError
from feeds.markup.kramdown.fast import fast_html
from feeds.markup.kramdown.full import full_html
from tests.unit.feeds.test_kramdown_visible import visible

DEFAULTS = KramdownOptions()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Hello World\n", '<h1 id="hello-world">Hello World</h1>'),
        ('He said "it\'s" -- well...\n', "<p>He said “it’s” – well…</p>"),
        ("a | b\n", "<td>a</td><td>b</td>"),
        ("one\n* two\n", "<p>one</p>\n<ul>\n<li>two</li>\n</ul>"),
        ("term\n: meaning\n", "<dt>term</dt>\n<dd>meaning</dd>"),
        ("- [x] done\n", "<li>☑ done</li>"),
        ("a $$x < y$$ b\n", "<p>a \\(x &lt; y\\) b</p>"),
        ("```ruby\nx <1\n```\n", '<pre><code class="language-ruby">x &lt;1\n</code></pre>'),
        ("<div markdown='1'>\n*a*\n</div>\n", "<div>\n<p><em>a</em></p>\n</div>"),
        ("a[^n]\n\n[^n]: note\n", '<p>note\u00a0<a href="#fnref:n" class="reversefootnote">&#8617;</a></p>'),
    ],
)
def test_what_readers_see(text: str, html: str) -> None:
    assert html in kramdown_to_html(text)


def test_table_of_contents_links_to_headings() -> None:
    html = kramdown_to_html("* toc\n{:toc}\n\n# A [b](c)\n\n### Deep\n\n## Next\n\n# Last\n\n# Not\n{: .no_toc}\n")
    assert html.lstrip().startswith(
        '<ul>\n<li><a href="#a-b">A b</a>\n<ul>\n<li><a href="#deep">Deep</a></li>\n'
        '<li><a href="#next">Next</a></li>\n</ul>\n</li>\n<li><a href="#last">Last</a></li>\n</ul>\n'
    )


@pytest.mark.parametrize(
    ("options", "text", "html"),
    [
        (KramdownOptions(smart_quotes="apos,apos,quot,quot"), "\"a\" 'b'", "<p>\"a\" 'b'</p>"),
        (KramdownOptions(smart_quotes="laquo,raquo,8222,8220"), "'a' \"b\"", "<p>«a» „b“</p>"),
        (KramdownOptions(hard_wrap=True), "a\nb", "<p>a<br />\nb</p>"),
        (KramdownOptions(typographic=False), "a -- b...", "<p>a -- b...</p>"),
        (KramdownOptions(typographic_symbols={"hellip": "etc"}), "a...", "<p>aetc</p>"),
        (KramdownOptions(parse_block_html=True), "<div>\n*a*\n</div>", "<p><em>a</em></p>"),
        (KramdownOptions(parse_span_html=False), "a <b>*c*</b>", "<b>*c*</b>"),
        (KramdownOptions(footnote_backlink=""), "a[^1]\n\n[^1]: b", "<p>b</p>"),
        (KramdownOptions(gfm=False), "a\n* b", "<p>a\n* b</p>"),
        (KramdownOptions(auto_ids=False), "# a", "<h1>a</h1>"),
        (KramdownOptions(remove_line_breaks_for_cjk=True), "甲\n乙", "<p>甲乙</p>"),
    ],
)
def test_options_of_the_site(options: KramdownOptions, text: str, html: str) -> None:
    assert html in kramdown_to_html(text, options)


_PLAIN = st.lists(
    st.sampled_from(
        [
            "foo",
            "bar",
            "it's",
            "中文",
            "。",
            " ",
            "  ",
            "\n",
            "\n\n",
            "'",
            '"',
            "-",
            "--",
            "...",
            ".",
            ", ",
            "!",
            "1",
            "1.",
            "80s",
            "s ",
            "(",
            ")",
            "#",
            ":",
            "=",
            "+",
            "^",
            "&",
            "&amp;",
            "&copy",
            "<!-- c -->",
            "[a](http://b.c/d)",
            "[中](../)",
            "<http://a.b/c>",
            "<p>",
            "</p>",
            " <p>",
            '<span id="x">',
            "</span>",
            '<a href="q?a=1&b=2">',
            "</a>",
            "<strong>",
            "</strong>",
            "<br />",
            '<img src="a.png" alt="K">',
            "> ",
            "｜",
            "\u3000",
        ]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=1500, deadline=None)
@given(_PLAIN)
def test_the_short_way_shows_what_the_full_one_shows(text: str) -> None:
    html = fast_html(text, DEFAULTS)
    if html is not None:
        assert visible(html) == visible(full_html(text, DEFAULTS))


@pytest.mark.parametrize(
    "text",
    [
        "\n两市成交同比增长，“稳步推进”。\n\n<http://news.example/1.html>\n\n[返回](//news.example/a.html)｜[首页](../)",
        '> 引文。\n\n<p style="a"><br /></p><!-- c -->'
        '<p><a href="x?a=1&b=2"><img src="//p.example/d" alt="K" /></a></p>',
        '<p>甲<span id="s"><a href="b">乙</a></span></p>\n <p><strong>丙</strong></p>\n'
        ' <p class="source">（丁）</p>\n\n戊',
        'It\'s a "plain" post -- really...\n\nWith two paragraphs.',
    ],
)
def test_plain_posts_take_the_short_way(text: str) -> None:
    html = fast_html(text, DEFAULTS)
    assert html is not None
    assert visible(html) == visible(full_html(text, DEFAULTS))


@pytest.mark.parametrize(
    "text",
    [
        "> " * 20000,
        "![" * 20000,
        '<div markdown="1">\n' * 20000,
        "a <b>" * 20000,
        "*a _b **c __d " * 20000,
        "|" * 2000 + "\n" + "|a|\n" * 5000,
        "a <a b='" * 50000,
    ],
)
def test_work_without_end_is_refused_and_read_as_commonmark(text: str) -> None:
    with pytest.raises(TooCostlyError):
        full_html(text, DEFAULTS)
    assert kramdown_to_html(text) == CommonMark()(text)


@pytest.mark.parametrize(
    "text",
    ["> ", "* ", "a <x>", "<b>", "<b><i>", "<div>\n", '<div markdown="1">\n', "> * ", 'a <b markdown="span">'],
)
def test_the_deepest_text_that_is_read_needs_no_more_stack_than_python_has(text: str) -> None:
    read = [_is_read(text * depth + "b") for depth in range(1, 120)]  # a RecursionError would end this
    assert read.index(False) >= Budget.DEEPEST // 2 - 1


def _is_read(text: str) -> bool:
    try:
        full_html(text, DEFAULTS)
    except TooCostlyError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\x00",
        "\r",
        "�*a*",
        "�" + "![" * 20000,
        "{:a: a b}\n{:b: a}\n\nc\n{: a}\n",
        "* " * 20000,
        "a\n" + ": " * 20000,
        "[^a]\n\n[^a]: [^a]\n",
        "&#99999999999;",
        "&#xd800;",
        "{::options footnote_nr='x' toc_levels='1..9999999' /}\n\n# a\n",
        "* a\n{:footnotes}\n",
    ],
)
def test_nothing_is_raised(text: str) -> None:
    assert isinstance(kramdown_to_html(text), str)


@given(st.text(alphabet="ab \n\t*_`[]()<>!#|:-.1'\"\\{}$~&/^=", max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(kramdown_to_html(text), str)
