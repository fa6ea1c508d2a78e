"""Sanitising and absolute URLs, and the whole way of a body."""

import html as stdlib_html
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from feeds.body import BodyRenderer
from feeds.clean import Sanitizer, is_too_deep
from feeds.markup.commonmark import CommonMark
from feeds.model import Body, Rendering
from feeds.urls import absolute_url

BASE = "https://site.example/cat/2022/02/23/post.html"
REMOTE = {"href", "src", "poster", "cite", "longdesc", "srcset"}


def clean(html: str) -> str:
    return Sanitizer().clean(html, BASE)


def render(text: str, is_markdown: bool = True) -> Rendering:
    body = Body(html=CommonMark()(text) if is_markdown else text, text=text)
    return BodyRenderer().render_body(body, base_url=BASE, image=None, summary=None)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<script>alert(1)</script>a<style>b{}</style>", "a"),
        ("<iframe>c</iframe><form action='/x'>d<input><button>e</button></form>", "de"),
        ('<p onclick="x()" class="y" id="z">a</p>', "<p>a</p>"),
        ('<a href="https://a.example/" target="_blank" rel="nofollow opener">a</a>',
         '<a href="https://a.example/" rel="nofollow">a</a>'),
        ('<p style="text-align:center;position:fixed;display:block;font-size:9px;background:url(http://x)">a</p>',
         '<p style="text-align:center">a</p>'),
        ('<pre><code class="language-rust evil">x</code></pre>', '<pre><code class="language-rust">x</code></pre>'),
        ('<img src="a.png" srcset="b.png 1x, //c.example/d,e.png 2x, javascript:x 3x">',
         '<img src="https://site.example/cat/2022/02/23/a.png" '
         'srcset="https://site.example/cat/2022/02/23/b.png 1x, https://c.example/d,e.png 2x">'),
        ('<video poster="/p.jpg"><source src="v.mp4"></video>',
         '<video poster="https://site.example/p.jpg"><source src="https://site.example/cat/2022/02/23/v.mp4"></video>'),
        ('<blockquote cite="../c">x</blockquote>',
         '<blockquote cite="https://site.example/cat/2022/02/c">x</blockquote>'),
        ("<ruby>漢<rt>kan</rt></ruby><details open><summary>s</summary>t</details>",
         '<ruby>漢<rt>kan</rt></ruby><details open=""><summary>s</summary>t</details>'),
        ("<!-- gone --><p>a", "<p>a</p>"),
    ],
)  # fmt: skip
def test_only_content_is_left(html: str, expected: str) -> None:
    assert clean(html) == expected


@pytest.mark.parametrize(
    "reference",
    ["a", "./a", "../a/", "../../../../../a", "/a/b?c=d#e", "//host.example/x", "?q=1", "#frag", "a;b", "新闻/",
     "https://other.example/", "HTTP://other.example/x", "a b".replace(" ", "%20"), "a/../b"],
)  # fmt: skip
def test_relative_references_resolve_as_rfc_3986_says(reference: str) -> None:
    assert absolute_url(BASE, reference) == urljoin(BASE, reference)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (" https://a.example/x y ", "https://a.example/x%20y"),
        ("ht\ntps://a.example/", "https://a.example/"),
        ("\\\\a.example\\b", "https://a.example/b"),
        ("https:\\\\a.example\\b", "https://a.example/b"),
        ("///a.example/b", "https://a.example/b"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("tel:+86", "tel:+86"),
        ("irc://irc.example/channel", "irc://irc.example/channel"),
        ("FTP://ftp.example/a b", "FTP://ftp.example/a%20b"),
        ("", BASE),
        ("https://[", None),
        ("//", None),
        ("http://", None),
    ],
)
def test_references_are_read_as_browsers_do(reference: str, expected: str | None) -> None:
    assert absolute_url(BASE, reference) == expected


