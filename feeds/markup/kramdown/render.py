"""The tree as HTML."""

import re
from collections import Counter
from collections.abc import Callable

from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.escapes import escape_all, escape_attribute, escape_text
from feeds.markup.kramdown.footnotes import Footnotes
from feeds.markup.kramdown.html_words import VOID_ELEMENTS
from feeds.markup.kramdown.nodes import Kind, Model, Node
from feeds.markup.kramdown.resolve import kramdown_id, plain_text
from feeds.markup.kramdown.toc import Contents

_LANGUAGE = re.compile(r"\blanguage-[^ \t\r\n\f\v]+")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〇"
_CJK_BREAK = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])")
# They stand for lists that are known only at the end; the texts hold no such character.
_TOC_PLACE = "\0toc\0"
_FOOTNOTES_PLACE = "\0footnotes\0"


class Renderer:
    """Writes one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._options = document.options
        self._used_ids: Counter[str] = Counter()
        self._footnotes = Footnotes(document)
        self._contents = Contents(document.options.toc_levels)
        self._toc_list: Kind | None = None
        self._has_footnotes_place = False
        self._is_raw = False  # we are in HTML that is written as it stood
        self._inside_toc = False

    def document_html(self, root: Node) -> str:
        """Return the whole document."""
        html = self.children(root)
        footnotes = self._footnotes.html(self.item)
        if self._has_footnotes_place:
            html = html.replace(_FOOTNOTES_PLACE, footnotes, 1)
        else:
            html += footnotes
        if self._toc_list is not None:
            html = html.replace(_TOC_PLACE, self._contents.html(self._toc_list, self._toc_entry), 1)
        return html

    def children(self, node: Node) -> str:
        """Return what a node holds."""
        parts: list[str] = []
        for child in node.children:
            # Most of a document is text.
            parts.append(self._text(child) if child.kind is Kind.TEXT else _WRITERS[child.kind](self, child))
        return "".join(parts)

    def item(self, node: Node) -> str:
        """Return an item of a list."""
        return self._tag("dd" if node.kind is Kind.DEFINITION else "li", node, self.children(node))

    def _toc_entry(self, header: Node) -> str:
        self._inside_toc = True
        html = self.children(header)
        self._inside_toc = False
        return html

    def _tag(self, name: str, node: Node, content: str, end: str = "\n") -> str:
        return f"<{name}{_attributes(node.attributes)}>{content}</{name}>{end}"

    def _text(self, node: Node) -> str:
        text = escape_text(node.value)
        return _CJK_BREAK.sub("", text) if self._options.remove_line_breaks_for_cjk else text

    def _nothing(self, node: Node) -> str:
        return "\n" if node.kind is Kind.BLANK else ""

    def _paragraph(self, node: Node) -> str:
        if node.transparent:
            return self.children(node)
        only = node.children[0] if len(node.children) == 1 else None
        if only and only.kind is Kind.IMAGE and only.attribute_list and "standalone" in only.attribute_list.references:
            return self._figure(node, only)
        return self._tag("p", node, self.children(node))

    def _figure(self, node: Node, picture: Node) -> str:
        caption = escape_text(picture.attributes.get("alt", ""))
        return self._tag("figure", node, f"\n{self._image(picture)}\n<figcaption>{caption}</figcaption>\n")

    def _header(self, node: Node) -> str:
        attributes = node.attributes
        if self._options.auto_ids and not attributes.get("id"):
            attributes["id"] = kramdown_id(plain_text(node), self._used_ids, self._options.auto_id_prefix)
        self._contents.add(node)
        level = max(min(node.level + self._options.header_offset, 6), 1)
        return self._tag(f"h{level}", node, self.children(node))

    def _code_block(self, node: Node) -> str:
        language = _LANGUAGE.search(node.attributes.get("class", ""))
        css = f' class="{escape_attribute(language[0])}"' if language else ""
        return f"<pre><code{css}>{escape_all(node.value.removesuffix(chr(10)))}\n</code></pre>\n"

    def _code(self, node: Node) -> str:
        return self._tag("code", node, escape_all(node.value), "")

    def _rule(self, node: Node) -> str:
        return f"<hr{_attributes(node.attributes)} />\n"

    def _list(self, node: Node) -> str:
        references = node.attribute_list.references if node.attribute_list else ()
        if self._toc_list is None and "toc" in references:
            self._toc_list = node.kind
            return _TOC_PLACE
        if not self._has_footnotes_place and "footnotes" in references:
            self._has_footnotes_place = True
            return _FOOTNOTES_PLACE
        return self._tag("ul" if node.kind is Kind.UL else "ol", node, f"\n{self.children(node)}")

    def _html(self, node: Node) -> str:
        if node.value == "input" and "task-list-item-checkbox" in node.attributes.get("class", ""):
            # A form field is no content for feed readers; what it says is.
            return "☑ " if "checked" in node.attributes else "☐ "
        outer, self._is_raw = self._is_raw, node.model is Model.RAW
        content = self.children(node)
        self._is_raw = outer
        tag = f"<{node.value}{_attributes(node.attributes)}"
        # In HTML that stands as it stood, not even a line feed is ours.
        end = "\n" if node.is_block and not outer else ""
        if node.is_block and node.is_closed and node.model is Model.RAW:
            return f"{tag} />{end}"
        if content and node.is_block and node.model is Model.BLOCK:
            return f"{tag}>\n{content}</{node.value}>{end}"
        if not content and node.value in VOID_ELEMENTS:
            return f"{tag} />{end}"
        return f"{tag}>{content}</{node.value}>{end}"

    def _verbatim(self, node: Node) -> str:
        return f"{node.value}\n" if node.is_block and not self._is_raw else node.value

    def _table(self, node: Node) -> str:
        return self._tag("table", node, "".join(self._table_part(part, node.alignment) for part in node.children))

    def _table_part(self, part: Node, alignment: list[str]) -> str:
        cell_name = "th" if part.kind is Kind.HEAD else "td"
        rows = []
        for row in part.children:
            cells = "".join(map(self._cell, row.children, alignment, [cell_name] * len(row.children)))
            rows.append(f"<tr>{cells}</tr>\n")
        name = _PARTS[part.kind]
        return f"<{name}>\n{''.join(rows)}</{name}>\n"

    def _cell(self, cell: Node, alignment: str, name: str) -> str:
        style = f' style="text-align: {alignment}"' if alignment else ""
        return f"<{name}{style}>{self.children(cell) or chr(0xA0)}</{name}>"

    def _math(self, node: Node) -> str:
        value = escape_all(node.value)
        name, end = ("div", "\n") if node.is_block else ("span", "")
        if not self._options.mathjax:
            return self._tag(name, node, f"$$\n{node.value}\n$$" if node.is_block else f"${node.value}$", end)
        text = f"\\[{value}\\]" if node.is_block else f"\\({value}\\)"
        if not node.attributes:
            return text + end
        return self._tag(name, node, text if node.is_block else f"${node.value}$", end)

    def _link(self, node: Node) -> str:
        content = self.children(node)
        return content if self._inside_toc else self._tag("a", node, content, "")

    def _image(self, node: Node) -> str:
        return f"<img{_attributes(node.attributes)} />"

    def _break(self, node: Node) -> str:
        return "<br />"

    def _sign(self, node: Node) -> str:
        return escape_all(node.value)

    def _footnote(self, node: Node) -> str:
        return "" if self._inside_toc else self._footnotes.mark(node.value)

    def _abbreviation(self, node: Node) -> str:
        title = self.document.abbreviations[node.value][0]
        if title:
            node.attributes["title"] = title
        return self._tag("abbr", node, escape_text(node.value), "")


def _named(name: str, end: str = "\n") -> Callable[[Renderer, Node], str]:
    return lambda renderer, node: renderer._tag(name, node, renderer.children(node), end)


_PARTS = {Kind.HEAD: "thead", Kind.BODY: "tbody", Kind.FOOT: "tfoot"}
_WRITERS: dict[Kind, Callable[[Renderer, Node], str]] = {
    Kind.BLANK: Renderer._nothing,
    Kind.END: Renderer._nothing,
    Kind.PARAGRAPH: Renderer._paragraph,
    Kind.HEADER: Renderer._header,
    Kind.QUOTE: _named("blockquote"),
    Kind.CODE_BLOCK: Renderer._code_block,
    Kind.RULE: Renderer._rule,
    Kind.UL: Renderer._list,
    Kind.OL: Renderer._list,
    Kind.ITEM: Renderer.item,
    Kind.DL: _named("dl"),
    Kind.TERM: _named("dt"),
    Kind.DEFINITION: Renderer.item,
    Kind.TABLE: Renderer._table,
    Kind.HTML: Renderer._html,
    Kind.VERBATIM: Renderer._verbatim,
    Kind.MATH: Renderer._math,
    Kind.SOURCE: Renderer._text,
    Kind.LINK: Renderer._link,
    Kind.IMAGE: Renderer._image,
    Kind.BREAK: Renderer._break,
    Kind.CODE: Renderer._code,
    Kind.EMPHASIS: _named("em", ""),
    Kind.STRONG: _named("strong", ""),
    Kind.SIGN: Renderer._sign,
    Kind.FOOTNOTE: Renderer._footnote,
    Kind.ABBREVIATION: Renderer._abbreviation,
}


def _attributes(attributes: dict[str, str]) -> str:
    if not attributes:
        return ""
    return "".join(f' {name}="{escape_attribute(value)}"' for name, value in attributes.items())
