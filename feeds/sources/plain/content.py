"""A post's text as HTML: Markdown, HTML, plain text or reStructuredText; the heading that is its title; its excerpt."""

import re
from collections.abc import Callable
from typing import NamedTuple

from feeds.body import plain_paragraphs
from feeds.markup.commonmark import CommonMark
from feeds.summary import plain_text

MARKDOWN = frozenset({".md", ".markdown", ".mkd", ".mdown"})
HTML = frozenset({".html", ".htm"})

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MORE = re.compile(r"<!--[ \t]*(?:more|PELICAN_END_SUMMARY)[ \t]*-->", re.IGNORECASE)
_H1 = re.compile(r"\s*<h1\b[^>]{0,1000}>(.{0,2000}?)</h1\s*>", re.IGNORECASE | re.DOTALL)
_LOOKED_AT = 400  # lines
_LONGEST_RST = 1_000_000  # a longer text is shown as paragraphs, as it stands


class Headed(NamedTuple):
    """A text whose heading was taken off."""

    title: str
    text: str


class Content:
    """Makes HTML of texts; immutable, so every thread may share one."""

    def __init__(self, markdown: Callable[[str], str] | None = None) -> None:
        self._markdown = markdown or CommonMark()

    def html(self, text: str, extension: str) -> str:
        """Return a text as HTML, not yet sanitised."""
        if extension in MARKDOWN:
            return self._markdown(text)
        if extension in HTML:
            return text
        if extension == ".rst" and len(text) <= _LONGEST_RST:
            from feeds.sources.plain.rst import rst_to_markdown

            return self._markdown(rst_to_markdown(text))
        return plain_paragraphs(text)

    def excerpt(self, text: str, extension: str) -> str | None:
        """Return as HTML what stands above the mark that ends the excerpt, if there is one."""
        if "<!--" not in text or (more := _MORE.search(text)) is None:
            return None
        above = text[: more.start()].strip()
        return self.html(above, extension) if above else None

    def headed(self, text: str, extension: str) -> Headed:
        """Take the heading off that is the title of a text: the first line, else the first of the highest level."""
        if extension in HTML:
            found = _H1.match(text)
            return Headed(plain_text(found[1]), text[found.end() :]) if found is not None else Headed("", text)
        if extension not in MARKDOWN:
            return Headed("", text)
        lines = text.split("\n", _LOOKED_AT)
        place = _heading_of(lines)
        if place is None:
            return Headed("", text)
        at, length, written = place
        title = plain_text(self._markdown(written[:2000])) or written
        return Headed(title, "\n".join([*lines[:at], *lines[at + length :]]))


def _heading_of(lines: list[str]) -> tuple[int, int, str] | None:
    """Return where the heading is, how many lines it takes and what it says."""
    fence = ""
    first = True
    for at, line in enumerate(lines[:_LOOKED_AT]):
        if not line.strip():
            continue
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark is not None and mark[1].startswith(fence) else fence
            continue
        if mark is not None:
            fence, first = mark[1], False
            continue
        found = _heading_at(lines, at)
        if found is not None and (first or found[0] == 1):
            return at, found[1], found[2]
        first = False
    return None


def _heading_at(lines: list[str], at: int) -> tuple[int, int, str] | None:
    """Return a heading's level, how many lines it takes and what it says."""
    line = lines[at]
    if (atx := _ATX.fullmatch(line)) is not None:
        return (len(atx[1]), 1, atx[2]) if atx[2] else None
    if at + 1 < len(lines) and not line.startswith(("    ", "\t", ">", "-", "*", "+", "|", "<")):
        under = _UNDERLINE.fullmatch(lines[at + 1])
        above = at == 0 or not lines[at - 1].strip()  # else it ends a paragraph of several lines
        if under is not None and above:
            return (1 if under[1][0] == "=" else 2), 2, line.strip()
    return None
