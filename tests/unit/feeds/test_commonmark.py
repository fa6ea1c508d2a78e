"""Markdown: GitHub's tables and lists, raw HTML, and kramdown's attribute lists taken out."""

import pytest

from feeds.markup.commonmark import CommonMark, without_attribute_lists


@pytest.mark.parametrize(
    ("text", "html"),
    [
        # https://github.github.com/gfm/, examples 198, 491 and 279
        ("| foo | bar |\n| --- | --- |\n| baz | bim |", "<td>bim</td>"),
        ("~~Hi~~ Hello", "<p><del>Hi</del> Hello</p>"),
        ("- [ ] foo\n- [x] bar", "☑"),
        ("<http://stock.eastmoney.com/news/1405,1.html>", '<a href="http://stock.eastmoney.com/news/1405,1.html">'),
        ("<>", "<p>&lt;&gt;</p>"),
        (' <p align="center">甲</p>\n\n> 乙', "<blockquote>\n<p>乙</p>\n</blockquote>"),
        ("a[^1]\n\n[^1]: note", "note"),
    ],
)
def test_what_posts_use(text: str, html: str) -> None:
    assert html in CommonMark()(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("para\n{: .note #id }\nnext", "para\nnext"),
        ("[a](b){:target='_blank'} c", "[a](b) c"),
        ("`x`{:.ruby}", "`x`"),
        ("```\n{: .kept}\n```\n{: .gone}", "```\n{: .kept}\n```"),
        ("~~~~ elixir\n~~~\n{:ok, 1}\n~~~~", "~~~~ elixir\n~~~\n{:ok, 1}\n~~~~"),
        ("`{:?}` and ``a ` {:.x}`` stay, `x`{:.ruby} goes", "`{:?}` and ``a ` {:.x}`` stay, `x` goes"),
        ('`println!("{:?}", x)` prints "{:?}"', '`println!("{:?}", x)` prints "{:?}"'),
        ("an Elixir tuple {:ok, 1} stays", "an Elixir tuple {:ok, 1} stays"),
    ],
)
def test_attribute_lists_go(text: str, expected: str) -> None:
    assert without_attribute_lists(text) == expected
