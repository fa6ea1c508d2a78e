"""Rules for the texts of a source: what they drop and take, and how long they may take."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from feeds.body import BodyRenderer
from feeds.model import Body, Rendering, RuleTexts
from feeds.rules import Rules
from feeds.selectors import Selector, why_selector_refused
from feeds.text_pattern import TextPattern, why_refused

BASE = "https://site.example/a/b.html"


def render(html: str, **rules: tuple[str, ...]) -> Rendering:
    renderer = BodyRenderer(rules=Rules(RuleTexts(**rules)).apply)
    return renderer.render_body(Body(html=html, text=html), base_url=BASE, image=None, summary=None)


@pytest.mark.parametrize(
    ("html", "rules", "expected"),
    [
        ('<p class="ad x">a</p><p>b</p><div id="more"><p class="ad">c</p></div>', {"drop": (".ad", "#more", "div p")},
         "<p>b</p>"),
        ("<p>text</p><p><a href='/x/'>返回东财</a>｜<a href='/'>返回首页</a></p>", {"drop_text": ("返回*返回首页",)},
         "<p>text</p>"),
        ("<div>text <p>返回\n 首页</p></div>", {"drop_text": ("返回 首页",)}, "<div>text </div>"),
        ("<div><div><p>go back</p></div></div>", {"drop_text": ("go back",)}, "<div><div></div></div>"),
        ("<p>one must go back now</p>", {"drop_text": ("go back",)}, "<p>one must go back now</p>"),
        ("<ul><li>a</li><li>share this</li></ul>", {"drop_text": ("share*",)}, "<ul><li>a</li></ul>"),
        ("<pre>a &lt;b&gt; &amp;amp;</pre><br><p>x", {"drop": ("br",)}, "<pre>a &lt;b&gt; &amp;amp;</pre><p>x</p>"),
        ("</body></html><p class=x>a</p><frameset><p>b", {"drop": (".x",)}, "<p>b</p>"),
        ("<p>a</p>", {"drop": ("body", "html", ":root", "head")}, "<p>a</p>"),
        ("<script>1<2</script><p class=x>a</p>b", {"drop": ("p",)}, "b"),
    ],
)  # fmt: skip
def test_parts_are_dropped(html: str, rules: dict[str, tuple[str, ...]], expected: str) -> None:
    rendering = render(html, **rules)
    assert rendering.content_html == expected
    assert "返回" not in rendering.summary or not rules.get("drop_text", ("返回",))[0].startswith("返回")


@pytest.mark.parametrize(
    ("html", "rules", "via"),
    [
        ('<p><a href="/own">x</a></p><p class="src">from <a href="//news.example/1">there</a></p>',
         {"via": (".none", ".src")}, "https://news.example/1"),
        ('<a class="s" href="../c">x</a>', {"via": ("a.s",)}, "https://site.example/c"),
        ('<p>see http://a.example/ now</p><p><a href="http://a.example/1?x=1&amp;y=2">http://a.example/1?x=1</a></p>',
         {"via_text": ("http*",)}, "http://a.example/1?x=1&y=2"),
        ("<p>https://a.example/2</p>", {"via_text": ("http*",)}, "https://a.example/2"),
        ('<p>Source: <a href="javascript:x">x</a></p>', {"via_text": ("Source:*",)}, None),
        ('<p>Source: <a href="mailto:a@b.example">x</a></p>', {"via_text": ("Source:*",)}, None),
        ("<p>a</p>", {"via": ("a",), "via_text": ("b*",)}, None),
    ],
)  # fmt: skip
def test_the_page_that_a_post_was_taken_from(html: str, rules: dict[str, tuple[str, ...]], via: str | None) -> None:
    assert render(html, **rules).via == via


@pytest.mark.parametrize(
    ("html", "rules", "names"),
    [
        ("<p>text。</p><p>（文章来源：上海<a>证券</a>报）</p>", {"author_text": ("（文章来源：{name}）",)},
         ["上海证券报"]),
        ("<p>(一)据悉，(以下简称《通知》)。37.6万件。(央视新闻)</p>", {"author_text": ("*({name})",)}, ["央视新闻"]),
        ("<p>据悉(以下简称)。</p>", {"author_text": ("*({name})",)}, []),
        ('<p class=by>Ada\n Lovelace</p><p class=by>Bob</p><p class=by>Bob</p>', {"author": (".by",)},
         ["Ada Lovelace", "Bob"]),
        ("<p>By Ada · 3 May</p>", {"author_text": ("By {name} ·*",)}, ["Ada"]),
        ("<div><p>By Ada</p></div>", {"author_text": ("By {name}",), "drop_text": ("By *",)}, ["Ada"]),
    ],
)  # fmt: skip
def test_authors_that_the_text_names(html: str, rules: dict[str, tuple[str, ...]], names: list[str]) -> None:
    assert [author.name for author in render(html, **rules).authors] == names


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a", "a", True), ("a", "ab", False), ("a*", "ab", True), ("*b", "ab", True), ("a*b", "ab", True),
        ("ab*ba", "aba", False), ("a*b*c", "a1c2b3c", True), ("a*b*c", "a1c2b", False), ("a * b", "a x b", True),
        ("a.c", "abc", False), ("a[b", "a[b", True), ("*a*", "xax", True), ("**", "", True), ("a\\*", "a\\b", True),
        ("返回*首页", "返回东财｜返回首页", True), ("a*a*a", "aa", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, text: str, matches: bool) -> None:
    assert (TextPattern(pattern).match(text) is not None) == matches


def test_what_cannot_be_a_rule() -> None:
    wrong = [
        "p[",
        "",
        "a:hover(",
        "::before",
        "p >",
        "> p",
        "a,",
        ",a",
        "p:has(a b)",
        "p:not(:has(a))",
        "p{}",
        "a(",
        '"',
    ]
    assert [one for one in wrong if why_selector_refused(one) is None] == []
    assert why_refused("*", needs_name=False)
    assert why_refused("By *", needs_name=True)
    assert why_refused("{name}{name}", needs_name=True)
    assert why_refused("By {name}*", needs_name=True)
    assert why_refused("*{name}, x", needs_name=False)
    assert why_refused("By {name}", needs_name=True) is None


@pytest.mark.parametrize(
    "selector",
    ["p", "div p", "div > p", "p + p", "p ~ p", "div p ~ i", "div > div i, p + i", "#a", ".x.y", "[title]",
     '[title="a, b > c"]', "p:not(.x)", "p:has(i)", "li:nth-child(2n + 1)", "li:first-child", "div * i", "i ~ p ~ i",
     "p:is(.x, .y) i", "ul>li", "body p", "*"],
)  # fmt: skip
def test_selectors_select_as_the_engine_does_by_itself(selector: str) -> None:
    html = (
        '<div id="a"><p class="x y" title="a, b > c">1<i>2</i></p><p>3</p><i>4</i><div><i>5</i>'
        '<p class="y"><i>6</i></p>'
        "</div></div><ul><li>7</li><li>8</li><li>9<i>10</i></li></ul><p>11</p><!-- c --><i>12</i><p>13</p><i>14</i>"
    )
    body = LexborHTMLParser(html).body
    assert body is not None
    expected = {node.mem_id for node in body.css(selector)} - {body.mem_id}
    assert {node.mem_id for node in Selector(selector).find(body)} - {body.mem_id} == expected
    assert expected


HOSTILE = {
    "siblings": "<p>a</p>" * 200_000,
    "just below the limit": "<i></i>" * 2400,
    "one long block": "<p>" + "返回" * 500_000 + "</p>",
    "names": "<p>" + "(" * 1990 + "</p>",
    "many blocks": f"<p>{'a(' * 900}</p>" * 2400,
    "deep": "<div>" * 190 + "<p>返回</p>" * 2000,
    "many starts": "<p>" + "ab" * 990 + "</p>",
}
SLOW = {
    "drop": ("x ~ i ~ i", "i:not(:last-child) ~ x", "x div div div div div p", "div div div div div div p", "p:has(x)"),
    "drop_text": ("*".join("ab" * 50), "返回*返*回*返回首页"),
    "author_text": ("*(*(*({name})", "*a*{name}b*c"),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_end_soon(name: str) -> None:
    assert len(render(HOSTILE[name], **SLOW).content_html) <= 2 * len(HOSTILE[name])


def test_a_text_with_too_many_tags_is_left_alone() -> None:
    assert render("<p class=x>a</p>" + "<i>b</i>" * 2600, drop=(".x",)).content_html.startswith("<p>a</p>")


def test_an_excerpt_of_the_generators_is_ruled_too() -> None:
    body = Body(html="<p>a</p><p>b</p>", text="", excerpt_html="<p class=x>ad</p><p>b</p>")
    renderer = BodyRenderer(rules=Rules(RuleTexts(drop=(".x",))).apply)
    assert renderer.render_body(body, base_url=BASE, image=None, summary=None).summary == "b"
