"""Windows by hand, and against their definition."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.window import HOUR, WindowRule, horizon, hours_of, inherited_places, window_length, within_bytes

NEWEST = datetime(2024, 5, 1, 12, tzinfo=UTC)


def ago(*hours: float) -> list[datetime]:
    return [NEWEST - timedelta(hours=hour) for hour in hours]


def placed(times: list[datetime]) -> list[int]:
    """Return the times as they are stored."""
    return [round(time.timestamp() * 1_000_000) for time in times]


def length_of(times: list[datetime], rule: WindowRule) -> int:
    return window_length(placed(times), rule, hours_of(placed(times), rule))


@pytest.mark.parametrize(
    ("published", "rule", "length"),
    [
        ([], WindowRule(), 0),
        (ago(0), WindowRule(), 1),
        (ago(0, 100, 200, 300), WindowRule(count=2, hours=48), 2),  # few and old: the count
        (ago(0, 1, 2, 3, 100), WindowRule(count=2, hours=48), 4),  # many and new: the hours
        (ago(0, 48), WindowRule(count=1, hours=48), 2),  # the end of the hours counts
        (ago(0, 48.001), WindowRule(count=1, hours=48), 1),
        (ago(0, 0, 0, 0), WindowRule(count=1, hours=0), 1),  # no hours: the count alone
        (ago(*range(20)), WindowRule(count=2, hours=48, limit=7), 7),
        (ago(*range(20)), WindowRule(count=50, hours=1, limit=7), 7),  # the limit is above the count
    ],
)
def test_how_many_posts_a_feed_shows(published: list[datetime], rule: WindowRule, length: int) -> None:
    assert length_of(published, rule) == length


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


@pytest.mark.parametrize(
    ("a_day", "hours"),
    [
        (1, 168),  # a week is enough
        (24, 100),  # a hundred posts
        (88, 27.3),  # the first real site: a little more than a day
        (1000, 26),  # a daily reader is the least
    ],
)
def test_automatic_hours_follow_from_how_often_posts_come(a_day: int, hours: float) -> None:
    times = placed(ago(*(post * 24 / a_day for post in range(20 * a_day))))
    assert hours_of(times, WindowRule(hours=None)) == pytest.approx(hours, rel=0.08)


def test_automatic_hours_forget_what_was_long_ago() -> None:
    busy_a_year_ago = [24 * 365 + post / 10 for post in range(1000)]
    assert hours_of(placed(ago(0, 24, 48, *busy_a_year_ago)), WindowRule(hours=None)) == 168


@pytest.mark.parametrize(
    ("sizes", "length"),
    [([], 0), ([10], 1), ([100], 1), ([10, 10], 2), ([10, 11], 1), ([5, 5, 10, 1], 3), ([100, 1], 1)],
)
def test_entries_that_have_room(sizes: list[int], length: int) -> None:
    assert within_bytes(sizes, 20) == length


def test_hours_that_reach_before_all_time_show_everything() -> None:
    first = -62_135_553_600_000_000  # the first year
    assert horizon(first, 1000) == first - 1000 * HOUR
    assert window_length([first, first], WindowRule(count=1), 1000) == 2


@given(
    st.lists(st.integers(0, 200), max_size=60),
    st.integers(1, 30),
    st.integers(0, 100),
    st.integers(1, 80),
)
def test_a_post_is_shown_if_few_are_newer_or_it_is_recent(hours: list[int], count: int, span: int, limit: int) -> None:
    published = sorted(ago(*hours), reverse=True)
    length = length_of(published, WindowRule(count=count, hours=span, limit=limit))
    wanted = [
        place
        for place, when in enumerate(published)
        if place < limit and (place < count or (span and published[0] - when <= timedelta(hours=span)))
    ]
    assert list(range(length)) == wanted
