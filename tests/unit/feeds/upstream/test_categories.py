"""What becomes of the categories of an upstream feed."""

import pytest

from feeds.sources.upstream.categories import CategoryMap

RULES = CategoryMap(
    rename=(("tech*", "technology"), ("?eird", "odd"), ("科技", "technology")),
    drop=("uncategorized", "*spam*"),
    add=("elsewhere",),
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), ("elsewhere",)),
        (("News",), ("News", "elsewhere")),
        (("Tech News", "TECH", "科技"), ("technology", "elsewhere")),
        (("Weird", "News", "Uncategorized", "no spam please"), ("odd", "News", "elsewhere")),
        # A pattern fits the whole name.
        (("Biotech",), ("Biotech", "elsewhere")),
    ],
)
def test_names_are_mapped_dropped_and_added(given: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert RULES.applied(given) == expected


def test_without_rules_they_stay_as_they_are() -> None:
    assert CategoryMap().applied(("b", "A", "b")) == ("b", "A")


def test_a_post_of_5000_categories_keeps_some_and_the_owners_own() -> None:
    found = RULES.applied([f"c{number}" for number in range(5000)])
    assert len(found) == 50
    assert found[-1] == "elsewhere"
