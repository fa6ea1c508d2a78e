"""The second pass: sources become spans, attribute lists attributes, abbreviations are marked, headers get ids."""

import re
import unicodedata
from collections import Counter

from feeds.markup.kramdown.attributes import apply
from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.nodes import Kind, Model, Node
from feeds.markup.kramdown.spans import SpanReader

_PLAIN_ID = re.compile(r"[^A-Za-z0-9_ \t-]")
_BEFORE_FIRST_LETTER = re.compile(r"^[^a-zA-Z]+", re.MULTILINE)
_NOT_IN_ID = re.compile(r"[^a-zA-Z0-9 -]")


def resolve(document: Document, node: Node) -> None:
    """Read the spans of a tree, and give each block what its attribute lists say."""
    children: list[Node] = []
    for child in node.children:
        if child.kind is Kind.SOURCE:
            SpanReader(document, child.value).read_into(child)
            children += child.children
            continue
        resolve(document, child)
        apply(child.attributes, child.attribute_list, document.named_lists)
        children.append(child)
    node.children = children


def mark_abbreviations(document: Document, node: Node) -> None:
    """Make nodes of the abbreviations in a tree's text."""
    names = sorted(document.abbreviations, key=len, reverse=True)
    if names:
        one_of = "|".join(map(re.escape, names))
        _mark(re.compile(rf"(?:^|(?<=[^A-Za-z0-9_]))(?:{one_of})(?![A-Za-z0-9_])", re.MULTILINE), document, node)


def _mark(names: re.Pattern[str], document: Document, node: Node) -> None:
    children: list[Node] = []
    for child in node.children:
        if child.kind is Kind.TEXT and not (node.kind is Kind.HTML and node.model is Model.RAW):
            children += _cut(names, document, child)
        else:
            _mark(names, document, child)
            children.append(child)
    node.children = children


def _cut(names: re.Pattern[str], document: Document, text: Node) -> list[Node]:
    document.budget.spend(len(text.value) * len(document.abbreviations))
    pieces, at = [], 0
    for found in names.finditer(text.value):
        pieces += [Node(Kind.TEXT, text.value[at : found.start()]), Node(Kind.ABBREVIATION, found[0])]
        at = found.end()
    return [*pieces, Node(Kind.TEXT, text.value[at:])] if pieces else [text]


def finish_gfm(document: Document, node: Node) -> None:
    """Do what only GFM does: ids as GitHub makes them, and a line break where a backslash ends a line."""
    mark = "\n" if document.options.hard_wrap else "\\\n"
    _finish(document, node, mark, Counter())


def _finish(document: Document, node: Node, mark: str, used: Counter[str]) -> None:
    children: list[Node] = []
    for child in node.children:
        if child.kind is Kind.TEXT and mark in child.value:
            children += _with_breaks(node, child, mark)
            continue
        if child.kind is Kind.HEADER and document.options.auto_ids and "id" not in child.attributes:
            child.attributes["id"] = document.options.auto_id_prefix + _github_id(plain_text(child), used)
        elif child.kind is not Kind.HTML:
            _finish(document, child, mark, used)
        children.append(child)
    node.children = children


_BLOCKS = frozenset(
    {Kind.PARAGRAPH, Kind.HEADER, Kind.QUOTE, Kind.ITEM, Kind.DEFINITION, Kind.TERM, Kind.TABLE, Kind.CELL}
)


def _with_breaks(node: Node, text: Node, mark: str) -> list[Node]:
    lines = text.value.split(mark)
    pieces: list[Node] = []
    last = len(lines) - 1
    # Nothing is behind the last mark of a block: it breaks no line.
    skips_last = not lines[-1] and node.kind in _BLOCKS and node.children[-1] is text
    for number, line in enumerate(lines):
        pieces.append(Node(Kind.TEXT, f"\n{line}" if number else line))
        if number < last - 1 or (number == last - 1 and not skips_last):
            pieces.append(Node(Kind.BREAK))
    return pieces


def plain_text(node: Node) -> str:
    """Return what the id of a header is made of."""
    parts: list[str] = []
    for child in node.children:
        if child.kind in (Kind.TEXT, Kind.CODE, Kind.MATH, Kind.SIGN):
            parts.append(child.value)
        elif child.kind not in (Kind.FOOTNOTE, Kind.ABBREVIATION, Kind.VERBATIM):
            parts.append(plain_text(child))
    return "".join(parts)


def _github_id(text: str, used: Counter[str]) -> str:
    lower = text.lower()
    if lower.isascii():
        name = _PLAIN_ID.sub("", lower)
    else:
        name = "".join(char for char in lower if char in "- \t" or _is_word(char))
    name = name.replace(" ", "-").replace("\t", "-")
    count = used[name]
    used[name] += 1
    return f"{name}-{count}" if count else name


def _is_word(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" or category in ("Nd", "Nl", "Pc")


def kramdown_id(text: str, used: Counter[str], prefix: str) -> str:
    """Return an id as plain kramdown makes it."""
    name = _NOT_IN_ID.sub("", _BEFORE_FIRST_LETTER.sub("", text)).replace(" ", "-").lower() or "section"
    count = used[name]
    used[name] += 1
    return prefix + (f"{name}-{count}" if count else name)
