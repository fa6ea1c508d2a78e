"""Rates, quiet hours and the breaker: what they allow, told by counting and by clocks on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.health import HealthPolicy, diagnose
from notifier.limits import Breaker, Bucket, QuietHours, Rate, read_quiet_hours, read_rate
from notifier.model import Health, Outcome

NOW = datetime(2024, 3, 30, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
OK, FAILED = Outcome(status=200), Outcome(status=500)


@pytest.mark.parametrize(
    ("text", "count", "seconds"),
    [("20/minute", 20, 60), ("5 per second", 5, 1), (" 100 / hour ", 100, 3600), ("1 a day", 1, 86400)],
)
def test_rates_are_read_as_people_write_them(text: str, count: int, seconds: float) -> None:
    assert read_rate(text) == Rate(count=count, seconds=seconds)


@pytest.mark.parametrize("text", ["", "20", "20/month", "0/minute", "-1/second", "1.5/second", "9999999/day"])
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="20/minute"):
        read_rate(text)


@given(
    count=st.integers(1, 60),
    burst=st.none() | st.integers(1, 60),
    waits=st.lists(st.floats(0, 30), min_size=1, max_size=200),
)
def test_no_window_of_the_period_ever_holds_more_than_the_rate(
    count: int, burst: int | None, waits: list[float]
) -> None:
    rate = Rate(count=count, seconds=60, burst=burst)
    bucket = Bucket(tokens=float(rate.capacity), at=NOW)
    sent: list[float] = []
    clock = 0.0
    for wait in waits:
        clock += wait
        bucket = bucket.at_time(NOW + timedelta(seconds=clock), rate)
        taken = bucket.whole
        bucket = bucket.after(taken)
        sent += [clock] * taken
    for first in sent:
        # A bucket of one gives its next token exactly when the period is over.
        assert sum(first <= moment < first + 60 - 1e-3 for moment in sent) <= count


@given(tokens=st.floats(-5, 5), count=st.integers(1, 100))
def test_the_next_token_is_there_when_it_is_said_to_be(tokens: float, count: int) -> None:
    rate = Rate(count=count, seconds=60)
    bucket = Bucket(tokens=min(tokens, float(rate.capacity)), at=NOW)
    at = bucket.next_token(rate) + timedelta(microseconds=1)
    assert bucket.at_time(at, rate).whole >= 1


def test_a_clock_that_is_set_back_fills_nothing_and_stops_nothing() -> None:
    rate = Rate(count=4, seconds=60)
    bucket = Bucket(tokens=1.0, at=NOW).at_time(NOW - timedelta(days=1), rate)
    assert bucket.tokens == 1.0
    assert bucket.at_time(NOW, rate).whole == 1


def test_quiet_hours_pass_midnight() -> None:
    quiet = read_quiet_hours("22:00-07:00", BERLIN)
    ends = datetime(2024, 1, 10, 7, tzinfo=BERLIN)
    for hour, day in ((22, 9), (23, 9), (0, 10), (6, 10)):
        assert quiet.ends_at(datetime(2024, 1, day, hour, tzinfo=BERLIN).astimezone(UTC)) == ends
    assert quiet.ends_at(ends.astimezone(UTC)) is None
    assert quiet.ends_at(datetime(2024, 1, 9, 21, 59, tzinfo=BERLIN).astimezone(UTC)) is None


def test_quiet_hours_follow_the_clock_on_the_wall_when_summer_time_begins() -> None:
    quiet = read_quiet_hours("01:00-05:00", BERLIN)
    # In the night of 31 March 2024, two o'clock is three: 05:00 is three hours after 01:00, at 03:00 UTC.
    assert quiet.ends_at(datetime(2024, 3, 31, 0, 30, tzinfo=UTC)) == datetime(2024, 3, 31, 3, 0, tzinfo=UTC)
    assert quiet.ends_at(datetime(2024, 3, 31, 3, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize("text", ["", "22-7", "24:00-07:00", "22:60-07:00", "07:00-07:00", "22:00"])
def test_what_is_no_time_of_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00"):
        read_quiet_hours(text, BERLIN)


def test_quiet_hours_are_what_was_written() -> None:
    quiet = read_quiet_hours("09:30-12:15", BERLIN)
    assert isinstance(quiet, QuietHours)
    assert (quiet.begins.isoformat(), quiet.ends.isoformat()) == ("09:30:00", "12:15:00")


def after(health: Health, *outcomes: Outcome, now: datetime = NOW) -> Health:
    return diagnose(health, outcomes, now=now, chance=0.0, policy=HealthPolicy()).health


def test_the_breaker_opens_after_five_failures_in_a_row_and_stays_open_longer_each_time() -> None:
    health = after(Health(), *[FAILED] * 4)
    assert (health.failures, health.paused_until) == (4, None)
    pauses = []
    for _ in range(8):
        health = after(health, FAILED)
        assert health.paused_until is not None
        pauses.append((health.paused_until - NOW).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 600, 600, 600]
    assert after(health, OK) == Health()


def test_a_success_in_between_begins_anew() -> None:
    assert after(Health(), FAILED, FAILED, FAILED, FAILED, OK, FAILED).failures == 1


def test_who_asks_for_rest_gets_it_from_the_first_answer_on() -> None:
    health = after(Health(), Outcome(status=429, retry_after="120"))
    assert health.paused_until == NOW + timedelta(seconds=120)
    endless = after(Health(), Outcome(status=503, retry_after="999999999"))
    assert endless.paused_until == NOW + timedelta(hours=1)
    assert after(Health(), Outcome(status=500, retry_after="120")).paused_until is None
    rejected = Outcome(status=200, rejected=True, error="rejected", reason="too fast", retry_after="600")
    assert after(Health(), rejected).paused_until == NOW + timedelta(minutes=10)


def test_an_endpoint_that_fails_for_days_without_a_success_is_disabled() -> None:
    policy = HealthPolicy(disable_after=timedelta(days=5))
    health = diagnose(Health(), [FAILED], now=NOW, chance=0, policy=policy).health
    almost = diagnose(health, [FAILED], now=NOW + timedelta(days=4.99), chance=0, policy=policy)
    assert almost.disable_reason is None
    found = diagnose(almost.health, [FAILED], now=NOW + timedelta(days=5), chance=0, policy=policy)
    assert found.disable_reason == "it has failed for 5.0 days without a success: HTTP 500"
    recovered = diagnose(almost.health, [OK, FAILED], now=NOW + timedelta(days=6), chance=0, policy=policy)
    assert recovered.disable_reason is None


@given(st.integers(5, 10_000), st.floats(0, 1))
def test_a_pause_has_an_end(failures: int, chance: float) -> None:
    pause = Breaker().pause(failures, chance)
    assert pause is not None
    assert pause <= timedelta(minutes=11)
