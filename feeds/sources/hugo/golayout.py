"""Go's way to write a time by an example: `2006`, `Jan`, `02`, as far as a permalink pattern can hold it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The order is Go's: the longest form of a kind first.
_PART = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|01|02|03|04|05|06|2006|15|PM|pm|_2006|__2|_2|1(?!5)|2(?!006)|3|4|5",
    re.ASCII,
)
_WRITERS: dict[str, Callable[[datetime], str]] = {
    "January": lambda time: _MONTHS[time.month - 1],
    "Jan": lambda time: _MONTHS[time.month - 1][:3],
    "Monday": lambda time: _DAYS[time.weekday()],
    "Mon": lambda time: _DAYS[time.weekday()][:3],
    "MST": lambda time: _zone_name(time),
    "002": lambda time: f"{time.timetuple().tm_yday:03d}",
    "__2": lambda time: f"{time.timetuple().tm_yday:3d}",
    "01": lambda time: f"{time.month:02d}",
    "1": lambda time: str(time.month),
    "02": lambda time: f"{time.day:02d}",
    "_2": lambda time: f"{time.day:2d}",
    "2": lambda time: str(time.day),
    "03": lambda time: f"{time.hour % 12 or 12:02d}",
    "3": lambda time: str(time.hour % 12 or 12),
    "04": lambda time: f"{time.minute:02d}",
    "4": lambda time: str(time.minute),
    "05": lambda time: f"{time.second:02d}",
    "5": lambda time: str(time.second),
    "06": lambda time: f"{time.year % 100:02d}",
    "2006": lambda time: f"{time.year:04d}",
    "_2006": lambda time: f"_{time.year:04d}",
    "15": lambda time: f"{time.hour:02d}",
    "PM": lambda time: "PM" if time.hour >= 12 else "AM",
    "pm": lambda time: "pm" if time.hour >= 12 else "am",
}


def is_layout(text: str) -> bool:
    """Whether the text stands for a part of a time."""
    return _PART.search(text) is not None


def format_time(time: datetime, layout: str) -> str:
    """Write a time as the layout shows it."""
    return _PART.sub(lambda match: _WRITERS[match[0]](time), layout)


def _zone_name(time: datetime) -> str:
    offset = time.utcoffset() or timedelta()
    name = time.tzname()
    if name and name.isalpha():
        return name
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02d}" + (f"{minutes % 60:02d}" if minutes % 60 else "")
