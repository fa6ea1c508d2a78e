"""When digests go out: `hourly`, `daily at 08:00`, `weekly on monday at 08:00`, or cron. Pure; times are in UTC."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DAYS = {"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6}
_DAILY = re.compile(r"daily\s+at\s+(\d\d?):(\d\d)")
_WEEKLY = re.compile(r"weekly\s+on\s+([a-z]+)\s+at\s+(\d\d?):(\d\d)")
# What has no time of its own but a number to wait for does not wait for ever.
LONGEST_WAIT = timedelta(days=1)


def cron_of(text: str) -> str:
    """Return the cron expression that a schedule means; raises ValueError that says what can be written."""
    wanted = " ".join(text.lower().split())
    expression = _in_words(wanted) or wanted
    try:
        # An expression that never comes true, such as the 30th of February, ends the search.
        next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise ValueError(
            f"{text!r} is no schedule; write hourly, daily at 08:00, weekly on monday at 08:00, or five fields of cron"
        ) from None
    return expression


def next_time(text: str, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the schedule's first moment after a time, by the clocks of a zone. Raises ValueError as `cron_of`."""
    return next(CronSim(cron_of(text), after.astimezone(zone))).astimezone(UTC)


def _in_words(wanted: str) -> str | None:
    if wanted == "hourly":
        return "0 * * * *"
    if found := _DAILY.fullmatch(wanted):
        return f"{int(found[2])} {int(found[1])} * * *"
    found = _WEEKLY.fullmatch(wanted)
    if found and found[1] in _DAYS:
        return f"{int(found[3])} {int(found[2])} * * {_DAYS[found[1]]}"
    return None
