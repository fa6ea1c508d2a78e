"""What a request asks for: whether it has the file already, in which encoding it takes it, which part. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A range of bytes; the end is excluded."""

    start: int
    end: int


UNSATISFIABLE = Part(0, 0)


def tags_of(header: str) -> list[str]:
    """Return the entity tags of an `If-None-Match`, without quotes and marks of weakness (RFC 9110, section 13.1.2)."""
    return ["*"] if header.strip() == "*" else _TAG.findall(header)


def is_unmodified(none_match: str | None, modified_since: str | None, tag: str, modified: datetime) -> bool:
    """Tell whether the reader has what we have; its tags come before its time (RFC 9110, section 13.2.2)."""
    if none_match is not None:
        known = tags_of(none_match)
        return tag in known or "*" in known
    since = _time(modified_since)
    return since is not None and modified <= since


def _time(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def encoding_for(header: str | None, available: Sequence[str]) -> str | None:
    """Return which of the available encodings, best first, a reader wants; None for none (RFC 9110, section 12.5.3)."""
    if not header:
        return None
    weights: dict[str, float] = {}
    for item in header.lower().split(","):
        name, mark, parameters = item.partition(";")
        weight = _WEIGHT.fullmatch(mark + parameters) if mark else None
        weights[name.strip()] = float(weight[1]) if weight else 0.0 if mark else 1.0
    otherwise = weights.get("*", 0.0)
    wanted = {name: weights.get(name, otherwise) for name in available}
    best = max(available, key=lambda name: wanted[name], default=None)
    if best is None or wanted[best] <= 0 or wanted[best] < weights.get("identity", 0.0):
        return None
    return best


def part_for(header: str | None, if_range: str | None, tag: str, modified: datetime, size: int) -> Part | None:
    """Return the one range that is asked for (RFC 9110, section 14.2); None for the whole file, as for several."""
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or not (found[1] or found[2]) or not _still_holds(if_range, tag, modified):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return Part(size - length, size) if length else UNSATISFIABLE
    start = int(found[1])
    end = min(int(found[2]) + 1, size) if found[2] else size
    if found[2] and int(found[2]) < start:
        return None  # no range at all
    return Part(start, end) if start < size else UNSATISFIABLE


def _still_holds(if_range: str | None, tag: str, modified: datetime) -> bool:
    if if_range is None:
        return True
    if if_range.startswith('"'):
        return if_range == f'"{tag}"'
    return _time(if_range) == modified


def wants_delta(header: str | None) -> bool:
    """Tell whether a reader takes only the entries that are new to it (`A-IM: feed`, RFC 3229, section 10.5.3)."""
    return header is not None and "feed" in _words(header)


def _words(header: str) -> Collection[str]:
    return {item.partition(";")[0].strip().lower() for item in header.split(",")}
