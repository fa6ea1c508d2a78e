"""When a page of an archive closes, and what it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.archive import page_length

ROOM = 1000


def log(*times: int) -> list[tuple[int, int]]:
    return [(time, time) for time in times]


@pytest.mark.parametrize(
    ("rows", "shown", "length"),
    [
        (log(), log(3, 2, 1), 0),
        (log(1, 2, 3, 4), log(4, 3, 2, 1), 0),  # the live feed shows all that no page has
        (log(1, 2, 3, 4, 5), log(5, 4, 3, 2), 3),  # 1 is about to be lost: it takes half of the others along
        (log(1, 2, 3), log(3), 2),  # of one post that is shown no half
        (log(1, 2, 3), log(3, 2), 2),
        (log(1, 2, 3, 4, 5, 6), log(6, 5), 5),
        (log(1, 2, 3), log(9, 8), 3),
        (log(1, 2, 3), log(), 3),  # nothing can be shown
    ],
)
def test_a_page_closes_when_a_post_would_be_lost(
    rows: list[tuple[int, int]], shown: list[tuple[int, int]], length: int
) -> None:
    assert page_length(rows, [1] * len(rows), shown, ROOM) == length


@pytest.mark.parametrize(("sizes", "length"), [([400, 400, 400], 2), ([2000, 1, 1], 1), ([500, 500, 1], 2)])
def test_a_page_is_no_larger_than_it_may_be(sizes: list[int], length: int) -> None:
    assert page_length(log(1, 2, 3), sizes, log(9), ROOM) == length


@given(st.integers(1, 200), st.integers(1, 60), st.integers(1, 40), st.integers(1, 30))
def test_pages_and_the_live_feed_leave_nothing_out(posts: int, count: int, most: int, room: int) -> None:
    """Close pages as a publisher does, post by post; what no page has is always shown."""
    archived = 0
    for newest in range(1, posts + 1):
        shown = log(*range(newest, max(newest - count, 0), -1))
        while True:
            rows = log(*range(archived + 1, min(archived + most, newest) + 1))
            length = page_length(rows, [1] * len(rows), shown, room)
            if not length:
                break
            archived += length
        assert archived + 1 >= shown[-1][0]
        assert archived < newest or newest == archived == 0 or count == 1
