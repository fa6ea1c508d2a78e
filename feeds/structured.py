"""TOML and JSON as the nodes that YAML gives: the text of each value, and whether it was quoted."""

import json
import re
import tomllib
from datetime import date, datetime, time
from typing import Any

from feeds.yaml_text import DEPTH_LIMIT, NODE_LIMIT, SIZE_LIMIT, Fault, Node, Scalar

# Of TOML: what a key is made of, and what may hold dots without being one.
_TOML_PIECE = re.compile(
    r"""(?P<quote>\"{3}|'{3}|["'])|(?P<dot>\.)|(?P<part>[A-Za-z0-9_\- \t]+)|#[^\n]*|[^"'.#A-Za-z0-9_\- \t]+"""
)
_QUOTE_ENDS = {
    '"': re.compile(r'\\.|(?P<end>["\n])', re.DOTALL),
    "'": re.compile(r"(?P<end>['\n])"),
    '"""': re.compile(r'\\.|(?P<end>"{3,5})', re.DOTALL),
    "'''": re.compile(r"(?P<end>'{3,5})"),
}


def read_toml(text: str, *, size_limit: int = SIZE_LIMIT) -> dict[str, Node] | Fault:
    """Read TOML 1.0. Dates become plain scalars in ISO form; the line and column of a Fault count from 1."""
    if len(text) > size_limit:
        return Fault(reason=f"is longer than {size_limit} characters")
    if (line := _line_of_long_key(text)) is not None:
        return Fault(reason=f"is nested deeper than {DEPTH_LIMIT} levels", line=line, column=1)
    try:
        return _Builder().table(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return _toml_fault(text, str(error))
    except ValueError:  # of int(), beyond 4,300 digits
        return Fault(reason="holds a number that is too long")
    except RecursionError:
        return Fault(reason=f"is nested deeper than {DEPTH_LIMIT} levels")
    except _TooMuchError as error:
        return Fault(reason=str(error))


def read_json(text: str, *, size_limit: int = SIZE_LIMIT) -> dict[str, Node] | Fault:
    """Read a JSON object; the line and column of a Fault count from 1."""
    if len(text) > size_limit:
        return Fault(reason=f"is longer than {size_limit} characters")
    try:
        # Numbers stay as they were written.
        found = json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
        if not isinstance(found, dict):
            return Fault(reason="is no JSON object", line=1, column=1)
        return _Builder().table(found)
    except json.JSONDecodeError as error:
        reason = f"is not valid JSON: {error.msg}"
        return Fault(reason=reason, line=error.lineno, column=error.colno, syntax=True)
    except RecursionError:
        return Fault(reason=f"is nested deeper than {DEPTH_LIMIT} levels")
    except _TooMuchError as error:
        return Fault(reason=str(error))


class _Number(str):
    __slots__ = ()


class _TooMuchError(Exception):
    """The text holds more than we read."""


class _Builder:
    """Turns parsed values into nodes, within the limits that YAML has."""

    def __init__(self) -> None:
        self._nodes = 0

    def table(self, values: dict[str, Any], depth: int = 0) -> dict[str, Node]:
        return {str(key): self._node(value, depth) for key, value in values.items()}

    def _node(self, value: Any, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            raise _TooMuchError(f"holds more than {NODE_LIMIT} values")
        if depth >= DEPTH_LIMIT:
            raise _TooMuchError(f"is nested deeper than {DEPTH_LIMIT} levels")
        if isinstance(value, dict):
            return self.table(value, depth + 1)
        if isinstance(value, list):
            return [self._node(item, depth + 1) for item in value]
        return _scalar(value)


def _scalar(value: object) -> Scalar:
    if value is None:
        return Scalar("", True)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", True)
    if isinstance(value, (datetime, date, time)):
        return Scalar(value.isoformat(), True)
    return Scalar(str(value), not isinstance(value, str) or isinstance(value, _Number))


def _line_of_long_key(text: str) -> int | None:
    """The line of a dotted key that leads too deep: tomllib takes time and memory by the square of its parts."""
    if text.count(".") < DEPTH_LIMIT or all(line.count(".") < DEPTH_LIMIT for line in text.split("\n")):
        return None
    dots = position = 0
    while (piece := _TOML_PIECE.match(text, position)) is not None:
        position = piece.end()
        if piece["quote"]:
            end = _end_of_string(text, piece["quote"], position)
            if end is None:
                return None  # what follows is never parsed
            position = end
        elif piece["dot"]:
            dots += 1
            if dots >= DEPTH_LIMIT:
                return text.count("\n", 0, position) + 1
        elif not piece["part"]:
            dots = 0
    return None


def _end_of_string(text: str, quote: str, start: int) -> int | None:
    for found in _QUOTE_ENDS[quote].finditer(text, start):
        if found["end"] is not None:
            return None if found["end"] == "\n" else found.end()
    return None


def _toml_fault(text: str, message: str) -> Fault:
    """Take the place out of tomllib's message: `… (at line 3, column 7)` or `… (at end of document)`."""
    said, mark, place = message.rpartition(" (at ")
    numbers = [int(word) for word in place.replace(",", " ").replace(")", " ").split() if word.isdigit()]
    line, column = numbers if len(numbers) == 2 else (text.count("\n") + 1, 1)
    reason = f"is not valid TOML: {said if mark else message}"
    return Fault(reason=reason, line=line, column=column, syntax=True)
