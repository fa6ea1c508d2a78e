"""Schedules in words and in cron, by the clocks of a zone; APScheduler's cron is asked for the same moments."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from notifier.schedule import cron_of, next_time

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("hourly", "2024-05-01T10:20:00Z", "2024-05-01T11:00:00Z"),
        ("hourly", "2024-05-01T11:00:00Z", "2024-05-01T12:00:00Z"),
        ("daily at 08:00", "2024-05-01T00:00:01Z", "2024-05-02T00:00:00Z"),
        ("Daily  at 8:00", "2024-04-30T23:59:59Z", "2024-05-01T00:00:00Z"),
        ("weekly on monday at 08:30", "2024-05-01T10:00:00Z", "2024-05-06T00:30:00Z"),
        ("*/15 * * * *", "2024-05-01T10:20:00Z", "2024-05-01T10:30:00Z"),
    ],
)
def test_the_next_moment_by_the_clock_in_shanghai(text: str, after: str, expected: str) -> None:
    found = next_time(text, datetime.fromisoformat(after), SHANGHAI)
    assert found.isoformat().replace("+00:00", "Z") == expected


def test_a_day_stays_a_day_when_the_clocks_change() -> None:
    before = datetime(2024, 3, 30, 12, tzinfo=UTC)
    assert next_time("daily at 08:00", before, BERLIN) == datetime(2024, 3, 31, 6, tzinfo=UTC)
    # A time that the clocks skip comes when they have been changed: no day is without a digest.
    assert next_time("daily at 02:30", before, BERLIN).date().isoformat() == "2024-03-31"


@pytest.mark.parametrize(
    "text",
    ["", "sometimes", "daily", "daily at 25:00", "weekly on funday at 08:00", "* * * *", "0 0 30 2 *"],
)
def test_what_is_no_schedule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="daily at 08:00"):
        cron_of(text)


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    day=st.sampled_from(["*", "1", "15", "31"]),
    days=st.floats(0, 1000),
)
def test_cron_means_what_another_program_takes_it_for(minute: int, hour: int, day: str, days: float) -> None:
    after = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=days)
    expression = f"{minute} {hour} {day} * *"
    trigger = CronTrigger.from_crontab(expression, timezone=SHANGHAI)
    found = next_time(expression, after, SHANGHAI)
    # APScheduler counts a moment that is now as the next one.
    other = trigger.get_next_fire_time(None, after)
    assert other is not None
    if other != after:
        assert found == other
