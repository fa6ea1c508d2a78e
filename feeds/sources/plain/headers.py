"""Front matter that is no YAML, TOML or JSON: header lines above Markdown, and the head of an HTML page.

Header lines are those of Python-Markdown's Meta-Data extension, which Pelican uses: `Key: value` until the first blank
line, lines that begin with four spaces belong to the key above, `---` may stand around them, and keys are in small
letters however they are written.
"""

import html
import re
from typing import NamedTuple

from feeds.yaml_text import Node, Scalar

_HEADER = re.compile(r" {0,3}([A-Za-z0-9_-]+):[ \t]*(.*)")
_MORE = re.compile(r"[ ]{4,}(.*)")
_MARK = re.compile(r"(?:---|\.\.\.)(?:\s.*)?")
_LIMIT = 64_000
_LINES = 2000
_PAGE = re.compile(r"<!doctype\b|<html\b|<head\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]{0,500}>([^<]{0,2000})</title", re.IGNORECASE)
_META = re.compile(r"<meta\b([^>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BODY = re.compile(r"<body\b[^>]{0,4000}>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)


class Head(NamedTuple):
    """What stood above a text, and where the text begins and ends."""

    values: dict[str, Node]
    start: int
    end: int


def read_headers(text: str) -> Head:
    """Read header lines; a text without any has an empty Head."""
    values: dict[str, list[str]] = {}
    key = ""
    position = 0
    lines = 0
    while position < len(text) and lines < _LINES and position < _LIMIT:
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        after = min(end + 1, len(text))
        lines += 1
        if lines == 1 and line.startswith("---") and _MARK.fullmatch(line):
            position = after
            continue
        if not line.strip() or _MARK.fullmatch(line):
            position = after
            break
        if (header := _HEADER.fullmatch(line)) is not None:
            key = header[1].lower()
            values.setdefault(key, []).append(header[2].strip())
        elif key and (more := _MORE.fullmatch(line)) is not None:
            values[key].append(more[1].strip())
        else:
            break
        position = after
    if not values:
        return Head({}, 0, len(text))
    return Head({name: _node(lines) for name, lines in values.items()}, position, len(text))


def _node(lines: list[str]) -> Node:
    filled = [line for line in lines if line]
    if len(filled) == 1:
        return Scalar(filled[0], False)
    return [Scalar(line, False) for line in filled] if filled else Scalar("", True)


def is_page(text: str) -> bool:
    """Whether the text is a whole HTML page and no piece of one."""
    return _PAGE.search(text[:2000]) is not None


def read_page(text: str) -> Head:
    """Read the title and the `meta` elements of an HTML page; its text is what `body` holds."""
    body = _BODY.search(text[:_LIMIT])
    head = text[: body.start() if body is not None else _LIMIT]
    values: dict[str, Node] = {}
    if (title := _TITLE.search(head)) is not None:
        values["title"] = Scalar(html.unescape(title[1]).strip(), False)
    for meta in _META.finditer(head):
        said = {found[1].lower(): found[2] or found[3] or "" for found in _ATTRIBUTE.finditer(meta[1])}
        name = (said.get("name") or said.get("property") or "").lower()
        content = said.get("content", said.get("contents", ""))
        if name and name not in values:
            values[name] = Scalar(html.unescape(content), False)
    end = _last_end(text)
    return Head(values, body.end() if body is not None else 0, end if body is not None else len(text))


def _last_end(text: str) -> int:
    tail = max(0, len(text) - _LIMIT)
    ends = [found.start() for found in _BODY_END.finditer(text, tail)]
    return ends[-1] if ends else len(text)
