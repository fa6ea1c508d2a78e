"""Cutting a file into front matter and text, in whichever of the forms its generator knows."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

from feeds.frontmatter import Fault, Node, read_fields, split
from feeds.model import Notice
from feeds.sources.fields import UnreadableError
from feeds.sources.plain.headers import Head, is_page, read_headers, read_page
from feeds.sources.plain.rst import read_rst_head
from feeds.sources.plain.scripts import nodes_of
from feeds.structured import read_json, read_toml
from feeds.yaml_text import SIZE_LIMIT

# Header lines always, or where nothing else is and they begin with what only a post says of itself.
Form: TypeAlias = Literal["yaml", "toml", "json", "headers", "known headers"]

_NAMED = re.compile(r"---[ \t]*(json|toml|yaml|yml|js|javascript)[ \t]*\n")
_CLOSING = re.compile(r"\n---[ \t]*(?:\n|\Z)")
_PLUSES = re.compile(r"\+\+\+[ \t]*\n")
_PLUSES_END = re.compile(r"\n\+\+\+[ \t]*(?:\n|\Z)")
_JSON = re.compile(r"\{\s*[\"}]")
_PAGES = (".html", ".htm")
_KNOWN = re.compile(r"(?:title|date|authors?|tags|category|slug|summary|modified|status|lang)[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A file cut in two."""

    values: Mapping[str, Node]
    text: str  # below the front matter
    head: str = ""  # the front matter itself, with all above the text
    notice: Notice | None = None

    @property
    def text_line(self) -> int:
        """The line of the file, from 1, on which the text begins."""
        return self.head.count("\n") + 1

    def place_of(self, key: str) -> tuple[int, int] | tuple[None, None]:
        """The line and the column of the file, from 1, at which what a key of the front matter says begins."""
        last = re.escape(key.rpartition(".")[2])
        match = re.search(rf"^[ \t\"':]*{last}[\"']?[ \t]*[:=][ \t]*", self.head, re.MULTILINE | re.IGNORECASE)
        if match is None:
            return None, None
        return self.head.count("\n", 0, match.start()) + 1, match.end() - match.start() + 1


def read_matter(text: str, extension: str, forms: frozenset[Form]) -> Matter:
    """Cut a file's text. Raises UnreadableError where the front matter is broken."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if extension == ".rst":
        title, values, start = read_rst_head(text)
        return Matter(values=values | title, text=text[start:], head=text[:start])
    if extension in _PAGES and is_page(text):
        head = read_page(text)
        return Matter(values=head.values, text=text[head.start : head.end], head=text[: head.start])
    if "headers" in forms:
        head = read_headers(text)
        return Matter(values=head.values, text=text[head.start :], head=text[: head.start])
    if "known headers" in forms and (known := _known_headers(text)) is not None:
        return Matter(values=known.values, text=text[known.start :], head=text[: known.start])
    return _marked(text, forms)


def _known_headers(text: str) -> Head | None:
    """Read header lines that begin with a key of Pelican's, name a title or a date, and end with a blank line."""
    if _KNOWN.match(text) is None:
        return None
    head = read_headers(text)
    above = text[: head.start]
    ended = head.start == len(text) or not above.removesuffix("\n").rpartition("\n")[2].strip()
    return head if ended and not head.values.keys().isdisjoint(("title", "date")) else None


def _marked(text: str, forms: frozenset[Form]) -> Matter:
    opening = text[:64].lstrip(" \t\n\ufeff")[:1]
    if opening not in ("-", "+", "{"):
        return Matter(values={}, text=text)
    skipped = len(text) - len(text.lstrip(" \t\n\ufeff"))
    rest = text[skipped:] if skipped else text
    lines = text.count("\n", 0, skipped)
    if opening == "+" and "toml" in forms and (plus := _PLUSES.match(rest)) is not None:
        return _toml(text, skipped, plus.end(), _PLUSES_END, "+++", lines)
    if opening == "{":
        return (
            _bare_json(text, skipped, lines) if "json" in forms and _JSON.match(rest) else Matter(values={}, text=text)
        )
    if (named := _NAMED.match(rest)) is not None and "json" in forms:
        return _named(text, skipped, named, lines)
    return _yaml(text, rest, lines) if "yaml" in forms else Matter(values={}, text=text)


def _yaml(text: str, rest: str, lines: int) -> Matter:
    front = split(rest)
    if not front.closed:
        raise _unclosed("---", lines)
    if front.block is None:
        return Matter(values={}, text=text)
    fields = read_fields(front.block)
    if isinstance(fields, Fault):
        _refuse(fields, lines)
    start = len(text) - len(rest) + front.body_start
    return Matter(values=fields.values, text=text[start:], head=text[:start], notice=fields.notice)


def _named(text: str, skipped: int, named: re.Match[str], lines: int) -> Matter:
    language = named[1]
    if language == "toml":
        return _toml(text, skipped, named.end(), _CLOSING, "---", lines)
    start = skipped + named.end()
    closing = _CLOSING.search(text, start - 1)
    if closing is None:
        raise _unclosed("---", lines)
    block, end = text[start : closing.start() + 1], closing.end()
    if language in ("js", "javascript"):
        reason = "its front matter is JavaScript, which is not run: only what is written out in it is read"
        notice = Notice(code="javascript-front-matter", reason=reason, line=lines + 1)
        return Matter(values=nodes_of(block), text=text[end:], head=text[:end], notice=notice)
    if language == "json":
        found = _within_limits(read_json, block)
        if isinstance(found, Fault):
            _refuse(found, lines + 1)
        return Matter(values=found, text=text[end:], head=text[:end])
    fields = read_fields(block)
    if isinstance(fields, Fault):
        _refuse(fields, lines)
    return Matter(values=fields.values, text=text[end:], head=text[:end], notice=fields.notice)


def _toml(text: str, skipped: int, after: int, ending: re.Pattern[str], mark: str, lines: int) -> Matter:
    start = skipped + after
    closing = ending.search(text, start - 1)
    if closing is None:
        raise _unclosed(mark, lines)
    found = _within_limits(read_toml, text[start : closing.start() + 1])
    if isinstance(found, Fault):
        _refuse(found, lines + 1)
    return Matter(values=found, text=text[closing.end() :], head=text[: closing.end()])


def _bare_json(text: str, skipped: int, lines: int) -> Matter:
    block = text[skipped : skipped + SIZE_LIMIT + 1]
    try:
        # Numbers are not read here: one of a million digits would take its time.
        _, end = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(block)
    except (ValueError, RecursionError):
        end = len(block)
    found = _within_limits(read_json, block[:end])
    if isinstance(found, Fault):
        _refuse(found, lines)
    after = skipped + end
    return Matter(values=found, text=text[after:].removeprefix("\n"), head=text[:after])


def _within_limits(read: Callable[[str], dict[str, Node] | Fault], block: str) -> dict[str, Node] | Fault:
    try:
        return read(block)
    except ValueError:  # a number of more digits than Python reads
        return Fault(reason="holds a number that is too long")


def _unclosed(mark: str, lines: int) -> UnreadableError:
    reason = f"its front matter begins with {mark} and never ends; write {mark} on a line of its own below it"
    return UnreadableError("unclosed-front-matter", reason, lines + 1)


def _refuse(fault: Fault, lines: int) -> NoReturn:
    line = None if fault.line is None else fault.line + lines
    raise UnreadableError(
        "invalid-front-matter", f"its front matter {fault.reason}; mend that line", line, fault.column
    )
