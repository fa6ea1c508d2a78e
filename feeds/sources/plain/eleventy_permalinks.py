"""Eleventy's `permalink` with the simple template forms that blogs use; what is not simple is not guessed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from feeds.sources.plain.profile import PostFile
from feeds.sources.plain.slugs import eleventy_slug
from feeds.sources.plain.strftime import formatted

_OUTPUT = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_DATE_PREFIX = re.compile(r"\d{4}-\d{2}-\d{2}-(.*)", re.ASCII | re.DOTALL)
_FILTER = re.compile(r"(\w+)\s*(?:[:(]\s*(.*?)\s*\)?)?", re.DOTALL)
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_LITERAL = re.compile(r"""["']([^"'|{}]*)["']""")
# Luxon's and Moment's signs, as the date filters of starters take them.
_SIGN = re.compile(r"yyyy|YYYY|yy|YY|LLLL|MMMM|LLL|MMM|LL|MM|L|M|dd|DD|d|D|HH|mm|ss")
_SIGNS = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "yy": "%y",
    "YY": "%y",
    "LLLL": "%B",
    "MMMM": "%B",
    "LLL": "%b",
    "MMM": "%b",
    "LL": "%m",
    "MM": "%m",
    "L": "%-m",
    "M": "%-m",
    "dd": "%d",
    "DD": "%d",
    "d": "%-d",
    "D": "%-d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
}
_DATE_FILTERS = frozenset({"date", "dateformat", "formatdate", "datefilter", "todate", "toformat", "format", "luxon"})


def stem_of(file: PostFile) -> str:
    """Return `page.filePathStem`: folders and name without the date before it."""
    folder = f"/{file.place.folder}" if file.place.folder else ""
    return f"{folder}/{_undated(file.place.name)}"


def slug_of(file: PostFile) -> str:
    """Return `page.fileSlug`: the name without its date, or that of the folder for an index."""
    name = _undated(file.place.name)
    return _undated(file.place.folder.rpartition("/")[2]) if name == "index" else name


def _undated(name: str) -> str:
    match = _DATE_PREFIX.search(name)
    return match[1] if match is not None else name


def resolved_permalink(template: str, file: PostFile) -> str | None:
    """Return the path that a permalink stands for; None if only running it would tell."""
    if len(template) > 1000 or "{%" in template or "{#" in template:
        return None
    pieces = _OUTPUT.split(template)
    for at in range(1, len(pieces), 2):
        value = _output(pieces[at], file)
        if value is None:
            return None
        pieces[at] = value
    path = "".join(pieces)
    return None if "{{" in path else path


def _output(expression: str, file: PostFile) -> str | None:
    first, *filters = expression.split("|")
    value = _variable(first.strip(), file)
    for written in filters:
        if value is None:
            return None
        value = _filtered(value, written.strip())
    # A date without a filter would be JavaScript's long form.
    return value if isinstance(value, str) else None


def _variable(name: str, file: PostFile) -> str | datetime | None:
    if (literal := _LITERAL.fullmatch(name)) is not None:
        return literal[1]
    if name in ("page.date", "date"):
        return file.local
    known: dict[str, Callable[[PostFile], str]] = {
        "page.fileSlug": slug_of,
        "page.filePathStem": stem_of,
        "page.outputFileExtension": lambda _file: "html",
        "title": lambda file: file.title,
    }
    if name in known:
        return known[name](file)
    return file.text(name) if re.fullmatch(r"[A-Za-z_][\w.]*", name) else None


def _filtered(value: str | datetime, written: str) -> str | datetime | None:
    match = _FILTER.fullmatch(written)
    if match is None:
        return None
    name, argument = match[1].lower(), match[2]
    if isinstance(value, datetime):
        quoted = _QUOTED.match(argument or "")
        return _formatted(value, quoted[1]) if quoted is not None and name in _DATE_FILTERS else None
    if name in ("slugify", "slug"):
        return eleventy_slug(value)
    if name in ("downcase", "lower"):
        return value.lower()
    if name == "strip" or name == "trim":
        return value.strip()
    return value if name in ("safe", "escape", "url") and not argument else None


def _formatted(value: datetime, form: str) -> str:
    value = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return formatted(value, form if "%" in form else _SIGN.sub(lambda sign: _SIGNS[sign[0]], form))
