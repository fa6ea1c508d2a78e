"""Readers see what the real kramdown shows, with the options that Jekyll gives it."""

import random

from feeds.markup.kramdown import KramdownOptions, kramdown_to_html
from feeds.markup.kramdown.full import full_html
from tests.support.jekyll import ask_ruby
from tests.unit.feeds.test_kramdown_visible import visible

_KRAMDOWN = """
require "kramdown"; require "kramdown-parser-gfm"
options = {auto_ids: true, toc_levels: (1..6).to_a, entity_output: "as_char", smart_quotes: "lsquo,rsquo,ldquo,rdquo",
           input: "GFM", hard_wrap: false, footnote_nr: 1, syntax_highlighter: nil}
puts JSON.generate(JSON.parse($stdin.read).map { |text| Kramdown::Document.new(text, options).to_html })
"""
CASES = [
    # paragraphs and headers
    "a\nb\n\nc",
    "a  \nb",
    "a\\\\\nb",
    "a\\\nb",
    "   a",
    "a\n    b",
    " \ta | b",
    "# a",
    "#a",
    "a\n# b",
    "# a #",
    "# #",
    "## a {#x}",
    "a\n===",
    "a\nb\n---",
    "a\n\n---\n\nb",
    "* * *",
    "a\n* * *",
    "^\n\na",
    "# a\n# a\n\n* t\n{:toc}",
    # lists
    "* a\n* b",
    "* a\n\n* b",
    "* a\n\n  b\n* c",
    "* a\n  * b\n    * c\n* d",
    "1. a\n2. b",
    "3. a",
    "* a\nb",
    "*a",
    "-|a",
    "* a\n\n\n\n* b",
    "* a\n1. b",
    "* a\n\n      code",
    "* a\n\tb",
    "* a\n^\n* b",
    "* {:.x} a",
    "- [ ] a\n- [x] b",
    "  * a\n * b",
    "a\n: b",
    "a\n\n: b\n\n  c",
    "a\nb\n: c\n: d\n\ne\n: f",
    ": a",
    "* a\n  > b\n\n  c",
    # quotes and code
    "> a\nb\n\nc",
    "> a\n>\n> > b",
    "> * a\n> * b",
    "    a\n    b",
    "    a\nb",
    "a\n\n    b\n\n    c",
    "```\na\n```",
    "```ruby\na\n```",
    "``` ruby a\nb\n```",
    "~~~\na\n~~~",
    "````\na\n```\n````",
    "````\na\n```",
    "a\n```\nb\n```",
    "```js?x=1\na\n```",
    "```\na",
    # tables
    "a | b",
    "| a | b |\n|---|:-:|\n| 1 | 2 |",
    "a\nb | c",
    "b | c\na",
    "|a|\n|=\n|b|",
    "|a|b|\n|c|",
    "a \\| b",
    "a `|` b",
    "a | `b | c`",
    "|a|<code>b|c</code>|",
    "|a|\n|b|\n{:.x}",
    "|-\n",
    "a | b\n--|--\nc | d\n--|--\ne | f",
    # HTML
    "<p>*a*</p>\n*b*",
    "<div>a</div> b",
    "a <div>b</div>",
    "a\n<div>*b*</div>\nc",
    "<div markdown='1'>*a*</div>",
    "a <b>*c*</b>",
    "a </b> c",
    "a <b c",
    "<b>a</b>",
    "<!-- a -->b",
    "a <!-- *b* --> c",
    "<pre>a\n\nb</pre>",
    "<script>*a*</script>",
    "<p>a",
    "<ul><li markdown='span'>*a*</li></ul>",
    "<br>a",
    "<table><tr><td>*a*</td></tr></table>",
    "<http://a.b/c_d_e>",
    "<a@b.c>",
    "<mailto:a@b.c>",
    "a <code>*b*</code>",
    "<DIV>a</DIV>",
    "<span markdown='0'>*a*</span>",
    "<foo>*a*</foo>",
    "<p>a &copy b & c</p>",
    # emphasis, code, escapes, entities
    "*a* **b** ***c*** _d_ __e__",
    "a_b_c",
    "中_文_",
    "a*b*c",
    "* a*",
    "**a*",
    "*a **b*",
    "`a` ``b`c`` ` d",
    "`a",
    "\\*a\\*",
    "\\a",
    "&amp; &copy; &foo; &#65; &#x41; & &lang; &#150;",
    "~~a~~ ~~ b~~",
    "a~~b~~c",
    "$$a$$ $b$",
    "$$\na\n$$",
    "\\$$a$$\n",
    "`a`{:.b}",
    # typography
    "\"a\" 'b' it's",
    "'80s '90 \"'a' b\"",
    '("a") ["b"] {"c"}',
    '"*a*" *"b"*',
    "-- --- ... ....",
    "<< a >> <<b>>",
    "\\<< \\>>",
    'a--"b"--c',
    '"a."',
    "a 'b",
    '"',
    '\\"a\\"',
    '"&',
    "'...",
    '中"文"中',
    # links and definitions
    "[a](b)",
    "[a](b 'c')",
    '[a](<b c> "d")',
    "[a](b(c)d)",
    "[a][b]\n\n[b]: c 'd'",
    "[a]\n\n[A]: b",
    "[a] [b]\n\n[b]: <c d>",
    "[a](b",
    "[a [b] c](d)",
    "[![a](b)](c)",
    "![a *b*](c)",
    "![a](b){: title='c'}",
    '[a](b){:title="c"}',
    "[a]: b 'c",
    "![a](b){:standalone}",
    "a[^1] b[^2] c[^1]\n\n[^1]: d\n\n    e\n[^2]: f\n",
    "a[^x]",
    "a[^1]\n\n[^1]: b[^2]\n[^2]: c",
    "a[^1]\n\n[^1]:\n    > b",
    "* x\n{:footnotes}\n\na[^1]\n\n[^1]: b",
    "*[ab]: c\n\nab abc (ab)",
    "[^a]: b\n{:.c}\n\nd",
    # attribute lists and extensions
    "a\n{: .b}",
    "{: .b}\na",
    "{: .b}\n\na",
    "{:x: .y}\n\na\n{:x}",
    "a{::comment}b{:/}c",
    "{::comment}\na\n{:/}\nb",
    "{:/}",
    "{::x}a{:/}",
    "{::nomarkdown}\n<b>*a*</b>\n{:/}",
    "{::options parse_block_html='true' /}\n\n<div>\n*a*\n</div>",
    "a {:b",
    "{:a\nb",
    "{::nomarkdown type='latex'}\na\n{:/}",
    "# a\n{: .no_toc}\n# b\n\n1. x\n{:toc}",
]
_PIECES = [
    "a",
    "foo ",
    "中文",
    "é",
    "x_y",
    "1. ",
    "* ",
    "- ",
    "> ",
    "# ",
    "---",
    "===",
    "~~~",
    "```",
    "`",
    "*",
    "**",
    "_",
    "__",
    "~~",
    "[",
    "](",
    ")",
    "]",
    "[a]",
    "[a]: b",
    "[^1]",
    "[^1]: n",
    "![",
    '"',
    "'",
    "'s",
    "--",
    "...",
    "<<",
    ">>",
    "\\",
    "&amp;",
    "&x;",
    "<b>",
    "</b>",
    "<div>",
    "</div>",
    '<div markdown="1">',
    "<br>",
    "<!-- c -->",
    "<http://a.b>",
    "{:.x}",
    "{:toc}",
    "{::comment}",
    "{:/}",
    "$$",
    ": ",
    "^",
    "    ",
    "\t",
    "  \n",
    "$",
    "!",
    "(",
    "<p>",
    "</p>",
    "<code>",
    "</code>",
    ".",
    "=",
    "|",
    "| a | b |",
    "|---|",
]


