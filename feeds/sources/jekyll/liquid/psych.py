"""YAML's scalars as the Ruby values that Psych makes of them: numbers, truth values, dates, times."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo

from feeds.sources.jekyll.dates import read_date
from feeds.yaml_text import Node, Scalar

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("yes", "true", "on"), True),
    **dict.fromkeys(("no", "false", "off"), False),
    **dict.fromkeys(("", "~", "null"), None),
}
_LONGEST_NUMBER = 400
_TIME = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?P<zone>Z|[-+]\d{1,2}:?(?:\d\d)?))?", re.ASCII
)
_DATE = re.compile(r"\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)", re.ASCII)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(\.[0-9_]*)?")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<binary>[01_,]+)|0x(?P<hex>[0-9a-fA-F_,]+)|0(?P<octal>[0-7_,]+)|(?P<decimal>0|[1-9](?:,?_?[0-9])*))"
)
_BASES = {"binary": 2, "hex": 16, "octal": 8, "decimal": 10}
_SPECIAL = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}


def page_values(front: Mapping[str, Node], zone: tzinfo = UTC) -> dict[str, object]:
    """Return front matter with each value typed as Psych types it; times without a zone are UTC, shown in `zone`."""
    return {key: ruby_value(node, zone) for key, node in front.items()}


def ruby_value(node: Node, zone: tzinfo = UTC) -> object:
    """Return what Psych makes of a node. Nodes are never deep: the YAML reader bounds them."""
    if isinstance(node, Scalar):
        return _scalar(node.text, zone) if node.plain else node.text
    if isinstance(node, list):
        return [ruby_value(item, zone) for item in node]
    return {key: ruby_value(item, zone) for key, item in node.items()}


def _scalar(text: str, zone: tzinfo) -> object:
    word = text.lower()
    if len(text) <= 5 and word in _WORDS:
        return _WORDS[word]
    first = text[0]
    if first == ":" and len(text) > 1:
        return text[1:].strip("\"'")
    if not (first.isdigit() or first in "+-.") or len(text) > _LONGEST_NUMBER:
        return text
    if word in _SPECIAL:
        return _SPECIAL[word]
    return _number_or_date(text, zone)


def _number_or_date(text: str, zone: tzinfo) -> object:
    if (match := _TIME.fullmatch(text)) is not None:
        return _time(text, match["zone"], zone)
    if _DATE.fullmatch(text) is not None:
        return _date(text)
    if (match := _SEXAGESIMAL.fullmatch(text)) is not None:
        return _sexagesimal(text, fraction=match[1] is not None)
    if _FLOAT.fullmatch(text) is not None and any(character.isdigit() for character in text):
        return float(text.replace(",", "").replace("_", ""))
    if (match := _INTEGER.fullmatch(text)) is not None:
        return _integer(match, text)
    return text


def _time(text: str, written: str | None, zone: tzinfo) -> object:
    moment = read_date(text, plain=True, zone=zone)
    if moment is None:
        return text
    if written == "Z":
        return moment.instant
    if written is None:
        return moment.instant.astimezone(zone)
    shown = datetime.fromisoformat(f"2000-01-01T00:00:00{_full_offset(written)}").tzinfo
    return moment.instant.astimezone(shown)


def _full_offset(written: str) -> str:
    digits = written[1:].replace(":", "")
    if len(digits) in (1, 3):
        digits = f"0{digits}"
    hours, minutes = digits[:2], digits[2:] or "00"
    return f"{written[0]}{hours}:{minutes}" if int(hours) < 24 and int(minutes) < 60 else "+00:00"


def _date(text: str) -> object:
    year, month, day = map(int, text.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return text


def _sexagesimal(text: str, *, fraction: bool) -> object:
    # As Psych counts: the first part is hours, also in `1:30`.
    parts = text.replace("_", "").split(":")
    if fraction:
        return sum(float(part) * 60 ** abs(place - 2) for place, part in enumerate(parts))
    return sum(int(part) * 60 ** abs(place - 2) for place, part in enumerate(parts))


def _integer(match: re.Match[str], text: str) -> object:
    for name, base in _BASES.items():
        if match[name] is not None:
            digits = match[name].replace(",", "").replace("_", "")
            return int(match["sign"] + digits, base) if digits else text
    return text
