"""The table of contents, where a list with `{:toc}` stands."""

import re
from collections.abc import Callable

from feeds.markup.kramdown.escapes import escape_attribute
from feeds.markup.kramdown.nodes import Kind, Node

_NO_TOC = re.compile(r"\bno_toc\b")


class Contents:
    """The headers of a document, in their order."""

    def __init__(self, levels: tuple[int, ...]) -> None:
        self._levels = levels
        self._headers: list[Node] = []

    def add(self, header: Node) -> None:
        """Add a header, if it is one for the table."""
        attributes = header.attributes
        if attributes.get("id") and header.level in self._levels and not _NO_TOC.search(attributes.get("class", "")):
            self._headers.append(header)

    def html(self, kind: Kind, entry: Callable[[Node], str]) -> str:
        """Return nested lists of links; a deeper header stands in the item of the one before."""
        if not self._headers:
            return ""
        name = "ul" if kind is Kind.UL else "ol"
        parts = [f"<{name}>\n"]
        levels: list[int] = []
        for header in self._headers:
            is_inner = bool(levels) and levels[-1] < header.level
            if is_inner:
                parts.append(f"\n<{name}>\n")
            while levels and levels[-1] >= header.level:
                levels.pop()
                parts.append("</li>\n" if not levels or levels[-1] < header.level else f"</li>\n</{name}>\n")
            levels.append(header.level)
            parts.append(f'<li><a href="#{escape_attribute(header.attributes["id"])}">{entry(header)}</a>')
        parts.append(f"</li>\n</{name}>\n" * len(levels))
        return "".join(parts)
