"""Our text of a post beside that of the real Hugo: what is read, where links lead, which pictures are shown."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
from lxml import html as lxml_html

from feeds.model import Body
from feeds.sources.hugo.content import HugoContent
from feeds.sources.hugo.content_site import HugoContentSite
from feeds.yaml_text import Node, Scalar
from tests.support.hugo import find_hugo
from tests.support.hugo_shortcodes import TEMPLATES, USES
from tests.support.hugo_summaries import SUMMARIES, WIDE

_CONFIG = """\
baseURL = "https://example.org/"
enableEmoji = {emoji}
hasCJKLanguage = {wide}
disableKinds = ["taxonomy", "term", "sitemap", "robotsTXT", "404", "section"]
[outputs]
home = ["json"]
[params.deep]
key = "Deep <value>"
[markup.goldmark]
"""
_DUMP = """\
{{ $all := slice }}{{ range .Site.RegularPages }}{{ $all = $all | append (dict "path" .File.Path
"content" (string .Content) "summary" (string .Summary)) }}{{ end }}{{ $all | jsonify }}"""
_FRONT = "---\ntitle: x\nmine: my *own* <v>\nlisted: [a, b]\n---\n"
_PAGE: Mapping[str, Node] = {
    "mine": Scalar("my *own* <v>", True),
    "listed": [Scalar("a", True), Scalar("b", True)],
}
_OTHERS = {"other.md": "o", "sub/page.md": "s"}

_MARKDOWN = (
    (
        '"a\\"b" & &amp; http://x.org/a_b_c *e* \\\\"q  \n'
        "hard <b>x</b> `co'de` [l](u \"ti\") ![i *j*](s 'k') <http://u.org> <a@b.cc> [r] ~~s~~ fn[^1]\n"
        "\n"
        "[r]: /ref\n"
        "\n"
        "[^1]: Foot\n"
        "    note\n"
        "\n"
        "- [x] a\n"
        "- b"
    ),
    ("term\n: def\n\nterm2\n: def a\n: def b\n\nt3\nt4\n\n: def p\n\n: def q"),
    ("| a | b |\n|:-|--|\n| c | d `x\\|y` |"),
    ('```go {a=b}\nx <y> "q" -- ...\n```\n\n    ind'),
    ("<div>\nx\n</div>\n\npara"),
    ("---\n> [!NOTE]\n> alert"),
    "He said \"hello\" and 'bye'. It's '90s 'twas the 'em. dogs' bones. the dogs'",
    '"It\'s \'quoted\' here," she said--no, wait---really... 6\'2" and 5" -- 12" x "9""',
    "<<guillemets>> and >> and a<<b>>c ---- ----- .... -- a - b",
    "*\"foo\"* **'bar'** \"*foo*\" '**bar**' (\"x\") ['y'] \"[z](u)\" _'a'_",
    (
        "https://x.org and (https://y.org/a) *https://z.org* **http://q.org/a_b_** www.foo.com. mail me "
        "a.b@c.org, x@y http://foo"
    ),
    "see http://x.org/a?b=c&d=e&amp; or http://x.org/(a)b) and [http://no.org] [http://x.org",
    (
        "[a](javascript:alert) ![x](data:image/png;base64,xx) [b](file:///x) [c](data:text/html,x) [d](<"
        'a b.html>) [e](ä.html "t")'
    ),
    ("# H *x* {#id .a}\n\n## H2 {.b}\n\nSetext {#foo}\n=======\n\n{.para}\nText {x}"),
    ("Foo[^a] bar[^b] baz[^a] and [^none].\n\n[^b]: second *x*\n[^a]: first\n\n    with para\n\n[^unused]: no"),
    ("1. a\n2. b\n\n   c\n3) d\n- e\n\n  - f\n* g\n+ h"),
    ("a  \nb\\\nc\nd"),
    "&copy; &#65; &nbsp; &bogus; \\& \\\" \\' \\-- \\... a\\*b",
    "<span>x</span> <!-- c --> a <br> b <http://x.y/z>",
    ('"line one\nline two" and \'a\nb\' end"'),
    ("- \"tight item\"\n- it's 'ok'\n- dogs'\n- \"x"),
    "“already” ‘curly’ – — …",
    "中文\"引号\"和'单引号'测试--破折号...结束。https://中文.cn http://x.cn中文",
    'a "b", "c". "d"? ("e") "f"; "g"-"h" "i/j" "k"l',
    "I'm you're they'll 'I'm' 'you're' 'n' rock'n'roll '80s '80 1'2 a'1 'a1'",
    ('| "a" | \'b\' |\n|---|---|\n| it\'s | "x" y |\n| http://x.org | `a` |'),
    ("Visit:https://x.org or,https://y.org \"https://z.org\" 'http://q.org' [https://r.org](https://s.org)"),
    "***a*** __b__ *c*d _e_f `` ` `` ``` a ```",
    '![](x.png) ![a "b" c](y.png "t") [![i](z.png)](l)',
    ("a\n***\nb\n---\nc\n==="),
    ('> "q\n> r" -- s\n>\n> - t'),
    ("<details>\n<summary>x</summary>\n\nInner *m*\n\n</details>\n\nafter"),
    "foo@bar.com FOO@BAR.COM a_b@c.d.e- x+y@z.io! (m@n.op) _a@b.cd_",
    ("ftp://x.org/a HTTP://X.org https://x.org:80/a https://x.org. https://x.org, https://x.org! https://x.org/a;b;"),
    ("term with \"q\"\n:   def with 'q'\n    more\n\n    para\n\nNot a def\n:no space"),
    ("[x]: http://r.org 'T'\n[foo][x] [x] [x][] [bar](http://a.b/c(d)e)"),
    ('Line "a" ended with "b"\n"start" of line\n\'start\' of line\n(c) (tm) -> <- +- 1/2'),
    "\"'nested' quotes\" and '\"nested\"' \"a 'b' c\"",
    ("A -- B --- C–D a--b a---b --x y-- \n-- start"),
    '<em>raw "q" it\'s</em>',
    (
        "(https://a.org/x), (https://a.org/x(1)). www.a.org/x), https://a.org/x;), https://a.org/x)))..."
        " https://a.org/x&gt; y"
    ),
    ("Not a def\n:no space\n\n:::note\ntext\n:::"),
    ('* (for \'env\')\n    * x\n* text: ""\n* more: ""'),
    ("a|b\n:--|:--\nc|d"),
    "cin << x >> y <<EOF",
    ("x\n---\n> a -- b ... <<c>>"),
    "a~b~c x~y~ z 嚯~我~喔 3:45~5:00 和 6~7 号 （~文~）字 中~文~",
    "|a|b|\n|--|--|--|\n|c|d|e|\n\n|a|b|c|\n|--|--|\n|c|d|e|\n\na|b\n--|:--|--\nc|d|e\n\npara\n|a|\n|--|--|\n|c|",
    "x\n--|--\na|b\n\n> |a|\n> |--|--|\n> |c|d|\n\n- |a|\n  |--|--|\n  |c|d|\n\n|a\n|--|--|\n|c|d|",
    "| a \\| b |\n|--|--|\n|c|d|\n\na|\n--|--\nc|d\n\n```\n|a|\n|--|--|\n```\n\n    |a|\n    |--|--|",
    "a~ b ~c\n\n~d e~ f ~~g~h~~ i ~~~j~~~ k ~~ l ~~\n\nm~(n)~o (p)~q~ r",
    '`a~b~c` and a~"b"~c and [x~y](z)~w~',
)

_SHORTCODES = (
    'a {{< kbd "x<y" >}} b',
    ('{{< note >}}\n**bold** "q"\n{{< /note >}}'),
    ("{{% note %}}\n**bold**\n\npara\n{{% /note %}}"),
    "{{< raw >}}<b>x</b> *y*{{< /raw >}}",
    "{{% raw %}}<b>x</b> *y*{{% /raw %}}",
    '{{< box title="T & \\"q\\"" >}}in{{< kbd `raw "s"` >}}ner{{< /box >}}',
    ("{{< box >}}\n*x*\n{{< /box >}}\n\npara"),
    ('text {{< img src="/a b.png" >}} text\n\n{{< img src="/x.png" alt=plain >}}'),
    ('{{< img\n  src="http://x.org/i.png"\n  alt="multi line"\n>}}'),
    'shown {{</* kbd "x" */>}} and {{%/* note %}}inner{{%/* /note */%}} and `{{</* code */>}}`',
    ("```\n{{< kbd code >}}\n{{</* kbd */>}}\n```"),
    ("- item\n\n  {{< kbd in >}}\n\n  {{% note %}}\n  deep\n  {{% /note %}}"),
    "{{% note %}}outer {{% note %}}in *x*{{% /note %}}{{% /note %}}",
    "{{< note >}}outer {{% raw %}}in *x*{{% /raw %}}{{< /note >}}",
    (
        '{{< figure src="/i.png" title="T" caption="cap *x* \\"q\\"" alt="alt" link="/l" attr="by **me**" '
        'attrlink="http://m.org" >}}'
    ),
    '{{< figure src="i.png" caption="only c" >}}',
    'p {{< figure src="i.png" >}} q',
    ('{{< highlight go >}}\nfunc <x> "y"\n{{< /highlight >}}'),
    '{{< highlight go "linenos=false" >}}a{{</ highlight >}}',
    ('{{< details summary="Sum *x*" >}}\ninner *y*\n\n- a\n{{< /details >}}'),
    "{{< details >}}x{{< /details >}}",
    '{{< param mine >}} and {{% param "deep.key" %}} {{< param listed >}}',
    (
        '[ref]({{< ref "other" >}}) [r]({{< relref "other.md" >}}) [h]({{% ref path="other#x" %}}) {{< r'
        'elref "sub/page" >}}'
    ),
    "{{< rs >}}a *b*{{< /rs >}}",
    ("  {{< ded >}}\n  a\n    b\n  {{< /ded >}}"),
    '{{< opt a=1 >}} {{< opt >}} {{< opt a="" >}}',
    '{{% md "x" %}} text *in* {{% /md %}} z',
    '**{{< kbd x >}}** "{{< kbd x >}}" it{{< kbd x >}}\'s',
    "{{< raw />}} after {{< kbd a >}}",
    "{{< comment >}}gone{{< /comment >}}x",
    ("intro *a*\n\n<!--more-->\n\nrest"),
    "one <!--more--> two",
    ("- a\n- b <!--more-->\n- c\n\nd"),
    ("a\n<!--more-->\nb"),
    ("{{< note >}}x{{< /note >}}\n<!--more-->\n{{< kbd y >}}"),
    ("<!--more-->\nall"),
    ("a\n\n<!-- more -->\n\nb"),
    ("# H {#i}\n\n{{< kbd a >}}\n{{< kbd b >}}\n\n> {{< kbd c >}}"),
    ("| a | b |\n|--|--|\n| {{< kbd x >}} | {{% kbd y %}} |"),
    ('{{< kbd `a\nb` >}} {{<kbd x>}} {{<  kbd   "x"  >}} {{< kbd 1.5 >}} {{< kbd true >}}'),
    ("<div>{{< kbd x >}}</div>\n\n{{% raw %}}\n<p>html</p>\n{{% /raw %}}"),
    "{{< kbd.inline >}}x{{< /kbd.inline >}}y",
    (
        "word word word word word word word word word word word word word word word word word word word "
        "word word word word word word word word word word word \n"
        "\n"
        "more more more more more more more more more more more more more more more more more more more "
        "more more more more more more more more more more more \n"
        "\n"
        "words words words words words words words words words words words words words words words words"
        " words words words words words words words words words words words words words words \n"
        "\n"
        "end"
    ),
    "short",
    (
        "中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中"
        "文中文中文\n"
        "\n"
        "中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中"
        "文中文中文\n"
        "\n"
        "中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中文中"
        "文中文中文\n"
        "\n"
        "end"
    ),
    (
        "- li li li li li li li li li li li li li li li li li li li li li li li li li li li li li li li "
        "li li li li li li li li li li li li li li li li li li li li li li li li li li li li li li li li"
        " li li li li li li li li li li li li li li li li li \n"
        "\n"
        "para\n"
        "\n"
        "para2"
    ),
    ('{{< raw >}}\n{{< figure src="x.png" >}}\n{{< /raw >}}'),
    '{{< box title=`a "b"` >}}{{< box >}}x{{< /box >}}{{< /box >}}',
)

# Settings, the same as the reader of a site gives them, and what they are tried with.
_SETTINGS: tuple[tuple[str, dict[str, Node], tuple[str, ...]], ...] = (
    ("renderer.hardWraps = true", {"renderer": {"hardwraps": Scalar("true", True)}}, ("a\nb", "**a**\nb")),
    (
        "extensions.linkify = false\nextensions.table = false\nextensions.strikethrough = false",
        {"extensions": {name: Scalar("false", True) for name in ("linkify", "table", "strikethrough")}},
        ("https://a.org ~~x~~", "| a |\n|---|\n| b |"),
    ),
    (
        "extensions.typographer.disable = true\nextensions.definitionList = false\nextensions.footnote.enable = false",
        {
            "extensions": {
                "typographer": {"disable": Scalar("true", True)},
                "definitionlist": Scalar("false", True),
                "footnote": {"enable": Scalar("false", True)},
            }
        },
        ("\"a\" -- 'b' ...", "a\n: b", "x[^1]\n\n[^1]: note"),
    ),
    (
        'extensions.typographer.leftDoubleQuote = "&laquo;"\nextensions.typographer.rightDoubleQuote = "&raquo;"',
        {
            "extensions": {
                "typographer": {
                    "leftdoublequote": Scalar("&laquo;", False),
                    "rightdoublequote": Scalar("&raquo;", False),
                }
            }
        },
        ('"quoted" text', "it's"),
    ),
    (
        "extensions.extras.superscript.enable = true\nextensions.extras.insert.enable = true\n"
        "extensions.extras.mark.enable = true",
        {
            "extensions": {
                "extras": {name: {"enable": Scalar("true", True)} for name in ("superscript", "insert", "mark")},
            }
        },
        ("x^2^ and ++ins++ and ==marked==", "a ++b++ c"),
    ),
    (
        'extensions.passthrough.enable = true\nextensions.passthrough.delimiters.block = [["$$", "$$"]]\n'
        'extensions.passthrough.delimiters.inline = [["\\\\(", "\\\\)"]]',
        {
            "extensions": {
                "passthrough": {
                    "enable": Scalar("true", True),
                    "delimiters": {
                        "block": [[Scalar("$$", False), Scalar("$$", False)]],
                        "inline": [[Scalar("\\(", False), Scalar("\\)", False)]],
                    },
                }
            }
        },
        ("$$\na_1 *b* < c_2\n$$", "see \\(a_1 -- *b*\\) and `\\(x\\)`"),
    ),
    ("parser.attribute.block = true", {"parser": {"attribute": {"block": Scalar("true", True)}}}, ("a\n{.note}\n\nb",)),
    (
        "extensions.CJK.enable = true\nextensions.CJK.eastAsianLineBreaks = true",
        {"extensions": {"cjk": {"enable": Scalar("true", True), "eastasianlinebreaks": Scalar("true", True)}}},
        ("中文\n换行", "中文\nlatin\n换行"),
    ),
)


def _seen(html: str, base: str) -> tuple[str, list[str], list[str]]:
    """Return what a reader reads, where the links lead and which pictures are shown."""
    for box in ("☑ ", "☐ "):  # we write a task list's box as a sign
        html = html.replace(box, "")
    if not html.strip():
        return "", [], []
    tree = lxml_html.fragment_fromstring(
        html.replace("</td>", "</td> ").replace("</th>", "</th> "), create_parent="div"
    )
    for comment in tree.xpath("//comment()"):
        comment.drop_tree()
    links = [unquote(urljoin(base, link.get("href") or "")) for link in tree.iter("a")]
    pictures = [unquote(urljoin(base, picture.get("src") or "")) for picture in tree.iter("img")]
    return " ".join("".join(tree.itertext()).split()), links, pictures


def _built(
    root: Path, texts: Mapping[str, str], settings: str, *, emoji: bool = False, wide: bool = False, top: str = ""
) -> dict[str, dict[str, str]]:
    """Build a site of the texts with Hugo; return the content and the summary of each file."""
    files = {f"layouts/_shortcodes/{name}.html": template for name, template in TEMPLATES.items()}
    files |= {"layouts/home.json": _DUMP, "layouts/page.html": "page", "layouts/home.html": "home"}
    files |= {f"content/{name}": _FRONT + text for name, text in (texts | _OTHERS).items()}
    files["hugo.toml"] = top + _CONFIG.format(emoji=str(emoji).lower(), wide=str(wide).lower()) + settings
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUGO")}
    environment = kept | {"HUGO_CACHEDIR": str(root / "cache")}
    command = [find_hugo(), "build", "--source", root, "--noBuildLock"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=170, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return {page["path"]: page for page in json.loads((root / "public" / "index.json").read_text())}


def _resolve(reference: str, _path: str) -> str | None:
    name, mark, fragment = reference.partition("#")
    known = {"other": "https://example.org/other/", "sub/page": "https://example.org/sub/page/"}
    found = known.get(name.removesuffix(".md"))
    return f"{found}{mark}{fragment}" if found else None


def _ours(
    root: Path, goldmark: Mapping[str, Node], text: str, *, emoji: bool = False, wide: bool = False, lost: str = ""
) -> Body:
    site = HugoContentSite(
        root=str(root),
        base_url="https://example.org/",
        language="en",
        params={"deep": {"key": Scalar("Deep <value>", False)}},
        goldmark=goldmark,
        summary_length=70,
        resolve=_resolve,
        missing_page_url=lost,
        shortcode_folders=("layouts/_shortcodes", "layouts/shortcodes"),
    )
    content = HugoContent(site, emoji=emoji, counts_cjk=wide)
    return content.render(text, path="x.md", page=_PAGE, first_line=6, markup="markdown")


def _compare(root: Path, texts: tuple[str, ...], settings: str, goldmark: Mapping[str, Node]) -> None:
    named = {f"case{number:03}.md": text for number, text in enumerate(texts)}
    theirs = _built(root, named, settings)
    differing = []
    for name, text in named.items():
        base = f"https://example.org/{name.removesuffix('.md')}/"
        ours = _ours(root, goldmark, text)
        excerpt = ours.html if ours.excerpt_html is None else ours.excerpt_html
        for what, our, their in (
            ("content", ours.html, theirs[name]["content"]),
            ("summary", excerpt, theirs[name]["summary"]),
        ):
            if _seen(our, base) != _seen(their, base):
                differing.append((what, text, our, their))
    assert not differing


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_text_reads_as_hugo_shows_it(tmp_path: Path, unsafe: bool) -> None:
    goldmark: Mapping[str, Node] = {"renderer": {"unsafe": Scalar("true", True)}} if unsafe else {}
    settings = "renderer.unsafe = true" if unsafe else ""
    _compare(tmp_path, (*_MARKDOWN, *_SHORTCODES, *USES, *SUMMARIES), settings, goldmark)


@pytest.mark.parametrize(("settings", "goldmark", "texts"), _SETTINGS)
def test_a_setting_does_what_it_does_in_hugo(
    tmp_path: Path, settings: str, goldmark: Mapping[str, Node], texts: tuple[str, ...]
) -> None:
    _compare(tmp_path, texts, settings, goldmark)


@pytest.mark.parametrize("text", WIDE)
def test_wide_text_is_summed_up_by_its_characters(tmp_path: Path, text: str) -> None:
    theirs = _built(tmp_path, {"a.md": text}, "renderer.unsafe = true", wide=True)["a.md"]
    ours = _ours(tmp_path, {"renderer": {"unsafe": Scalar("true", True)}}, text, wide=True)
    assert _seen(ours.excerpt_html or ours.html, "") == _seen(theirs["summary"], "")


def test_a_reference_to_no_page_leads_where_the_site_says(tmp_path: Path) -> None:
    text, lost = (
        '[a]({{< ref "gone" >}}) [b]({{< relref "gone.md#x" >}}) [c]({{< ref "other" >}})',
        "https://x.org/lost/",
    )
    config = f'refLinksErrorLevel = "WARNING"\nrefLinksNotFoundURL = "{lost}"\n'
    theirs = _built(tmp_path, {"a.md": text}, "", top=config)["a.md"]["content"]
    ours = _ours(tmp_path, {}, text, lost=lost)
    assert _seen(ours.html, "") == _seen(theirs, "")
    assert [notice.code for notice in ours.notices] == ["unresolved-reference"] * 2


def test_emoji_have_the_signs_that_hugo_gives_them(tmp_path: Path) -> None:
    text = ":smile: :+1: :man_beard: :family_man_woman_girl_boy: :de: :nothing_such: a:b:c `:smile:` :t-rex:"
    theirs = _built(tmp_path, {"a.md": text}, "", emoji=True)
    assert _seen(_ours(tmp_path, {}, text, emoji=True).html, "") == _seen(theirs["a.md"]["content"], "")
