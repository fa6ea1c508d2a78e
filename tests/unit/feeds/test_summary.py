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


FILLED = "记者从国家知识产权局第四季度例行新闻发布会上了解到" * 5
MORE = "打击恶意商标注册申请专项整治行动累计向地方通报四批次非正常专利申请" * 4
WORDS = "The committee has met again and " * 4
REST = "they have agreed to go on with it as before " * 5


@pytest.mark.parametrize(
    "ending",
    [
        "，他说：“今天很好。”",
        "，《通知》指出「应当支持。」",
        "，难道不是吗？！”",
        "，他欲言又止……",
        "，前三批撤回率达93.1%；申请37.6万件。",
        "，见 http://finance.eastmoney.com/news/11060,202112082206672930.html。",
        "，很好👍🏽！",
        "，全角句点．",
        '，他说"好。"',
        "，（见图。）",
        "，苹果公司发布 iPhone.",
    ],
)
def test_chinese_ends_at_a_sentence(ending: str) -> None:
    assert summary_of(f"<p>{FILLED}{ending}{MORE}</p>") == FILLED + ending


@pytest.mark.parametrize(
    "part",
    [
        "涨幅为3.14",
        "涨幅为３．１４",
        "收购Apple Inc.的股份",
        "访问 www.site.example 即可",
        "见http://a.example/?q=what!now",
    ],
)
def test_chinese_does_not_end_inside_of_a_number_a_name_or_an_address(part: str) -> None:
    assert summary_of(f"<p>{FILLED}，{part}{MORE}</p>").endswith("…")


@pytest.mark.parametrize(
    "part",
    ["the U.S. Senate", "some, e.g. apples", "Dr. Who", "J. R. Tolkien", "apples vs. Pears", "item 2. Second",
     "and so on ... and",     "from Jan. 3", "in No. 5", "Smith et al. Found"],
)  # fmt: skip
def test_a_full_stop_that_ends_no_sentence(part: str) -> None:
    assert summary_of(f"<p>{WORDS}{part} {REST}</p>").endswith("…")


@pytest.mark.parametrize(
    "ending", ["they left.", "they left!", 'he said "no."', "it was 1999.", "(it is so.)", "was it IBM?"]
)
def test_english_ends_at_a_sentence(ending: str) -> None:
    assert summary_of(f"<p>{WORDS}{ending} {REST.capitalize()}</p>") == WORDS + ending


@pytest.mark.parametrize(
    ("html", "summary"),
    [
        ("<h1>开站 大吉</h1><p>祝贺开站</p>", "祝贺开站"),
        ("\n<p><b>开站\n大吉</b></p>祝贺", "祝贺"),
        ("<p>开站 大吉 祝贺</p>", "开站 大吉 祝贺"),
        ("<p>开站 大吉</p>", "开站 大吉"),
        ("<p>A &amp; 开站</p>", "A & 开站"),
    ],
)
def test_a_first_line_that_repeats_the_title_is_left_out(html: str, summary: str) -> None:
    assert summary_of(html, "开站 大吉") == summary


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
