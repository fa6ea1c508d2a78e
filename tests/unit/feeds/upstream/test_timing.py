"""When a feed is polled next: cases computed by hand, properties, and two thousand feeds that began together."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.upstream.timing import Freshness, Pace, PollRules, freshness, next_poll

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
RULES = PollRules(min_wait=timedelta(minutes=5), max_wait=timedelta(days=1), hub_wait=timedelta(hours=6))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOTHING = Freshness()


def pace(
    *,
    age: timedelta | None = None,
    gap: timedelta | None = None,
    ttl: timedelta | None = None,
    pushed: bool = False,
) -> Pace:
    return Pace(newest_at=None if age is None else NOW - age, gap=gap, ttl=ttl, pushed=pushed)


def wait(
    said: Pace,
    fresh: Freshness = NOTHING,
    *,
    name: str = "feed",
    failures: int = 0,
    fixed: timedelta | None = None,
    rules: PollRules = RULES,
) -> timedelta:
    return next_poll(fresh, said, name=name, failures=failures, fixed=fixed, rules=rules, now=NOW) - NOW


@pytest.mark.parametrize(
    ("said", "fresh", "expected"),
    [
        # A fifth of the mean of gap and age: (24 h + 0) / 2 / 5, (24 h + 24 h) / 2 / 5, ...
        (pace(gap=DAY, age=timedelta()), NOTHING, 2.4 * HOUR),
        (pace(gap=DAY, age=DAY), NOTHING, 4.8 * HOUR),
        (pace(gap=DAY, age=6 * DAY), NOTHING, 16.8 * HOUR),
        (pace(gap=HOUR, age=HOUR), NOTHING, 12 * MINUTE),
        (pace(gap=DAY, age=-30 * DAY), NOTHING, 2.4 * HOUR),  # a post dated in the future is as new as can be
        (pace(age=10 * HOUR), NOTHING, 2 * HOUR),  # its only post
        (pace(), NOTHING, HOUR),
        # Hints are waited for where they are longer, and never shorten.
        (pace(gap=HOUR, age=HOUR, ttl=3 * HOUR), NOTHING, 3 * HOUR),
        (pace(gap=DAY, age=DAY, ttl=HOUR), NOTHING, 4.8 * HOUR),
        (pace(gap=HOUR, age=HOUR), Freshness(fresh_for=2 * HOUR), 2 * HOUR),
        (pace(gap=HOUR, age=HOUR, ttl=2 * HOUR), Freshness(fresh_for=4 * HOUR), 4 * HOUR),
        # Those of more than a day were meant for something else.
        (pace(gap=HOUR, age=HOUR, ttl=30 * DAY), Freshness(fresh_for=365 * DAY), 12 * MINUTE),
        (pace(gap=HOUR, age=HOUR, ttl=-HOUR), NOTHING, 12 * MINUTE),
        (pace(pushed=True, gap=HOUR, age=HOUR), NOTHING, 6 * HOUR),
        (pace(pushed=True, gap=90 * DAY, age=90 * DAY), NOTHING, 6 * HOUR),
        (pace(pushed=True, ttl=8 * HOUR), NOTHING, 8 * HOUR),
        (pace(gap=HOUR, age=HOUR), Freshness(retry_after=5 * HOUR), 5 * HOUR),
        (pace(gap=DAY, age=DAY), Freshness(retry_after=MINUTE), 4.8 * HOUR),
        (pace(gap=HOUR, age=HOUR), Freshness(retry_after=10**4 * DAY), DAY),
    ],
)
def test_a_feed_is_polled_as_it_gets_posts_and_as_it_asks(said: Pace, fresh: Freshness, expected: timedelta) -> None:
    for name in map(str, range(50)):
        assert 0.9 * expected <= wait(said, fresh, name=name) <= 1.1 * expected


@pytest.mark.parametrize(
    ("said", "bounds"),
    [
        (pace(gap=MINUTE, age=MINUTE), (5 * MINUTE, 5.5 * MINUTE)),
        (pace(gap=30 * DAY, age=30 * DAY), (0.9 * DAY, DAY)),
        # Never sooner than it asks for.
        (pace(gap=HOUR, age=HOUR, ttl=3 * HOUR), (3 * HOUR, 3.3 * HOUR)),
        (pace(gap=HOUR, age=HOUR, ttl=DAY), (DAY, DAY)),
    ],
)
def test_the_bounds_hold_for_every_name(said: Pace, bounds: tuple[timedelta, timedelta]) -> None:
    found = [wait(said, name=f"feed {number}") for number in range(200)]
    assert bounds[0] <= min(found) <= max(found) <= bounds[1]


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 320), (8, 640), (9, 1280), (10, 1440), (10**9, 1440)],
)
def test_failures_double_the_wait(failures: int, minutes: int) -> None:
    found = wait(pace(gap=HOUR, age=HOUR, pushed=True), failures=failures)
    assert max(0.9 * minutes, 5) * MINUTE <= found <= min(1.1 * minutes, 1440) * MINUTE


@pytest.mark.parametrize("failures", [0, 1, 20])
@pytest.mark.parametrize(("asked", "expected"), [(7 * HOUR, 7 * HOUR), (400 * DAY, DAY)])
def test_retry_after_is_obeyed_whatever_else_is_said(failures: int, asked: timedelta, expected: timedelta) -> None:
    tight = PollRules(min_wait=timedelta(seconds=1), max_wait=HOUR, hub_wait=HOUR)
    for fixed in (None, timedelta(seconds=1)):
        found = wait(
            pace(gap=HOUR, age=HOUR),
            Freshness(retry_after=asked),
            failures=failures,
            fixed=fixed,
            rules=tight,
        )
        assert expected <= found <= 1.1 * expected


def test_a_wait_of_the_owners_own_replaces_all_but_failures() -> None:
    said, fresh = pace(gap=DAY, age=DAY, ttl=6 * HOUR, pushed=True), Freshness(fresh_for=6 * HOUR)
    assert 54 <= wait(said, fresh, fixed=MINUTE).total_seconds() <= 66
    assert 9 * DAY <= wait(said, fresh, fixed=10 * DAY) <= 11 * DAY
    assert 36 * MINUTE <= wait(said, fixed=MINUTE, failures=4) <= 44 * MINUTE
    assert wait(said, fixed=10 * DAY, failures=1) >= 9 * DAY


@pytest.mark.parametrize(
    ("headers", "fresh_for"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'Public, MAX-AGE="600" , must-revalidate'}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "max-age=600", "age": "soon"}, 600),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": "no-store, max-age=600"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "x-max-age=600"}, None),
        ({"cache-control": "max-age=-600"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age=" + "9" * 30}, None),
        ({"cache-control": "max-age=600", "expires": "Fri, 01 May 2026 14:00:00 GMT"}, 600),
        ({"expires": "Fri, 01 May 2026 14:00:00 GMT"}, 7200),
        # By the server's own clock, an hour ahead of ours.
        ({"expires": "Fri, 01 May 2026 14:00:00 GMT", "date": "Fri, 01 May 2026 13:00:00 GMT"}, 3600),
        ({"expires": "Friday, 01-May-26 14:00:00 GMT"}, 7200),
        ({"expires": "Fri May  1 14:00:00 2026"}, 7200),
        ({"expires": "Fri, 01 May 2026 11:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": "soon"}, None),
        ({"expires": "Fri, 31 Dec 99999 11:00:00 GMT"}, None),
    ],
)
def test_how_long_an_answer_is_fresh(headers: Mapping[str, str], fresh_for: int | None) -> None:
    found = freshness(headers, NOW)
    assert found == Freshness(fresh_for=None if fresh_for is None else timedelta(seconds=fresh_for))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Fri, 01 May 2026 12:01:00 GMT", 60),
        ("1000000000", 10**9),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("1.5", None),
        ("Fri, 01 May 2026 11:00:00 GMT", None),
    ],
)
def test_what_retry_after_asks_for(value: str, seconds: int | None) -> None:
    asked = freshness({"retry-after": value}, NOW).retry_after
    assert asked == (None if seconds is None else timedelta(seconds=seconds))


spans = st.timedeltas(min_value=timedelta(days=-40000), max_value=timedelta(days=40000))
positive = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=40000))
waits = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400))
rules = st.tuples(waits, waits, waits).map(
    lambda found: PollRules(min_wait=min(found[:2]), max_wait=max(found[:2]), hub_wait=found[2])
)
paces = st.builds(
    Pace,
    newest_at=st.none() | spans.map(lambda span: NOW + span),
    gap=st.none() | spans,
    ttl=st.none() | spans,
    pushed=st.booleans(),
)
answers = st.builds(Freshness, fresh_for=st.none() | positive)


@given(said=paces, fresh=answers, allowed=rules, name=st.text(), failures=st.integers(0, 10**6))
def test_a_wait_is_always_within_the_owners_bounds(
    said: Pace, fresh: Freshness, allowed: PollRules, name: str, failures: int
) -> None:
    found = wait(said, fresh, name=name, failures=failures, rules=allowed)
    most = max(allowed.max_wait, allowed.hub_wait) if said.pushed and not failures else allowed.max_wait
    assert allowed.min_wait <= found <= most
    assert found == wait(said, fresh, name=name, failures=failures, rules=allowed)


@given(
    said=paces,
    fixed=st.none() | waits,
    retry=st.none() | positive,
    allowed=rules,
    failures=st.integers(1, 200),
)
def test_one_more_failure_never_means_an_earlier_poll(
    said: Pace, fixed: timedelta | None, retry: timedelta | None, allowed: PollRules, failures: int
) -> None:
    fresh = Freshness(retry_after=retry)
    few = wait(said, fresh, failures=failures, fixed=fixed, rules=allowed)
    assert few <= wait(said, fresh, failures=failures + 1, fixed=fixed, rules=allowed)
    if retry is not None:
        assert few >= min(retry, DAY)


@pytest.mark.parametrize("said", [pace(gap=MINUTE, age=MINUTE), pace(gap=HOUR, age=HOUR), pace(gap=DAY, age=30 * DAY)])
def test_feeds_that_were_added_together_do_not_stay_together(said: Pace) -> None:
    due = {f"https://blog-{number}.example/feed.xml": timedelta() for number in range(2000)}
    for _ in range(5):
        due = {name: at + wait(said, name=name) for name, at in due.items()}
    seconds = Counter(int(at.total_seconds()) for at in due.values())
    assert max(seconds.values()) <= 0.02 * len(due)
