"""Lists of terms as owners write them."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.choice import FeedChoice, TermPatterns
from feeds.model import Category, Taxonomy


@pytest.mark.parametrize(
    ("pattern", "term", "found"),
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
def test_a_pattern_means_the_whole_term(pattern: str, term: str, found: bool) -> None:
    assert (term in TermPatterns([pattern])) is found


@given(pattern=st.text("ab*?", max_size=8), term=st.text("ab", max_size=8))
def test_patterns_say_what_the_standard_library_says(pattern: str, term: str) -> None:
    assert (term in TermPatterns([pattern])) is (re.match(fnmatch.translate(pattern), term) is not None)


def test_many_stars_end() -> None:
    # Tried in every way, this would take for ever.
    assert "a" * 500 not in TermPatterns(["*a" * 30 + "b"])


def test_a_feed_that_stands_needs_no_number_of_posts_but_lists_hold() -> None:
    choice = FeedChoice(
        taxonomies=frozenset([Taxonomy.TAG]),
        only={},
        exclude={Taxonomy.TAG: TermPatterns(["draft-*"])},
        min_posts={Taxonomy.TAG: 3},
    )
    tag, draft, category = (
        Category(taxonomy=taxonomy, term=term, label=term, slug=term)
        for taxonomy, term in [(Taxonomy.TAG, "a"), (Taxonomy.TAG, "draft-a"), (Taxonomy.CATEGORY, "a")]
    )
    assert not choice.wants(tag, posts=2, standing=False)
    assert choice.wants(tag, posts=3, standing=False)
    assert choice.wants(tag, posts=0, standing=True)
    assert not choice.wants(draft, posts=9, standing=True)
    assert not choice.wants(category, posts=9, standing=True)
