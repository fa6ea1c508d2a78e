"""Cutting texts, held against the Unicode implementation of the regex package and the HTML parser of browsers."""

import re
import unicodedata
from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from notifier.channels.links import LONGEST_URL, link
from notifier.channels.text import clusters, cut, cut_html, cut_markup, plain, utf8, utf16

FAMILY = "👨‍👩‍👧‍👦"
# What is new in the newest Unicode is not known to every Python.
KNOWN = st.characters(exclude_categories=["Cs", "Cn"])
INTERESTING = st.sampled_from(
    [
        *"a央é한글",
        FAMILY,
        "🇩🇪",
        "🇨",
        "e\u0301",
        "👍🏽",
        "❤️",
        "1️⃣",
        "न्दी",
        "กำ",
        "\r\n",
        "\u0600",
        "\u200d",
        "ᄀ",
        "ᅡ",
        "ᆨ",
        "각",
    ]
)
TEXT = st.lists(st.one_of(INTERESTING, KNOWN), max_size=30).map("".join)


@settings(deadline=None)
@given(TEXT)
def test_no_cluster_ends_within_a_character_that_people_see(text: str) -> None:
    ends = set(accumulate(map(len, regex.findall(r"\X", text))))
    assert set(accumulate(map(len, clusters(text)))) <= ends


@pytest.mark.parametrize("seen", [FAMILY, "🇩🇪", "👍🏽", "e\u0301", "각", "🏴\U000e0067\U000e0062\U000e007f", "क्षि"])
def test_what_people_see_as_one_is_one(seen: str) -> None:
    assert list(clusters(f"a{seen}b")) == ["a", seen, "b"]


def test_flags_are_pairs() -> None:
    assert list(clusters("🇩🇪🇨🇳🇫")) == ["🇩🇪", "🇨🇳", "🇫"]


@settings(deadline=None)
@given(TEXT, st.integers(4, 40), st.sampled_from([len, utf8, utf16]))
def test_a_cut_text_fits_and_is_the_beginning(text: str, limit: int, size: object) -> None:
    assert callable(size)
    shown = cut(text, limit, size)
    assert size(shown) <= limit
    if shown != text:
        kept = shown.removesuffix("…")
        assert text.startswith(kept)
        ends = {0, *accumulate(map(len, regex.findall(r"\X", text)))}
        # White space before the ellipsis goes.
        assert any(text[:end].rstrip() == kept for end in ends)


def test_units_are_those_of_their_encodings() -> None:
    assert (utf16("a央😀"), utf8("a央😀")) == (4, 8)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_utf16_agrees_with_the_codec(text: str) -> None:
    assert utf16(text) * 2 == len(text.encode("utf-16-le"))


def test_many_marks_on_one_letter_leave_nothing_of_it() -> None:
    assert cut("a" + "\u0301" * 2000, 100) == "…"


def test_a_long_text_is_cut_without_looking_at_all_of_it() -> None:
    assert cut("央" * 1_000_000, 10) == "央" * 9 + "…"


def test_a_plain_text_is_one_line_without_what_steers() -> None:
    assert plain("a\r\n b\x00\x1b\u202e\u2028c\ud800\u200f") == "a b c\u200f"


WORDS = st.sampled_from(["央行", "a & b", "<x>", "😀", FAMILY, '"', "text "])


@settings(deadline=None)
@given(st.lists(WORDS, max_size=20), st.integers(5, 60))
def test_cut_html_is_whole_html_that_shows_the_beginning(words: list[str], limit: int) -> None:
    escaped = [word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for word in words]
    text = "".join(f'<b>{word}<a href="https://x.example/?a=1&amp;b=2">{word}</a></b>' for word in escaped)
    shown = cut_html(text, limit, utf16)
    tree = LexborHTMLParser(f"<body>{shown}</body>")
    assert tree.body is not None
    seen = tree.body.text()
    assert utf16(seen) <= limit
    whole = "".join(word * 2 for word in words)
    assert whole.startswith(seen.removesuffix("…")) or seen == whole
    assert all(node.attributes["href"] == "https://x.example/?a=1&b=2" for node in tree.css("a"))
    opened, closed = re.findall(r"<(\w)", shown), re.findall(r"</(\w)", shown)
    assert sorted(opened) == sorted(closed)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["[title](https://x.example/a)", "text ", "&amp;", r"\*", "<https://x|y>", "央"])))
def test_cut_markup_keeps_links_entities_and_escapes_whole(parts: list[str]) -> None:
    shown = cut_markup("".join(parts), 60)
    assert len(shown) <= 60
    rest = shown.removesuffix("…")
    for part in parts:
        if not rest.startswith(part.rstrip()):
            break
        rest = rest[len(part) :]
    # Of plain words, a part may stand.
    assert "text".startswith(rest)


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a b?q=ä#ü", "https://example.org/a%20b?q=%C3%A4#%C3%BC"),
        ("https://example.org/100%25?a=1&b=[2]", "https://example.org/100%25?a=1&b=%5B2%5D"),
        ("https://bücher.example:8080/x", "https://xn--bcher-kva.example:8080/x"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://user:pass@example.org/", "https://example.org/"),
        ("javascript:alert(1)", ""),
        ("/relative", ""),
        ("", ""),
        ("https://", ""),
        ("http://[", ""),
        ("https://exam\nple.org/a\tb", "https://example.org/ab"),
        ("https://example.org/" + "ä" * LONGEST_URL, ""),
    ],
)
def test_a_link_is_ascii_and_whole(url: str, linked: str) -> None:
    assert link(url) == linked


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_address_breaks_out_of_a_link(path: str) -> None:
    shown = link(f"https://example.org/{path}", avoid="()*_~'")
    assert not set(shown) & set(" ()<>\"'`\\{}|^[]\n")
    assert shown.isascii()


def test_the_unicode_of_this_python_is_what_the_rules_expect() -> None:
    assert unicodedata.combining("\u094d") == 9
