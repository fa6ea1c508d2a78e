"""Values as Ruby writes, compares and measures them. Nothing here takes longer than its `Meter` allows."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Protocol

from feeds.sources.jekyll.liquid.strftime import offset_of

WHITE = " \t\n\v\f\r\0"  # what Ruby's strip takes off; Python's takes more, such as the full-width space
_DEEPEST = 60
_LEADING_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?\d[\d_]*)", re.ASCII)
_DECIMAL = re.compile(r"-?\d+\.\d+", re.ASCII)
_LONGEST_NUMBER = 1000
_INSPECTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f", "\v": "\\v"} | {
    "\b": "\\b",
    "\a": "\\a",
    "\x1b": "\\e",
}
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]|#(?=[{$@])')


class Meter(Protocol):
    """Counts work, and raises where it becomes too much."""

    def spend(self, steps: int = 1) -> None:
        """Count steps."""

    def check_text(self, length: int) -> None:
        """Refuse a text of this length if it is too long."""

    def check_items(self, length: int) -> None:
        """Refuse a list of this length if it is too long."""


class TooDeepError(Exception):
    """A value nested deeper than any that a person writes."""


def is_list(value: object) -> bool:
    """Whether Ruby would call it an Array."""
    return isinstance(value, (list, tuple))


def is_true(value: object) -> bool:
    """All but nil and false are true."""
    return value is not None and value is not False


def to_s(value: object, meter: Meter) -> str:
    """Ruby's to_s."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (bool, int, float, Decimal, date)):
        return _plain(value)
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    return inspect(value, meter)


def shown(value: object, meter: Meter) -> str:
    """Return what `{{ value }}` writes: lists are joined."""
    if isinstance(value, str):
        return value
    if not is_list(value):
        return to_s(value, meter)
    return joined(value, "", meter)


def joined(value: object, glue: str, meter: Meter) -> str:
    """Array#join: also of the lists within the list."""
    pieces: list[str] = []
    length = 0
    for item in flattened(value, meter):
        piece = to_s(item, meter)
        length += len(piece) + len(glue)
        meter.check_text(length)
        pieces.append(piece)
    return glue.join(pieces)


def flattened(value: object, meter: Meter) -> list[object]:
    """Array#flatten, bounded."""
    result: list[object] = []
    stack: list[Iterator[object]] = [iter(value if isinstance(value, (list, tuple)) else [value])]
    while stack:
        for item in stack[-1]:
            if isinstance(item, (list, tuple)):
                if len(stack) > _DEEPEST:
                    raise TooDeepError
                meter.spend()
                stack.append(iter(item))
                break
            result.append(item)
        else:
            stack.pop()
        meter.check_items(len(result))
    meter.spend(len(result) // 4)
    return result


def _plain(value: bool | int | float | Decimal | date) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, Decimal)):
        return _float(float(value))
    if isinstance(value, datetime):
        zone = "UTC" if value.tzinfo is UTC else offset_of(value)
        return f"{value:%H:%M:%S}".join((f"{value.year:04d}-{value.month:02d}-{value.day:02d} ", f" {zone}"))
    return value.isoformat()


def _float(value: float) -> str:
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}[text]
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}e{exponent}" if mark else text


def inspect(value: object, meter: Meter) -> str:
    """Ruby's inspect."""
    pieces: list[str] = []
    _inspect(value, meter, pieces, 0)
    return "".join(pieces)


def _inspect(value: object, meter: Meter, pieces: list[str], depth: int) -> None:
    meter.spend()
    if depth > _DEEPEST:
        raise TooDeepError
    if isinstance(value, str):
        meter.check_text(len(value))
        pieces.append(_quoted(value))
    elif isinstance(value, Mapping):
        for place, (key, item) in enumerate(value.items()):
            pieces.append(", " if place else "{")
            _inspect(key, meter, pieces, depth + 1)
            pieces.append("=>")
            _inspect(item, meter, pieces, depth + 1)
        pieces.append("}" if value else "{}")
    elif isinstance(value, (list, tuple)):
        pieces.append("[")
        for place, item in enumerate(value):
            if place:
                pieces.append(", ")
            _inspect(item, meter, pieces, depth + 1)
        pieces.append("]")
    else:
        pieces.append(_inspected(value))


