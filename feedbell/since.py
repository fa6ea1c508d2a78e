"""How people say since when: so long ago, or since a date. Pure."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError

_AGO = re.compile(r"([0-9]{1,6})(w|d|h|m)")
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def since(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the time that `7d`, `12h`, `30m`, `2w`, a date or a date and time means; without a zone in `zone`.

    Raises ConfigurationError for anything else.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return now - int(ago[1]) * _UNITS[ago[2]]
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigurationError(
            f"{text!r} is no time: write how long ago, such as 7d, 12h or 30m, or a date such as 2024-05-01"
        ) from None
