"""Dates as Hugo 0.168 reads them: Go's common layouts, never the machine's zone.

| written | read as |
|---|---|
| `2021-12-08`, `08 Dec 2021` | midnight in the site's `timeZone`, else UTC |
| `2021-12-08T10:46:18`, `2021-12-08 10:46:18`, `Wed Dec  8 10:46:18 2021` | likewise in that zone |
| these with `Z`, `+08:00`, `+0800`, ` +08:00`, ` +0800` | that offset |
| `Wed, 08 Dec 2021 10:46:18 +0100`, `08 Dec 21 10:46 +0100`, `Wed Dec 08 10:46:18 +0100 2021` | that offset |
| the same with the name of a zone (`CET`) in its place | the site's zone: Go passes the name over |
| a number, not quoted | seconds since 1970 |

Anything else Hugo calls an error: minutes without seconds, one-digit days, `2021/12/08`, 31 April, `24:00`, `:60`. So
are a time without a year and what no zone can be applied to (years below 2 and above 9998).
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

_ZERO = datetime(1, 1, 1, tzinfo=UTC)  # Go's own "no date"
_DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_DAYS = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_MINUTES = r"(?P<hour>\d\d?):(?P<minute>\d\d)"
_CLOCK = rf"{_MINUTES}:(?P<second>\d\d)(?:[.,]\d+)?"
_OFFSET = r"(?P<offset>[-+]\d\d:?\d\d)"
# What Go takes for a zone's abbreviation; it is case-sensitive, unlike the names of days and months.
_ZONE = r"(?-i:[A-Z]{3}|[A-Z]{3}T|WITA|[A-Z]{4}T|ChST|MeST|GMT[-+]\d{1,2}|[-+]\d\d)"
_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"{_DATE}(?:(?-i:T| ){_CLOCK}(?:(?P<utc>(?-i:Z))|{_OFFSET})?)?",
        rf"{_DATE} {_CLOCK} {_OFFSET}(?: {_ZONE})?",
        rf"(?P<day>\d\d) {_MONTH} (?P<year>\d{{4}})",
        rf"{_DAYS}, (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_CLOCK} (?:{_OFFSET}|{_ZONE})",
        rf"(?P<day>\d\d) {_MONTH} (?P<year>\d\d) {_MINUTES} (?:{_OFFSET}|{_ZONE})",
        rf"{_LONG_DAYS}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_CLOCK} {_ZONE}",
        rf"{_DAYS} {_MONTH} +(?P<day>\d\d?) {_CLOCK}(?: {_ZONE})? (?P<year>\d{{4}})",
        rf"{_DAYS} {_MONTH} (?P<day>\d\d) {_CLOCK} {_OFFSET} (?P<year>\d{{4}})",
    )
)
_COMMON = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:Z|[-+]\d\d:\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,11})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Moment(NamedTuple):
    """When something was dated. A tuple, as some are made for every post."""

    local: datetime  # aware, in the zone that the permalink's tokens are taken from
    zoneless: datetime | None = None  # as written, where no zone was

    @property
    def instant(self) -> datetime:
        return self.local.astimezone(UTC)


def read_date(text: str, *, plain: bool, zone: tzinfo) -> Moment | None:
    """Return when `text` says, as Hugo does for a site in `zone`; None for what Hugo calls no date.

    `plain` says that the text was not quoted, so that it may be a number. Fractions of a second go.
    """
    if _COMMON.fullmatch(text) is not None:
        try:
            return _moment(datetime.fromisoformat(text), zone)
        except ValueError:
            return None
    if len(text) > 100:
        return None
    if plain and _NUMBER.fullmatch(text) is not None:
        try:
            return _moment(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text)), zone)
        except OverflowError:
            return None
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _read_parts(match.groupdict(), zone)
    return None


def in_zone(local: datetime, zone: tzinfo) -> datetime | None:
    """Return a local time as an aware one, as Go's time.Date does; None outside the years that we read."""
    if zone is UTC:
        return local.replace(tzinfo=UTC)
    try:
        as_utc = local.replace(tzinfo=UTC)
        guess = as_utc - _offset_at(as_utc, zone)
        return (as_utc - _offset_at(guess, zone)).astimezone(zone)
    except OverflowError:
        return None


def _offset_at(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _read_parts(parts: dict[str, str | None], zone: tzinfo) -> Moment | None:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 1900 if year >= 69 else 2000
    name = parts.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"] or 0)
    hour, minute, second = (int(parts.get(key) or 0) for key in ("hour", "minute", "second"))
    try:
        local = datetime(year, month, int(parts["day"] or 0), hour, minute, second, tzinfo=_written_zone(parts))
    except ValueError:
        return None
    return _moment(local, zone)


def _written_zone(parts: dict[str, str | None]) -> tzinfo | None:
    """The zone that was written; None if none was. Raises ValueError for more than a day or an hour's minutes."""
    if parts.get("utc"):
        return UTC
    offset = parts.get("offset")
    if not offset:
        return None
    minutes = int(offset[-2:])
    if minutes > 59:
        raise ValueError(offset)
    passed = timedelta(hours=int(offset[1:3]), minutes=minutes)
    return timezone(-passed if offset[0] == "-" else passed)


def _moment(read: datetime, zone: tzinfo) -> Moment | None:
    if read == _ZERO if read.tzinfo else read == _ZERO.replace(tzinfo=None):
        return Moment(_ZERO)
    if not 2 < read.year < 9998:
        return None
    if read.tzinfo is not None:
        return Moment(read)
    local = in_zone(read, zone)
    return None if local is None else Moment(local, read)


def is_no_date(moment: Moment) -> bool:
    """Whether this is how Go writes that there is no date: 1 January of the year 1."""
    return moment.local == _ZERO