def test_every_rule() -> None:
    theirs = ask_ruby(_KRAMDOWN, CASES)
    assert {text: visible(kramdown_to_html(text)) for text in CASES} == {
        text: visible(html) for text, html in zip(CASES, theirs, strict=True)
    }


# Placeholders that look like elements stay open to the end of what they stand in.
DEEP = [
    "a 'b' <c> " * 70 + "*d*",
    "<div>\n<p>a <b></p>\n</div>\n\n'c'\n" * 20,
    "<div>\n" * 70 + "a\n",
    "> " * 70 + "'a'",
]


def test_a_text_that_is_deep_as_old_posts_are() -> None:
    theirs = ask_ruby(_KRAMDOWN, DEEP)
    assert {text: visible(kramdown_to_html(text)) for text in DEEP} == {
        text: visible(html) for text, html in zip(DEEP, theirs, strict=True)
    }


def test_rules_in_each_others_way() -> None:
    """Texts put together by chance, the same ones each time."""
    chance = random.Random(7)
    texts = [_mixed(chance) for _ in range(1500)]
    theirs = ask_ruby(_KRAMDOWN, texts)
    assert {text: visible(full_html(text, KramdownOptions())) for text in texts} == {
        text: visible(html) for text, html in zip(texts, theirs, strict=True)
    }


def _mixed(chance: random.Random) -> str:
    some = [*chance.sample(_PIECES, chance.choice((4, 8, 14))), "\n", "\n\n", "a", " "]
    return "".join(chance.choice(some) for _ in range(chance.choice((4, 10, 20))))