@pytest.mark.parametrize(
    "reference",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:x", "\x01javascript:x", "java\nscript:x",
     "java\tscript:x", "java\x00script:x", "java&#10;script:x", "java&#8;script:x", "&#106;avascript:x",
     "javascript&colon;x", "vbscript:x", "data:text/html,<script>x</script>", "file:///etc/passwd", "blob:x",
     "view-source:x", "about:blank", "chrome:x", "ms-settings:x", "ssh:-oProxyCommand=x"],
)  # fmt: skip
def test_no_other_scheme_gets_through(reference: str) -> None:
    content = render(f'<a href="{reference}">x</a>', is_markdown=False).content_html
    assert content == "<a>x</a>"
    links = lxml_html.fromstring(render(f"[x](<{reference}>)").content_html).iter("a")
    assert all(link.get("href", BASE).startswith("https://site.example/") for link in links)


@given(st.text(st.sampled_from("javscript:\x00\t\n /\\.#?&;%a新\u202e<>\"'[]@"), max_size=30))
def test_any_reference_is_absolute_or_gone(reference: str) -> None:
    content = render(f'<p><a href="{stdlib_html.escape(reference)}">x</a></p>', is_markdown=False).content_html
    href = lxml_html.fromstring(content).find(".//a").get("href")
    assert href is None or href.startswith(("http://", "https://", "irc:", "ircs:", "sip:"))


@pytest.mark.parametrize("scheme", ["ftp", "irc", "mailto", "tel", "magnet", "xmpp"])
def test_what_is_loaded_unasked_comes_from_the_web(scheme: str) -> None:
    assert clean(f'<img src="{scheme}://a.example/b"><a href="{scheme}://a.example/b">c</a>') == (
        f'<img><a href="{scheme}://a.example/b">c</a>'
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Go to <path> and say <and so> on.</p><p>More.</p>", "<p>Go to  and say  on.</p><p>More.</p>"),
        ("<p>A <vector> of <INT></p><p>More.</p>", "<p>A  of </p><p>More.</p>"),
        ('<p>a <set b="</p>c">d</set></p><p>e</p>', "<p>a d</p><p>e</p>"),
        ('<img alt="cd <path>" src="https://a.example/b"><!-- <path> --><script><path></script>c',
         '<img alt="cd &lt;path&gt;" src="https://a.example/b">c'),
        ("<math><mi>a</mi><mo>+</mo><mi>b</mi></math>c", "a+bc"),
        ("<math><semantics><mi>a</mi><annotation>\\alpha</annotation></semantics></math>c", "ac"),
        ('<span class="katex"><span><math><mi>a</mi></math></span><span class="katex-html" aria-hidden="true">'
         '<span class="base">a</span></span></span>c', "<span><span>a</span></span>c"),
        ("<p>An <annotation> of Java</p>", "<p>An  of Java</p>"),
        ('<svg><path d="M0 0"/><text>a</text></svg><text>b</text>c', "bc"),
        ("<path", ""),
    ],
)  # fmt: skip
def test_an_element_of_no_meaning_takes_no_text_with_it(html: str, expected: str) -> None:
    assert clean(html) == expected


def test_characters_that_xml_forbids_are_gone_however_written() -> None:
    content = render("<p>a\x08b&#8;c&#xFFFE;d\ud800e\x00f&#x1F;g</p>", is_markdown=False).content_html
    assert content == "<p>abcdefg</p>"


