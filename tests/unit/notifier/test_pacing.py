"""What goes out now, by itself or together: decided so that nothing is lost and the limit holds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.pacing import Pace, Waiting, pace

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def waiting(count: int, digest: str | None = None, first: int = 1, fresh: bool = True) -> list[Waiting]:
    return [
        Waiting(
            delivery_id=first + number,
            event_id=first + number,
            due_at=NOW + timedelta(seconds=number),
            digest=digest,
            fresh=fresh,
        )
        for number in range(count)
    ]


def shape(found: Pace) -> tuple[list[int], list[list[int]]]:
    return [one.delivery_id for one in found.singles], [[one.delivery_id for one in group] for group in found.digests]


def paced(
    given_: Sequence[Waiting], *, tokens: int | None = None, room: int = 100, overflow: bool = True, holds: int = 100
) -> tuple[list[int], list[list[int]]]:
    return shape(pace(given_, room=room, tokens=tokens, overflow=overflow, capacity=lambda _: holds))


def test_what_the_limit_allows_goes_by_itself() -> None:
    assert paced(waiting(3), tokens=3) == ([1, 2, 3], [])
    assert paced(waiting(3)) == ([1, 2, 3], [])


def test_beyond_the_limit_the_last_token_carries_the_rest() -> None:
    assert paced(waiting(7), tokens=3) == ([1, 2], [[3, 4, 5, 6, 7]])
    assert paced(waiting(2), tokens=1) == ([], [[1, 2]])


def test_a_digest_holds_what_it_can_and_the_rest_waits() -> None:
    assert paced(waiting(9), tokens=2, holds=3) == ([1], [[2, 3, 4]])


def test_without_tokens_everything_waits() -> None:
    assert paced(waiting(9), tokens=0) == ([], [])


def test_who_wants_no_digest_waits_its_turn() -> None:
    assert paced(waiting(9), tokens=3, overflow=False) == ([1, 2, 3], [])


def test_less_room_than_tokens_makes_no_digest_too_early() -> None:
    assert paced(waiting(9), tokens=5, room=2) == ([1, 2], [])


def test_what_waited_for_a_digest_goes_out_as_one() -> None:
    given_ = [*waiting(3, "hourly"), *waiting(2, "daily at 08:00", first=11), *waiting(1, first=21)]
    assert paced(given_) == ([21], [[1, 2, 3], [11, 12]])


def test_a_digest_of_one_is_a_message() -> None:
    assert paced(waiting(1, "hourly")) == ([1], [])


def test_what_failed_before_goes_as_it_was() -> None:
    again = waiting(2, fresh=False)
    assert paced([*again, *waiting(5, first=11)], tokens=3) == ([1, 2], [[11, 12, 13, 14, 15]])
    assert paced([*again, *waiting(5, first=11)], tokens=1) == ([1], [])


@given(
    kinds=st.lists(st.tuples(st.sampled_from([None, None, "hourly", "daily"]), st.booleans()), max_size=40),
    tokens=st.none() | st.integers(0, 10),
    room=st.integers(0, 10),
    overflow=st.booleans(),
    holds=st.integers(1, 12),
)
def test_nothing_goes_twice_and_the_budget_holds(
    kinds: list[tuple[str | None, bool]], tokens: int | None, room: int, overflow: bool, holds: int
) -> None:
    given_ = [
        Waiting(delivery_id=number, event_id=number, due_at=NOW, digest=digest, fresh=fresh)
        for number, (digest, fresh) in enumerate(kinds)
    ]
    singles, digests = paced(given_, tokens=tokens, room=room, overflow=overflow, holds=holds)
    taken = singles + [one for group in digests for one in group]
    assert len(taken) == len(set(taken))
    budget = room if tokens is None else min(room, tokens)
    assert len(singles) + len(digests) <= budget
    assert all(2 <= len(group) <= holds for group in digests)
    assert all(given_[one].fresh for group in digests for one in group)
    # As long as anything may be sent, something is.
    assert bool(taken) == bool(given_ and budget)


@pytest.mark.parametrize("holds", [1, 7])
def test_a_burst_is_told_whole_within_a_few_turns(holds: int) -> None:
    left = waiting(50)
    for _ in range(60):
        singles, digests = paced(left, tokens=2, room=2, holds=holds)
        gone = {*singles, *(one for group in digests for one in group)}
        left = [one for one in left if one.delivery_id not in gone]
    assert left == []
