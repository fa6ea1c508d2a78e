"""The current time, always aware and in UTC, and how it is written."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime, timespec: str = "auto") -> str:
    """Write an aware time as RFC 3339 has it, as `2026-11-10T09:30:00Z`; `timespec` as in `datetime.isoformat`."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
