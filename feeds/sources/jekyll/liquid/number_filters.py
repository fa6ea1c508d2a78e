"""The filters on numbers and dates."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

from feeds.sources.jekyll.dates import in_zone, read_date
from feeds.sources.jekyll.liquid.context import FilterError, LimitError, Scope
from feeds.sources.jekyll.liquid.ruby import is_true, to_i, to_number, to_s
from feeds.sources.jekyll.liquid.strftime import DAYS, MONTHS, offset_of, strftime

_BIGGEST = 10**300
_MOST_DIGITS = 100
_LONGEST_FORMAT = 1_000
_DIGITS = re.compile(r"\d{1,12}", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)\Z", re.ASCII)
_NAMED_UTC = re.compile(r"(?:\d|\s)(?:UTC|Z|GMT)\Z", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _plain(number: int | Decimal) -> int | float:
    if isinstance(number, int):
        if abs(number) > _BIGGEST:
            raise LimitError("makes a number of more than 300 digits")
        return number
    return float(number)


def _calculated(operation: Callable[[int | Decimal, int | Decimal], int | Decimal]) -> Callable[..., object]:
    def calculate(scope: Scope, value: object, operand: object) -> object:
        return _plain(operation(to_number(value), to_number(operand)))

    return calculate


def _quotient(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    return Decimal(left) / Decimal(right)


def _remainder(left: int | Decimal, right: int | Decimal) -> int | Decimal:
    if isinstance(left, int) and isinstance(right, int):
        return left % right
    exact, other = Decimal(left), Decimal(right)
    rest = exact % other
    return rest + other if rest and (rest < 0) != (other < 0) else rest


def absolute(scope: Scope, value: object) -> object:
    """Without its sign."""
    number = to_number(value)
    return _plain(-number if number < 0 else number)


def rounded(scope: Scope, value: object, digits: object = 0) -> object:
    """To so many places; halves away from zero."""
    number, places = to_number(value), int(to_number(digits))
    if abs(places) > _MOST_DIGITS:
        raise FilterError
    if isinstance(number, int) and places >= 0:
        return number
    result = Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return int(result) if places <= 0 else float(result)


def whole(*, up: bool) -> Callable[..., object]:
    """Return the filter ceil or floor."""

    def round_it(scope: Scope, value: object) -> object:
        number = to_number(value)
        below = int(number // 1) if isinstance(number, int) else int(number.to_integral_value("ROUND_FLOOR"))
        return below + 1 if up and number != below else below

    return round_it


def to_integer(scope: Scope, value: object) -> object:
    """Truth is 1 or 0, text its leading number."""
    return int(value) if isinstance(value, bool) else to_i(value)


def default(scope: Scope, value: object, otherwise: object = "", options: object = None) -> object:
    """The other value for nothing, false and what is empty."""
    allowed = isinstance(options, dict) and is_true(options.get("allow_false"))
    missing = value is None if allowed else not is_true(value)
    empty = isinstance(value, (str, list, tuple, Mapping)) and not value
    return otherwise if missing or empty else value


def moment_of(scope: Scope, value: object) -> datetime | None:
    """Read a time as Liquid does: dates, text, seconds since 1970. `now` is the post's own date, so that the same post
    gives the same text at all times."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        instant = in_zone(datetime(value.year, value.month, value.day), scope.site.zone)  # noqa: DTZ001
        return None if instant is None else instant.astimezone(scope.site.zone)
    if isinstance(value, str) and value.lower() in ("now", "today"):
        return scope.now.astimezone(scope.site.zone)
    if isinstance(value, int) and not isinstance(value, bool):
        return _since_1970(scope, value)
    if isinstance(value, str) and _DIGITS.fullmatch(value) is not None:
        return _since_1970(scope, int(value))
    return _read(scope, value) if isinstance(value, str) else None


def _since_1970(scope: Scope, seconds: int) -> datetime | None:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).astimezone(scope.site.zone)
    except OverflowError:
        return None


def _read(scope: Scope, text: str) -> datetime | None:
    moment = read_date(text, plain=False, zone=scope.site.zone)
    if moment is None:
        return None
    text = text.strip()
    if (match := _OFFSET.search(text)) is not None and ":" in text[: match.start()]:
        minutes = int(match[2]) * 60 + int(match[3])
        if minutes < 1440:
            return moment.instant.astimezone(timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)))
    if _NAMED_UTC.search(text) is not None:
        return moment.instant
    return moment.instant.astimezone(scope.site.zone)


def formatted(scope: Scope, value: object, template: object) -> object:
    """Liquid's `date`: what is no time stays as it is."""
    written = to_s(template, scope)
    if not written or len(written) > _LONGEST_FORMAT:
        return value
    moment = moment_of(scope, value)
    return value if moment is None else strftime(moment, written)


def _of_moment(write: Callable[..., str]) -> Callable[..., object]:
    """Make one of Jekyll's filters: it shows the site's zone, leaves nothing as nothing and refuses what is no time."""

    def apply(scope: Scope, value: object, *arguments: object) -> object:
        if value is None or value == "":
            return value
        moment = moment_of(scope, value)
        if moment is None:
            raise FilterError
        return write(moment.astimezone(scope.site.zone), *arguments)

    return apply


def _xmlschema(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}T{moment:%H:%M:%S}{offset_of(moment, 1)}"


def _rfc822(moment: datetime) -> str:
    day = f"{DAYS[moment.weekday()][:3]}, {moment.day:02d} {MONTHS[moment.month - 1][:3]}"
    return f"{day} {moment.year:04d} {moment:%H:%M:%S} {offset_of(moment)}"


def _in_words(length: int | None) -> Callable[..., str]:
    def write(moment: datetime, kind: object = None, style: object = None) -> str:
        month = MONTHS[moment.month - 1][:length]
        if kind != "ordinal":
            return f"{moment.day:02d} {month} {moment.year:04d}"
        day = f"{moment.day}{_ordinal(moment.day)}"
        return f"{month} {day}, {moment.year:04d}" if style == "US" else f"{day} {month} {moment.year:04d}"

    return write


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


FILTERS: Mapping[str, Callable[..., object]] = {
    "plus": _calculated(lambda a, b: a + b),
    "minus": _calculated(lambda a, b: a - b),
    "times": _calculated(lambda a, b: a * b),
    "divided_by": _calculated(_quotient),
    "modulo": _calculated(_remainder),
    "at_least": _calculated(max),
    "at_most": _calculated(min),
    "abs": absolute,
    "round": rounded,
    "ceil": whole(up=True),
    "floor": whole(up=False),
    "to_integer": to_integer,
    "default": default,
    "date": formatted,
    "date_to_xmlschema": _of_moment(_xmlschema),
    "date_to_rfc822": _of_moment(_rfc822),
    "date_to_string": _of_moment(_in_words(3)),
    "date_to_long_string": _of_moment(_in_words(None)),
}
