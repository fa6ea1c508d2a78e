"""Windows by hand, and against their definition."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.window import WindowRule, horizon, inherited_places, window_length

NEWEST = datetime(2024, 5, 1, 12, tzinfo=UTC)


def ago(*hours: float) -> list[datetime]:
    return [NEWEST - timedelta(hours=hour) for hour in hours]


@pytest.mark.parametrize(
    ("published", "rule", "length"),
    [
        ([], WindowRule(), 0),
        (ago(0), WindowRule(), 1),
        (ago(0, 100, 200, 300), WindowRule(count=2, hours=48), 2),  # few and old: the count
        (ago(0, 1, 2, 3, 100), WindowRule(count=2, hours=48), 4),  # many and new: the hours
        (ago(0, 48), WindowRule(count=1, hours=48), 2),  # the end of the hours counts
        (ago(0, 48.001), WindowRule(count=1, hours=48), 1),
        (ago(0, 0, 0, 0), WindowRule(count=1, hours=0), 4),  # the same moment is within no hours
        (ago(*range(20)), WindowRule(count=2, hours=48, limit=7), 7),
        (ago(*range(20)), WindowRule(count=50, hours=1, limit=7), 7),  # the limit is above the count
    ],
)
def test_how_many_posts_a_feed_shows(published: list[datetime], rule: WindowRule, length: int) -> None:
    assert window_length(published, rule) == length


@pytest.mark.parametrize(
    ("came_since", "places"),
    [
        ([], []),
        ([False] * 5, [0, 1]),  # as the generator's own feed
        ([True] * 5, [0, 1, 2, 3, 4]),  # what came since, though it is more
        ([True, False, False, True, False], [0, 1, 3]),  # also what is dated earlier than what we found
    ],
)
def test_an_inherited_feed_shows_no_more_of_the_past(came_since: list[bool], places: list[int]) -> None:
    assert inherited_places(ago(*range(len(came_since))), came_since, 2) == places


@pytest.mark.parametrize(
    ("published", "came_since", "places"),
    [
        (ago(0, 1, 1, 1, 2), [False] * 5, [0, 3]),
        (ago(1, 1, 1), [False] * 3, [1, 2]),
        (ago(1, 1, 1), [True, False, False], [0, 1, 2]),  # the new one comes after them
        (ago(0, 0, 1, 1), [False] * 4, [0, 1]),
    ],
)
def test_of_posts_of_one_time_it_shows_the_first(
    published: list[datetime], came_since: list[bool], places: list[int]
) -> None:
    assert inherited_places(published, came_since, 2) == places


def test_hours_that_reach_before_all_time_show_everything() -> None:
    first = datetime(1, 1, 1, 12, tzinfo=UTC)
    assert horizon(first, WindowRule(hours=1000)) < first
    assert window_length([first, first], WindowRule(count=1, hours=1000)) == 2


@given(
    st.lists(st.integers(0, 200), max_size=60),
    st.integers(1, 30),
    st.integers(0, 100),
    st.integers(1, 80),
)
def test_a_post_is_shown_if_few_are_newer_or_it_is_recent(hours: list[int], count: int, span: int, limit: int) -> None:
    published = sorted(ago(*hours), reverse=True)
    length = window_length(published, WindowRule(count=count, hours=span, limit=limit))
    wanted = [
        place
        for place, when in enumerate(published)
        if place < limit and (place < count or published[0] - when <= timedelta(hours=span))
    ]
    assert list(range(length)) == wanted
