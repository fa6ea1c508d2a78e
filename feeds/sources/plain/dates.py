"""Dates of posts by one rule for every generator of this package, the same on every machine.

| written | read as |
|---|---|
| ISO 8601 dates: `2021-12-08`, `20211208`, `2021-W49-3`, `2021-342` | midnight |
| these with `T10:46`, ` 10:46:18`, `T10:46:18.123456789`, and maybe `Z`, `+08:00`, `+0800`, `+08` | as it says |
| YAML's times, in which numbers may have one digit: `2021-12-8 9:46:18 -4` | as it says |
| RFC 2822: `Wed, 08 Dec 2021 10:46:18 +0800` | as it says |
| `Dec 8, 2021`, `8 December 2021`, `2021/12/08`, `08.12.2021`, `Dec 8, 2021 10:46 PM` | as Ruby's Time.parse |

Fractions of a second go. No zone means the site's zone; no time means midnight there. Where clocks are put back the
later time is meant. A day that is in no calendar is no date, nor is a month without a day or a bare number.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from feeds.sources.jekyll.dates import in_zone, read_date

_ISO = re.compile(
    r"(?:\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d-?[1-7])"
    r"(?:[Tt \t]\s*\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?(?:\s*(?:[Zz]|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
_YAML = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|[ \t]+)(\d{1,2})(:\d\d:\d\d(?:\.\d*)?)"
    r"(?:[ \t]*(?:([Zz])|([+-])(\d{1,2})(:\d\d)?))?",
    re.ASCII,
)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})(?![-\d])(.*)", re.ASCII | re.DOTALL)
_CALENDAR = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_ZONE = re.compile(r":\d\d(?:[.,]\d+)?\s*(?:(Z|UTC|GMT)|([+-])(\d{1,2}):?(\d\d)?)$", re.ASCII | re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_LONGEST = 100


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """Return the instant that the text names, in UTC and whole seconds; None if it is no date."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if (ordinal := _ORDINAL.fullmatch(text)) is not None:
        text = _from_ordinal(int(ordinal[1]), int(ordinal[2])) + ordinal[3]
    if (yaml := _YAML.fullmatch(text)) is not None:
        text = _padded(yaml)
    if _ISO.fullmatch(text) is not None and (found := _iso(text)) is not None:
        return _instant(found, zone)
    if (calendar := _CALENDAR.match(text)) is not None and not is_day(*map(int, calendar.groups())):
        return None
    moment = read_date(text, plain=False, zone=zone)
    return moment.instant.replace(microsecond=0) if moment is not None else None


def zone_in(text: str) -> tzinfo | None:
    """Return the zone that stands behind the time of a text; None if there is none."""
    found = _ZONE.search(text.strip()[-_LONGEST:])
    if found is None:
        return None
    if found[1]:
        return UTC
    ahead = timedelta(hours=int(found[3]), minutes=int(found[4] or 0))
    return timezone(-ahead if found[2] == "-" else ahead) if ahead < timedelta(days=1) else None


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has the day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def midnight(year: int, month: int, day: int, zone: tzinfo) -> datetime | None:
    """Return the beginning of a day of the site's zone, in UTC; None for a day that does not exist."""
    if not is_day(year, month, day):
        return None
    return in_zone(datetime(year, month, day), zone)  # noqa: DTZ001 - its zone stands beside it


def _padded(found: re.Match[str]) -> str:
    """Return a time of YAML's with two digits for each number."""
    year, month, day, hour, rest, utc, sign, ahead, minutes = found.groups()
    zone = f"{sign}{ahead:0>2}{minutes or ':00'}" if sign else utc or ""
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}{rest.rstrip('.')}{zone}"


def _iso(text: str) -> datetime | None:
    day, space, clock = _SPACES.sub(" ", text.upper().replace("T", " ")).partition(" ")
    clock = clock.replace(" ", "").replace(",", ".")
    if "." in clock:
        clock = re.sub(r"\.\d+", "", clock)
    try:
        return datetime.fromisoformat(f"{day}T{clock}" if space else day)
    except ValueError:
        return None


def _instant(found: datetime, zone: tzinfo) -> datetime | None:
    if found.tzinfo is None:
        return in_zone(found, zone)
    offset = found.utcoffset() or timedelta()
    return in_zone(found.replace(tzinfo=None), timezone(offset) if offset else UTC)


def _from_ordinal(year: int, day: int) -> str:
    try:
        found = date(year, 1, 1) + timedelta(days=day - 1)
    except (ValueError, OverflowError):
        return "-"
    return found.isoformat() if day and found.year == year else "-"
