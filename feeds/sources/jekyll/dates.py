"""Dates as Jekyll 4.3 reads them: first Psych (YAML timestamps), then Ruby's Time.parse, never the machine's zone.

| written | read as |
|---|---|
| `2021-12-08 10:46:18`, not quoted | UTC: Psych does so |
| `2021-12-08 10:46:18 +0800`, `...T...Z`, `+08:00`, `+8`, not quoted | that offset |
| `2021-12-08`, `2021-1-8`, `21-12-08`, `2021/12/08`, `2021.12.08`, `08.12.2021`, `20211208` | midnight, site's zone |
| these with `10:46`, `9:5`, `10:46:18.5`, `T10:46`, `10:46 PM`, `10pm`, `10h46` | that zone, else the site's |
| `20211208104618`, `202112081046`, `20211208T104618Z` | likewise |
| `Fri, 03 Sep 2021 11:21:31 +0200`, `3 Sep 2021`, `8-Dec-21`, `Sep 3, 2021 11:21 PM`, `September 3rd 2021` | likewise |
| `Fri Sep  3 11:21:31 CEST 2021`, `Wed Dec 8 10:46:18 2021` | likewise |

A zone in a string counts if Ruby knows it: `+0800`, `+08:00`, `+08`, Z, UTC, GMT, the American ones of RFC 822, the
military letters, and the abbreviations that the site's own zone uses. Any other is passed over, as Ruby does.
31 April is 1 May, `24:00` the next midnight, `:60` the next minute; fractions of a second go. What Ruby refuses is no
date, nor is anything outside the years 2 to
9998, which no zone could be applied to. Ruby fills what is missing from the current time; we do not: a date without a
day is no date.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from feeds.sources.jekyll.ruby_dates import FoundDate, find_date

# https://yaml.org/type/timestamp.html as Psych's scalar scanner has it.
_PSYCH = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d\d):(\d\d)(?:\.\d*)?(?:\s*(?:(Z)|([-+]\d{1,2}:?(?:\d\d)?)))?",
    re.ASCII,
)
# The common form, which Python reads by itself; `-00` is left out for the reason given in _psych_time.
_COMMON = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: (?!-00)[+-]\d\d:?\d\d)?", re.ASCII)
_PSYCH_OFFSET = re.compile(r"([-+]\d{1,2}):?(\d{1,2})?", re.ASCII)
# What needs no search: a date alone, as in the name of a file.
_DATE_ALONE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
# Numbers that Psych writes otherwise than they were written.
_NUMBER = re.compile(r"[-+]?\d[\d_,]*(?::[0-5]?\d){0,2}", re.ASCII)
_OFFSET = re.compile(r"([-+]\d{1,2}):?(\d{1,2})?", re.ASCII)
_ZONE = r"(?P<zone>[A-Za-z+-][A-Za-z0-9:+/_-]*)"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:\s*:\s*(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d*)?)?|h(?P<minute_h>\d{1,2})?|(?=\s*[AaPp]\.?[Mm]))"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_TIME = rf"(?:(?:[Tt]|\s*,\s*|\s+){_CLOCK}(?:\s*{_ZONE})?)?"
_WEEKDAY = r"(?:(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*[.,]*\s+)?"
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"{_WEEKDAY}(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}",
        rf"{_WEEKDAY}(?P<year>\d\d)-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?P<mark>[/.])(?P<month>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TIME}",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:[Tt]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE}?)?",
        rf"{_WEEKDAY}{_DAY}[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}}|\d\d){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}}){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_CLOCK}(?:\s+{_ZONE})?\s+(?P<year>\d{{4}})",
    )
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OFFSET = re.compile(r"([+-])(\d\d)(?:(:?)(\d\d)(?:\3(\d\d))?)?", re.ASCII)
_NAMED_HOURS = {
    **dict.fromkeys(("UTC", "Z", "UT", "GMT"), 0),
    **dict(
        zip(("EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"), (-5, -4, -6, -5, -7, -6, -8, -7), strict=True)
    ),
    **{letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", start=1)},
    **{letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", start=1)},
}
_EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """When something was dated. A tuple, as one is made for every post."""

    instant: datetime  # aware, in UTC
    zoneless: datetime | None  # as written, where Jekyll takes a timestamp without zone for UTC


def read_date(text: str, *, plain: bool, zone: tzinfo) -> Moment | None:
    """Return when `text` says, as Jekyll does for a site in `zone`; None if it is no date.

    `plain` says that YAML may read the text as a timestamp: it was not quoted.
    """
    text = text.strip()
    if plain:
        if _COMMON.fullmatch(text) is not None and (moment := _common_time(text)) is not None:
            return moment
        match = _PSYCH.fullmatch(text)
        if match is not None and (moment := _psych_time(match)) is not None:
            return moment
        if text.startswith(":"):  # a symbol, which Jekyll refuses
            return None
        text = _as_psych_writes(text)
    match = _DATE_ALONE.fullmatch(text)
    if match is not None:
        return _parsed_time(FoundDate(year=int(match[1]), month=int(match[2]), day=int(match[3])), zone)
    found = find_date(text)
    return None if found is None else _parsed_time(found, zone)


def in_zone(zoneless: datetime, zone: tzinfo) -> datetime | None:
    """Return the instant of a local time, as Ruby's Time.local does; None outside the years that we read.

    Where clocks are put back the later of the two instants is meant; in the gap of summer time, what clocks that were
    not put forward would show.
    """
    try:
        instant = zoneless.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None, fold=0) != zoneless:
            instant = zoneless.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None
    return instant if _EARLIEST <= instant < _LATEST else None


def _common_time(text: str) -> Moment | None:
    try:
        read = datetime.fromisoformat(text[:19] + text[20:])
    except ValueError:
        return None
    if not 2 < read.year < 9998:
        return None
    if read.tzinfo is None:
        return Moment(read.replace(tzinfo=UTC), read)
    return Moment(read.astimezone(UTC), None)


def _psych_time(match: re.Match[str]) -> Moment | None:
    year, month, day, hour, minute, second, utc, offset = match.groups()
    local = _local(int(year), int(month), int(day), int(hour), int(minute), int(second))
    if local is None:
        return None
    if offset is None:
        instant = in_zone(local, UTC)
        return None if instant is None else Moment(instant, None if utc else local)
    # Psych takes the sign from the number of hours, so that -00:30 is half an hour ahead, and reads +130 as 13 hours
    # and no minutes. We follow it.
    parts = _PSYCH_OFFSET.fullmatch(offset)
    seconds = int(parts[1]) * 3600 if parts else 86_400
    seconds += (-60 if seconds < 0 else 60) * int(parts[2] or 0) if parts else 0
    if abs(seconds) >= 86_400:
        return None
    instant = in_zone(local, timezone(timedelta(seconds=seconds)))
    return None if instant is None else Moment(instant, None)


def _as_psych_writes(text: str) -> str:
    """Return how Ruby shows the number that Psych takes a text for; a date in digits alone stays as it is."""
    if _NUMBER.fullmatch(text) is None:
        return text
    text = text.replace(",", "").replace("_", "")
    if ":" in text:  # in the base of 60, beginning with hours
        return str(sum(int(part) * 60 ** (2 - place) for place, part in enumerate(text.split(":"))))
    if text[0] == "0" and len(text) > 1 and not set(text) & set("89"):
        return str(int(text, 8))
    return text


def _parsed_time(found: FoundDate, zone: tzinfo) -> Moment | None:
    year = found.year or 0
    if not 1 <= year <= 9999:
        return None
    offset = _zone_offset(found.zone, year, zone) if found.zone else None
    month, day = (1 if found.month is None else found.month), (1 if found.day is None else found.day)
    if found.yday is not None:
        if not 1 <= found.yday <= 366:
            return None
        month, day = (found.yday - 1) // 31 + 1, (found.yday - 1) % 31 + 1
    instant = _instant(found, (year, month, day), offset, zone)
    if instant is not None and found.yday is not None:
        # Ruby corrects a first guess by how far it is off, whatever the hour made of it.
        shown = instant.astimezone(zone if offset is None else timezone(timedelta(seconds=offset)))
        day += found.yday - shown.timetuple().tm_yday
        if day > 28 and day > (length := monthrange(year, month)[1]):
            month, day = month + 1, day - length
        instant = _instant(found, (year, month, day), offset, zone)
    return None if instant is None else Moment(instant, None)


def _instant(found: FoundDate, date: tuple[int, int, int], offset: int | None, zone: tzinfo) -> datetime | None:
    clock = (found.hour or 0, found.minute or 0, found.second or 0)
    if offset is not None:
        return _ruby_utc(*date, *clock, offset)
    local = _local(*date, *clock)
    return None if local is None else in_zone(local, zone)


def _ruby_utc(year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int) -> datetime | None:
    """Take an offset off as Time.parse does: on the calendar's digits, so that 31 April is not yet 1 May."""
    if not (1 <= year <= 9999 and 1 <= month <= 12) or abs(offset) >= 86_400 or offset % 60:
        return None
    hours, minutes = divmod(abs(offset) // 60, 60)
    sign = -1 if offset > 0 else 1
    if minutes:
        carry, minute = divmod(minute + sign * minutes, 60)
        hours += sign * carry
    days, hours = divmod(hours, 24)
    if hours:
        carry, hour = divmod(hour + sign * hours, 24)
        days += sign * carry
    if days:
        year, month, day = _moved(year, month, day + sign * days, sign)
    utc = _local(year, month, day, hour, minute, second)
    return None if utc is None else in_zone(utc, UTC)


def _moved(year: int, month: int, day: int, sign: int) -> tuple[int, int, int]:
    """Bring a day that left its month to the nearest day of the next one; only in the direction that Ruby expects."""
    if sign > 0 and day > monthrange(year, month)[1]:
        return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)
    if sign < 0 and day < 1:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return (year, month, monthrange(year, month)[1]) if year > 0 else (0, 1, 1)
    return year, month, day


def _local(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    """The time with Ruby's roll-over of short months, `24:00:00` and `:60`."""
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone is settled by the caller
    except (ValueError, OverflowError):
        pass
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31 and hour <= 24 and minute < 60 and second <= 60):
        return None
    if hour == 24 and (minute or second):
        return None
    first = datetime(year, month, 1)  # noqa: DTZ001
    try:
        return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    except OverflowError:
        return None


def _zone_offset(written: str, year: int, zone: tzinfo) -> int | None:
    """Seconds east of UTC, or None for a zone that Ruby passes over."""
    match = _OFFSET.fullmatch(written)
    if match is not None:
        seconds = (int(match[2]) * 60 + int(match[4] or 0)) * 60 + int(match[5] or 0)
        return -seconds if match[1] == "-" else seconds
    written = written.upper()
    if written in _NAMED_HOURS:
        return _NAMED_HOURS[written] * 3600
    for month in (1, 7):
        day = datetime(year, month, 1, tzinfo=zone)
        offset = day.utcoffset()
        if (day.tzname() or "").upper() == written and offset is not None:
            return int(offset.total_seconds())
    return None
