"""Whole words in scripts with spaces, characters anywhere in those without: a table by hand."""

import pytest

from core.words import Words, folded


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("cat", "A category", False),
        ("cat", "concat", False),
        ("cat", "category and Cat.", True),
        ("cat", "cat", True),
        ("cat", "猫cat猫", True),
        ("cat", "the cat's, cat_food", True),
        ("cat", "cat2", False),
        ("été", "l\u2019E\u0301TE\u0301 !", True),
        ("рост", "Ростов", False),
        ("рост", "Рост цен", True),
        ("降准", "央行降准0.5个百分点", True),
        ("人民币", "離岸人民幣", False),
        ("A股", "今日A股大涨", True),
        ("A股", "USA股", False),
        ("5G", "用5G网络", True),
        ("5G", "15G", False),
        ("カメラ", "新型ｶﾒﾗ発売", True),
        ("서울", "서울에서", True),
        ("C++", "in C++, and", True),
        ("C++", "ObjC++", False),
        (".net", "asp.net", True),
        ("new york", "New York Times", True),
        ("new york", "new yorker", False),
    ],
)
def test_a_word_is_found(word: str, text: str, found: bool) -> None:
    assert Words([word]).any_in(folded(text)) is found


def test_any_and_all() -> None:
    words = Words(["降准", "加息"])
    assert words.any_in("央行降准")
    assert not words.all_in("央行降准")
    assert words.all_in("降准不加息")
