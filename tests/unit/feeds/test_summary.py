"""Summaries: about 200 characters as people see them, cut where a person would."""

import pytest

from feeds.summary import first_image, shortened, summary_of


@pytest.mark.parametrize(
    ("html", "summary"),
    [
        ("<p>祝贺开站</p>\n", "祝贺开站"),
        ("<p>a &amp;amp; <b>b</b>c &lt;i&gt;</p>", "a &amp; bc <i>"),
        ('<p><a title="x>y" href="https://a/">t</a></p><p>u</p>', "t u"),
        ("", ""),
        ('<p><img src="https://a/b.png"></p>', ""),
        ("<p>" + "甲" * 150 + "。" + "乙" * 100 + "</p>", "甲" * 150 + "。"),
        ("<p>" + "甲" * 250 + "</p>", "甲" * 200 + "…"),
        ("<p>" + "word " * 60 + "</p>", ("word " * 40).strip() + "…"),
        ("<p>" + "a" * 300 + "</p>", "a" * 200 + "…"),
        ("<p>" + "x" * 140 + " said 3.14. Then " + "y" * 100, "x" * 140 + " said 3.14."),
        ("<b></b>" * 3000 + "late", "late"),
    ],
)
def test_the_beginning_of_the_text(html: str, summary: str) -> None:
    assert summary_of(html) == summary


@pytest.mark.parametrize(
    "cluster",
    # Unicode's emoji-zwj-sequences, a flag, a keycap, a skin tone, marks, Hangul jamo
    ["👨\u200d👩\u200d👧\u200d👦", "🇨🇳", "1\ufe0f\u20e3", "👍🏽", "e\u0301", "क\u094d", "\u1112\u1161\u11ab"],
)
def test_no_cut_inside_what_people_see_as_one(cluster: str) -> None:
    cut = shortened(cluster * 120, length=60).removesuffix("…")
    assert cut
    assert cut == cluster * (len(cut) // len(cluster))


def test_two_thousand_marks_on_one_letter_are_bounded() -> None:
    assert len(shortened("e" + "\u0301" * 2000)) <= 801


def test_the_first_image_with_its_entities_read() -> None:
    html = '<p>x</p><img alt="a>b" src="https://a.example/i?b=1&amp;c=2"><img src="https://a.example/2">'
    assert first_image(html) == "https://a.example/i?b=1&c=2"
    assert first_image('<p>&lt;img src="https://a/"&gt;</p>') is None
