"""Waits between attempts: the schedule of Standard Webhooks, and Retry-After as RFC 9110 section 10.2.3 has it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.model import DeliveryState, Outcome, Verdict
from notifier.retry import RetryPolicy, judge

NOW = datetime(2015, 10, 21, 7, 28, 0, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR = 60, 3600


def decide(outcome: Outcome, attempt: int = 1, chance: float = 0.0) -> Verdict:
    return judge(outcome, attempt=attempt, now=NOW, chance=chance, policy=RetryPolicy())


def wait_of(verdict: Verdict) -> float:
    assert verdict.state is DeliveryState.PENDING
    assert verdict.due_at is not None
    return (verdict.due_at - NOW).total_seconds()


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success_is_delivered(status: int) -> None:
    assert decide(Outcome(status=status)) == Verdict(state=DeliveryState.DELIVERED)


@pytest.mark.parametrize("status", [100, 301, 302, 307, 400, 401, 404, 429, 500, 503, None])
def test_everything_else_is_tried_again(status: int | None) -> None:
    error = "timeout" if status is None else None
    assert wait_of(decide(Outcome(status=status, error=error))) == 5


def test_the_waits_follow_the_schedule_and_end() -> None:
    failed = Outcome(status=500)
    waits = [wait_of(decide(failed, attempt)) for attempt in range(1, 10)]
    hours = [2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
    assert waits == [5, 5 * MINUTE, 30 * MINUTE, *hours]
    assert decide(failed, 10) == Verdict(state=DeliveryState.EXHAUSTED)


def test_gone_disables_the_endpoint() -> None:
    verdict = decide(Outcome(status=410, gone=True))
    assert verdict.state is DeliveryState.EXHAUSTED
    assert verdict.disable_reason


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 5),
        ("-1", 5),
        ("1.5", 5),
        ("soon", 5),
        ("", 5),
        ("٧", 5),
        ("1000000000", 10),
        ("9" * 19, 10),
        ("9" * 5000, 5),
        ("Wed, 21 Oct 2015 08:28:00 GMT", 10),
        ("Wed, 21 Oct 2015 08:28:00 -0000", 10),
        ("Wednesday, 21-Oct-15 08:28:00 GMT", 10),
        ("Wed Oct 21 08:28:00 2015", 10),
        ("Wed, 21 Oct 2014 08:28:00 GMT", 5),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 10),
        ("Wed, 99 Oct 2015 08:28:00 GMT", 5),
    ],
)
def test_retry_after_is_obeyed_between_the_step_and_twice_the_step(header: str, seconds: int) -> None:
    assert wait_of(decide(Outcome(status=429, retry_after=header))) == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("10", 30 * MINUTE), ("2000", 2000), ("9999", HOUR), ("Wed, 21 Oct 2015 08:00:00 GMT", 1920)],
)
def test_a_later_step_leaves_more_to_the_header(header: str, seconds: int) -> None:
    assert wait_of(decide(Outcome(status=503, retry_after=header), attempt=3)) == seconds


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    assert 5 <= wait_of(decide(Outcome(status=503, retry_after=header))) <= 10


@given(attempt=st.integers(1, 9), chance=st.floats(0, 1, exclude_max=True))
def test_jitter_adds_at_most_a_tenth(attempt: int, chance: float) -> None:
    failed = Outcome(status=500)
    least = wait_of(decide(failed, attempt))
    assert least <= wait_of(decide(failed, attempt, chance)) <= least * 1.1