def _inspected(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"#<Date: {value.isoformat()} (({value.toordinal() + 1721425}j,0s,0n),+0s,2299161j)>"
    if isinstance(value, (bool, int, float, Decimal, date)):
        return _plain(value)
    return f"{value.start}..{value.stop - 1}" if isinstance(value, range) else ""


def _quoted(text: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        found = match[0]
        return "\\#" if found == "#" else _INSPECTED.get(found) or f"\\x{ord(found):02X}"

    return f'"{_SPECIAL.sub(escaped, text)}"'


def to_json(value: object, meter: Meter) -> str:
    """Ruby's to_json, for what Liquid can hold."""
    pieces: list[str] = []
    _json(value, meter, pieces, 0)
    return "".join(pieces)


def _json(value: object, meter: Meter, pieces: list[str], depth: int) -> None:
    meter.spend()
    if depth > _DEEPEST:
        raise TooDeepError
    if isinstance(value, Mapping):
        pieces.append("{")
        for place, (key, item) in enumerate(value.items()):
            pieces.append(f"{',' if place else ''}{json.dumps(to_s(key, meter), ensure_ascii=False)}:")
            _json(item, meter, pieces, depth + 1)
        pieces.append("}")
    elif isinstance(value, (list, tuple)):
        pieces.append("[")
        for place, item in enumerate(value):
            if place:
                pieces.append(",")
            _json(item, meter, pieces, depth + 1)
        pieces.append("]")
    elif value is None:
        pieces.append("null")
    elif isinstance(value, (bool, int, float)):
        pieces.append(_plain(value))
    else:
        pieces.append(json.dumps(to_s(value, meter), ensure_ascii=False))


def equal(left: object, right: object, meter: Meter) -> bool:
    """Ruby's ==."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (list, tuple, Mapping)) and isinstance(right, (list, tuple, Mapping)):
        return left is right or inspect(left, meter) == inspect(right, meter)
    if isinstance(left, datetime) != isinstance(right, datetime):
        return False
    return left == right


def order(left: object, right: object) -> int | None:
    """Ruby's <=>: negative, zero or positive; None for what cannot be compared."""
    if isinstance(left, bool) or isinstance(right, bool):
        return 0 if left is right else None
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, (int, float, Decimal)) and isinstance(right, (int, float, Decimal)):
        return (left > right) - (left < right)
    if isinstance(left, date) and isinstance(right, date) and isinstance(left, datetime) == isinstance(right, datetime):
        return (left > right) - (left < right)
    return 0 if left is None and right is None else None


def to_i(value: object) -> int:
    """Ruby's to_i: the integer at the beginning, else 0."""
    if isinstance(value, (int, float, Decimal)):
        try:
            return int(value)
        except (ValueError, OverflowError):
            return 0
    match = _LEADING_INTEGER.match(value[:_LONGEST_NUMBER]) if isinstance(value, str) else None
    return int(match[1].replace("_", "")) if match else 0


def to_number(value: object) -> int | Decimal:
    """Liquid's to_number: decimals exact, other text by its leading integer."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, (float, Decimal)):
        return Decimal(str(value))
    if isinstance(value, str):
        text = value.strip(WHITE)
        return Decimal(text) if len(text) < 100 and _DECIMAL.fullmatch(text) else to_i(value)
    return 0


def as_list(value: object, meter: Meter) -> Sequence[object]:
    """Return what Liquid's list filters go through: lists flattened, a map as one item, nothing as none."""
    if isinstance(value, (list, tuple)):
        if any(isinstance(item, (list, tuple)) for item in value):
            return flattened(value, meter)
        meter.spend(len(value) // 4)
        return value
    if isinstance(value, range):
        return listed(value, meter)
    return [] if value is None else [value]


def listed(value: range, meter: Meter) -> list[object]:
    """Range#to_a, bounded."""
    meter.check_items(value.stop - value.start)
    meter.spend(len(value))
    return list(value)
