"""Lists of names with wildcards: a table by hand, and the standard library's own."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wildcards import Wildcards


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("news", "news", True),
        ("news", "News", False),
        ("draft-*", "draft-", True),
        ("draft-*", "draft-one", True),
        ("draft-*", "a draft-one", False),
        ("*·*", "上海证券报·中国证券网", True),
        ("第?期", "第三期", True),
        ("第?期", "第三十期", False),
        ("C++", "C++", True),
        ("C++", "CCC", False),
        ("[x]", "[x]", True),
        ("[x]", "x", False),
        ("a*b*b", "ab", False),
        ("a*b*b", "a\nbxb", True),
        ("caf\u00e9*", "cafe\u0301 noir", True),
        ("*", "", True),
    ],
)
def test_a_pattern_means_the_whole_name(pattern: str, name: str, found: bool) -> None:
    assert (name in Wildcards([pattern])) is found


@given(pattern=st.text("ab*?", max_size=8), name=st.text("ab", max_size=8))
def test_patterns_say_what_the_standard_library_says(pattern: str, name: str) -> None:
    assert (name in Wildcards([pattern])) is (re.match(fnmatch.translate(pattern), name) is not None)


def test_many_stars_end() -> None:
    # Tried in every way, this would take for ever.
    assert "a" * 500 not in Wildcards(["*a" * 30 + "b"])
