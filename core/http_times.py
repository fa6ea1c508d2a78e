"""Times in HTTP headers."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,20}")  # RFC 9110, section 10.2.3: decimal digits, nothing else


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return how long a Retry-After header asks to wait (seconds or an HTTP date), or None for nonsense or the past."""
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=min(int(text), 10**9))
    date = read_http_date(text)
    if date is None or date <= now:
        return None
    return date - now


def read_http_date(value: str | None) -> datetime | None:
    """Return the time that a header such as Date or Expires names, in any form that mail and HTTP know, or None."""
    try:
        date = parsedate_to_datetime(value or "")
        # A date with the zone "-0000" comes back without one; it means UTC (RFC 5322, section 3.3).
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
