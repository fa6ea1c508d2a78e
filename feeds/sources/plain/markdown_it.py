"""What Eleventy's Markdown does otherwise than CommonMark, done to a text before it is read as CommonMark.

Eleventy 2 and later read no code from indented lines, so that HTML may be indented; and the marks of three plugins
of markdown-it, where the site names them, are no text for readers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_VERBATIM = re.compile(r" {0,3}<(?:(pre|script|style|textarea)\b|!--)", re.IGNORECASE)
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)[ \t]*(?=\S)")
_CONTAINER = re.compile(r"[ \t]*:{3,}[ \t]*[\w-]*(?:[ \t].*)?")
_ABBREVIATION = re.compile(r" {0,3}\*\[[^\]\n]{1,200}\]:.*")
_ONE = r"(?:[.#][A-Za-z][\w:-]*|[A-Za-z][\w:-]*=(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^\s\"',{}]{1,300}))"
_SET = rf"\{{[ \t]*{_ONE}(?:[ \t]+{_ONE}){{0,20}}[ \t]*\}}"
# Behind an element, or at the end of a block. Code spans come first: what they hold stays.
_ATTRIBUTES = re.compile(
    rf"(?<!`)(?P<ticks>`+)(?!`).{{1,2000}}?(?<!`)(?P=ticks)(?!`)|(?<=[)\]*_`>}}]){_SET}|(?:^|[ \t]){_SET}[ \t]*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a site's markdown-it does."""

    indented_code: bool = False
    attributes: bool = False  # markdown-it-attrs: `{.class #id key=value}`
    containers: bool = False  # markdown-it-container: lines of `:::`
    abbreviations: bool = False  # markdown-it-abbr: `*[HTML]: …`

    def as_commonmark(self, text: str) -> str:
        """Return the text as CommonMark that says the same; each line stays a line."""
        if self.containers and ":::" in text:
            text = _outside_fences(text, lambda line: "" if _CONTAINER.fullmatch(line) else line)
        if self.abbreviations and "*[" in text:
            text = _outside_fences(text, lambda line: "" if _ABBREVIATION.fullmatch(line) else line)
        if self.attributes and "{" in text:
            text = _outside_fences(text, _without_attributes)
        if not self.indented_code and ("\n    " in text or "\t" in text or text.startswith("    ")):
            text = without_indented_code(text)
        return text


def _without_attributes(line: str) -> str:
    if "{" not in line:
        return line
    return _ATTRIBUTES.sub(lambda found: found[0] if found["ticks"] else "", line)


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    lines = []
    fence = ""
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            fence = "" if opening is not None and opening[1].startswith(fence) else fence
        elif opening is not None:
            fence = opening[1]
        else:
            line = change(line)
        lines.append(line)
    return "\n".join(lines)


def without_indented_code(text: str) -> str:
    """Return the text with the lines that would begin an indented code block made a paragraph; lists stay."""
    return "\n".join(map(_Unindenter().line, text.split("\n")))


class _Unindenter:
    """Knows what the lines so far have opened."""

    def __init__(self) -> None:
        self._fence = ""
        self._ending = ""  # of HTML that blank lines do not end
        self._in_list = False
        self._may_begin = True  # a code block may begin on the next line

    def line(self, line: str) -> str:
        """Return a line as it is to be read."""
        if self._fence or self._ending:
            self._within(line)
            return line
        if not line.strip():
            self._may_begin = True
            return line
        indent = _INDENTED.match(line)
        if indent is not None:
            if not self._may_begin or self._in_list:
                return line
            self._may_begin = False
            said = line[indent.end() :]
            # An element that stands for nothing keeps a mark from being one: it is none when it is indented.
            return said if said[0].isalpha() else f"<span></span>{said}"
        self._open(line)
        return line

    def _within(self, line: str) -> None:
        opening = _FENCE.match(line)
        if self._fence:
            self._may_begin = opening is not None and opening[1].startswith(self._fence)
            self._fence = "" if self._may_begin else self._fence
        else:
            self._may_begin = self._ending in line.lower()
            self._ending = "" if self._may_begin else self._ending

    def _open(self, line: str) -> None:
        item = _ITEM.match(line) is not None
        if item or (self._may_begin and line[0] not in " \t"):
            self._in_list = item
        opening = _FENCE.match(line)
        verbatim = _VERBATIM.match(line) if opening is None else None
        self._fence = opening[1] if opening is not None else ""
        if verbatim is not None:
            ending = f"</{verbatim[1].lower()}" if verbatim[1] else "-->"
            self._ending = "" if ending in line.lower() else ending
        self._may_begin = _HEADING.match(line) is not None