NESTED = {
    "quotes": "> " * 20_000 + "x",
    "lists": "- " * 20_000 + "x",
    "brackets": "[" * 20_000,
    "links": "![" * 20_000 + "x" + "](u)" * 20_000,
    "divs": "<div>" * 20_000 + "x",
    "closed divs": "<div>" * 20_000 + "x" + "</div>" * 20_000,
    "list items": "<ul><li>" * 20_000,
    "hidden ends": '<div><!-- </div> --><i title="</div>"></i>' * 20_000,
    "hidden in script": "<div><script></div></script>" * 20_000,
    "quoted starts": '<div a"><div b">' * 20_000,
    "ends behind a table": "<div><table><td></div></table>" * 20_000,
    "ends in a select": "<div><select></div></select>" * 20_000,
    "ends behind a block": "<span><div></span></div>" * 20_000,
    "style in a drawing": "<svg><style>" + "<div>" * 20_000,
    "comment in noscript": "<noscript><!--</noscript>" + "<div>" * 20_000 + "-->",
    "CDATA in a drawing": "<div><svg><![CDATA[</div>]]>" * 20_000,
    "open formatting": "<p>" + "".join(f"<b id={n}>" for n in range(199)) + "<p>x" * 20_000,
    "unclosed tags": "<a " * 20_000,
    "unclosed quotes": '<a href="' * 20_000,
    "unclosed comments": "<!--" * 20_000,
    "unclosed script": "<script " * 20_000 + "<script>" * 20_000,
    "emphasis": "*a **b " * 20_000,
    "attributes": "<a " + " ".join(f"x{n}=1" for n in range(20_000)) + ">",
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_ends_soon_and_is_bounded(name: str) -> None:
    assert len(render(NESTED[name]).content_html) < 20 * len(NESTED[name]) + 1000


@pytest.mark.parametrize("name", ["quotes", "lists", "divs", "closed divs", "list items", "hidden ends",
                                  "hidden in script", "quoted starts", "open formatting", "ends behind a table",
                                  "ends in a select", "ends behind a block", "style in a drawing",
                                  "comment in noscript", "CDATA in a drawing"])  # fmt: skip
def test_what_no_reader_shows_is_published_as_plain_text(name: str) -> None:
    content = render(NESTED[name]).content_html
    assert content.startswith("<p>")
    assert content.count("<") == 2 * content.count("<p>")


@pytest.mark.parametrize(
    "html",
    [
        "<p>a" * 1000,
        "<ul>" + "<li>a" * 1000,
        "<table>" + "<tr><td>a<td>b" * 1000,
        "<div><span></div>" * 1000,
        "<p><b>a</p>" * 1000,
        "<br>" * 1000,
        "<table><tr><td><div><b>a</b></div></td></tr></table>" * 1000,
        "<select><option>a</select>" * 300,
        "<ruby>漢<rt>kan</ruby>" * 1000,
        "<script>" + "a<b;" * 1000 + "</script>" + "<p>x</p>" * 300,
        "<div>" * 150 + "</div>" * 150 + "<p>x</p>" * 1000,
    ],
)
def test_long_and_careless_pages_are_not_deep(html: str) -> None:
    assert not is_too_deep(html)


def test_an_author_comes_first() -> None:
    body = Body(html='<img src="/first.png">text', text="")
    rendering = BodyRenderer().render_body(body, base_url=BASE, image="https://i.example/", summary=" my\nwords ")
    assert (rendering.image, rendering.summary) == ("https://i.example/", "my words")
    assert render("![](/first.png)").image == "https://site.example/first.png"


def test_an_excerpt_that_is_the_title_is_none() -> None:
    body = Body(html="<h1>A  &amp; B</h1><p>Words.</p>", text="", excerpt_html="<h1>A  &amp; B</h1>")
    renderer = BodyRenderer()
    assert renderer.render_body(body, base_url=BASE, image=None, summary=None, title="A & B").summary == "Words."
    assert renderer.render_body(body, base_url=BASE, image=None, summary=None, title="C").summary == "A & B"


def test_a_post_of_the_first_site() -> None:
    body = (
        "  <p>据霍尼韦尔官网消息，《&lt;蒙特利尔&gt;》。</p>\n\n<http://stock.eastmoney.com/news/1405,2.html>\n\n"
        "[返回东财滚动新闻](//site.example/emnews/)｜[返回首页](../)"
    )
    rendering = render(body)
    assert rendering.content_html == (
        "  <p>据霍尼韦尔官网消息，《&lt;蒙特利尔&gt;》。</p>\n"
        '<p><a href="http://stock.eastmoney.com/news/1405,2.html">http://stock.eastmoney.com/news/1405,2.html</a></p>\n'
        '<p><a href="https://site.example/emnews/">返回东财滚动新闻</a>｜<a href="https://site.example/cat/2022/02/">返回首页</a></p>\n'
    )
    assert rendering.summary.startswith("据霍尼韦尔官网消息，《<蒙特利尔>》。 http://stock")
