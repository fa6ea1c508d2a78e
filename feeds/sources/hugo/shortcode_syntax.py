"""Finds Hugo's shortcodes in a text: `{{< name argument key="value" >}}`, `{{% name %}}`, `{{< /name >}}`."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_OPENING = re.compile(r"\{\{([<%])")
_NAME = re.compile(r"\s*+(?P<closing>/?)\s*+(?P<name>[\w-][\w/.-]*+)")
_KEY = re.compile(r"([\w.-]++)\s*+=\s*+")
_BARE = re.compile(r"[\w.-]++")
# A value goes on to the next space; what closes the tag is none of it.
_BARE_VALUE = re.compile(r"(?:(?!/?[>%]\}\})[^\s\"`])+")
_PLAIN_QUOTED = re.compile(r'"([^"\\\n]*+)"')
_QUOTE_END = re.compile(r'(?<!\\)"|\n')
_ESCAPED_END = re.compile(r'\\?"|\n')
_SPACE = re.compile(r"\s*+")


class Tag(NamedTuple):
    """One shortcode tag."""

    start: int
    end: int
    name: str
    is_markdown: bool  # `{{%`: what it gives is read as Markdown
    closes: bool  # `{{< /name >}}`
    is_complete: bool  # `{{< name />}}`
    positional: tuple[str, ...]
    named: dict[str, str]
    bare: frozenset[str | int] = frozenset()  # names and places of those without quotes

    def get(self, key: str | int) -> str | None:
        """Return an argument by its name or place; None where the tag has none such."""
        if isinstance(key, str):
            return self.named.get(key)
        return self.positional[key] if 0 <= key < len(self.positional) else None


class Literal(NamedTuple):
    """A shortcode that is to be shown: `{{</* name */>}}`."""

    start: int
    end: int
    text: str


class Broken(NamedTuple):
    """A tag that Hugo refuses to read."""

    start: int
    end: int
    reason: str


class ShortcodeScanner:
    """One pass over a text, in time linear in its length."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._absent: dict[str, int] = {}  # what is not found any more: never looked for again

    def __iter__(self) -> Iterator[Tag | Literal | Broken]:
        position = 0
        while found := _OPENING.search(self._text, position):
            piece = self._piece(found)
            position = piece.end
            yield piece

    def _find(self, mark: str, start: int) -> int:
        if mark in self._absent:
            return -1
        found = self._text.find(mark, start)
        if found < 0:
            self._absent[mark] = start
        return found

    def _piece(self, opening: re.Match[str]) -> Tag | Literal | Broken:
        start, after = opening.span()
        is_markdown = opening[1] == "%"
        end_mark = "%}}" if is_markdown else ">}}"
        if self._text.startswith("/*", after):
            end = self._find(f"*/{end_mark}", after + 2)
            if end < 0:
                return self._broken(start, after, end_mark, "its comment is not closed")
            inner = self._text[after + 2 : end]
            return Literal(start, end + 5, f"{opening[0]}{inner}{end_mark}")
        name = _NAME.match(self._text, after)
        if name is None:
            return self._broken(start, after, end_mark, "it has no name")
        return self._arguments(name, start, is_markdown, end_mark)

    def _arguments(self, name: re.Match[str], start: int, is_markdown: bool, end_mark: str) -> Tag | Broken:
        text = self._text
        position = name.end()
        positional: list[str] = []
        named: dict[str, str] = {}
        bare: set[str | int] = set()
        while True:
            position = _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing as well
            is_complete = text.startswith("/", position)
            if text.startswith(end_mark, position + is_complete):
                end = position + is_complete + 3
                closes = bool(name["closing"])
                # `{{< name/>}}`: the slash is no part of the name.
                written = name["name"].rstrip("/")
                is_complete = is_complete or written != name["name"]
                given = (tuple(positional), named, frozenset(bare))
                return Tag(start, end, written, is_markdown, closes, is_complete, *given)
            key = _KEY.match(text, position)
            value = self._value(key.end() if key else position, is_named=key is not None)
            if value is None:
                return self._broken(start, position, end_mark, "its arguments cannot be read; quote them")
            if text[key.end() if key else position] not in '"`\\':
                bare.add(key[1] if key else len(positional))
            position = value[1]
            if key:
                named[key[1]] = value[0]
            else:
                positional.append(value[0])

    def _value(self, position: int, *, is_named: bool) -> tuple[str, int] | None:
        text = self._text
        if text.startswith("`", position):
            end = self._find("`", position + 1)
            return None if end < 0 else (text[position + 1 : end], end + 1)
        if plain := _PLAIN_QUOTED.match(text, position):
            return plain[1], plain.end()
        if text.startswith(('"', '\\"'), position):
            return self._quoted(position)
        bare = (_BARE_VALUE if is_named else _BARE).match(text, position)
        return (bare[0], bare.end()) if bare else None

    def _quoted(self, position: int) -> tuple[str, int] | None:
        r"""Read `"a \"b\" c"`, and `\"a\"` as it stands within a quoted template."""
        text = self._text
        opening = '\\"' if text.startswith('\\"', position) else '"'
        pattern = _ESCAPED_END if opening == '\\"' else _QUOTE_END
        start = position + len(opening)
        end = pattern.search(text, start)
        if end is None or end[0] == "\n":
            return None
        return text[start : end.start()].replace('\\"', '"'), end.end()

    def _broken(self, start: int, after: int, end_mark: str, reason: str) -> Broken:
        end = self._find(end_mark, after)
        following = _OPENING.search(self._text, after)
        limit = following.start() if following else len(self._text)
        if 0 <= end < limit:
            return Broken(start, end + 3, reason)
        line_end = self._text.find("\n", after, limit)
        return Broken(start, limit if line_end < 0 else line_end, reason)


class Positions:
    """Lines and columns of a text whose first line is line `first_line` of its file."""

    def __init__(self, text: str, first_line: int) -> None:
        self._text = text
        self._first_line = first_line
        self._starts: list[int] | None = None

    def of(self, offset: int) -> tuple[int, int]:
        """Return the line and the column, both from 1."""
        if self._starts is None:
            self._starts = [0, *(found.end() for found in re.finditer("\n", self._text))]
        line = bisect_right(self._starts, offset)
        return self._first_line + line - 1, offset - self._starts[line - 1] + 1
