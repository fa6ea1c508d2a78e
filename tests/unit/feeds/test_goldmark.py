"""What the goldmark dialect does with texts that are large, odd or hostile; Hugo itself is asked elsewhere."""

import pytest

from feeds.markup.commonmark import CommonMark
from feeds.markup.goldmark import Goldmark, GoldmarkOptions

_EVERYTHING = GoldmarkOptions(
    emoji=True,
    inserted=True,
    superscript=True,
    subscript=True,
    joins_wide_lines=True,
    block_attributes=True,
    passthrough=(("$", "$"), ("\\(", "\\)")),
)


def test_a_plain_text_is_what_commonmark_makes_of_it() -> None:
    text = "# Head\n\nWords *and* [a link](https://example.org/) here.\n\n- one\n- two\n\n![p](/p.png)\n"
    assert Goldmark()(text) == CommonMark()(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('it\'s "so"', "<p>it’s “so”</p>\n"),  # the short way
        ("it's \"so\" 'one'", "<p>it’s “so” ‘one’</p>\n"),  # the long way
        ("a\r\nb <i>c</i>", "<p>a\nb <!-- raw HTML omitted -->c<!-- raw HTML omitted --></p>\n"),
        ("see www.example.org.", '<p>see <a href="https://www.example.org">www.example.org</a>.</p>\n'),
        ("[x](javascript:alert(1)) <b>", '<p><a href="">x</a> <!-- raw HTML omitted --></p>\n'),
        ("- [x] done <b>", "<ul>\n<li>☑ done <!-- raw HTML omitted --></li>\n</ul>\n"),
    ],
)
def test_a_text_becomes_html(text: str, html: str) -> None:
    assert Goldmark()(text) == html


def test_a_target_is_asked_for_links_and_pictures() -> None:
    asked: list[tuple[str, bool]] = []

    def target(written: str, is_image: bool) -> str:
        asked.append((written, is_image))
        return f"/found/{written}"

    html = Goldmark()("[a](b.md) ![c](d.png)", target)
    assert html == '<p><a href="/found/b.md">a</a> <img src="/found/d.png" alt="c"></p>\n'
    assert asked == [("b.md", False), ("d.png", True)]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 20_000 + "x",
        "[" * 100_000,
        "*a" * 100_000,
        '"' * 290_000,
        "http://" * 40_000,
        "(http://x.org/" + "(" * 280_000,
        "a@" * 140_000,
        "[http://x.org" * 20_000,
        "[^a]: " * 20_000,
        "![a" * 50_000,
        "```\n" * 50_000,
        "$a" * 140_000,
        "++a" * 90_000,
        "\n:" * 140_000,
        'It\'s "x" -- http://x.org/a_b <b>x</b>\n\n' * 110_000,
    ],
)
@pytest.mark.parametrize("options", [GoldmarkOptions(), _EVERYTHING])
@pytest.mark.timeout(60)
def test_a_hostile_text_ends(text: str, options: GoldmarkOptions) -> None:
    assert isinstance(Goldmark(options)(text), str)
