"""Footnotes: their numbers in the text, and the list at its end."""

from collections.abc import Callable
from dataclasses import dataclass

from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.escapes import escape_attribute, escape_text
from feeds.markup.kramdown.nodes import Kind, Node

_NBSP = "\u00a0"


@dataclass(slots=True)
class _Note:
    name: str
    number: int
    content: Node
    repeats: int = 0


class Footnotes:
    """The footnotes that a text refers to, in the order of their first marks."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._notes: dict[str, _Note] = {}

    def mark(self, name: str) -> str:
        """Return the number that stands for a footnote in the text."""
        options = self._document.options
        full_name = options.footnote_prefix + name
        note = self._notes.get(full_name)
        if note is None:
            number = options.footnote_nr + len(self._notes)
            note = self._notes[full_name] = _Note(full_name, number, self._document.footnotes[name])
            place = f"fnref:{full_name}"
        else:
            note.repeats += 1
            place = f"fnref:{full_name}:{note.repeats}"
        return (
            f'<sup id="{escape_attribute(place)}"><a href="#fn:{escape_attribute(full_name)}" class="footnote" '
            f'rel="footnote">{note.number}</a></sup>'
        )

    def html(self, item_html: Callable[[Node], str]) -> str:
        """Return the list of footnotes, each with links back to its marks."""
        items: list[str] = []
        # A footnote may refer to others: the list grows while it is written.
        done = 0
        while done < len(self._notes):
            note = list(self._notes.values())[done]
            items.append(self._item(note, item_html))
            done += 1
        if not items:
            return ""
        start = self._document.options.footnote_nr
        begin = f'<ol start="{start}">' if start != 1 else "<ol>"
        return f'<div class="footnotes">\n{begin}\n{"".join(items)}</ol>\n</div>\n'

    def _item(self, note: _Note, item_html: Callable[[Node], str]) -> str:
        item = Node(Kind.ITEM, children=list(note.content.children))
        paragraph = self._last_paragraph(item)
        links = Node(Kind.VERBATIM, self._links(note, spaced=paragraph is not None))
        if paragraph is None:
            item.children.append(Node(Kind.PARAGRAPH, children=[links]))
        else:
            paragraph.children.append(links)
        item.attributes["id"] = f"fn:{note.name}"
        html = item_html(item)
        if paragraph is not None:
            paragraph.children.pop()
        return html

    def _last_paragraph(self, item: Node) -> Node | None:
        """Return the paragraph that the links back go into."""
        if not item.children:
            return None
        if item.children[-1].kind is not Kind.PARAGRAPH and not self._document.options.footnote_backlink_inline:
            return None
        node = item.children[-1]
        while node.kind not in (Kind.PARAGRAPH, Kind.HEADER):
            if not node.children:
                return None
            node = node.children[-1]
        return node

    def _links(self, note: _Note, *, spaced: bool) -> str:
        sign = escape_text(self._document.options.footnote_backlink)
        if not sign:
            return ""
        place = f"#fnref:{escape_attribute(note.name)}"
        links = [f'{_NBSP if spaced else ""}<a href="{place}" class="reversefootnote">{sign}</a>']
        for number in range(1, note.repeats + 1):
            links.append(f'{_NBSP}<a href="{place}:{number}" class="reversefootnote">{sign}<sup>{number + 1}</sup></a>')
        return "".join(links)
