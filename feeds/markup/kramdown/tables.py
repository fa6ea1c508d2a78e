"""Tables: a bar in a paragraph's every line makes one."""

import re
from dataclasses import dataclass, field

from feeds.markup.kramdown import spans
from feeds.markup.kramdown.budget import Budget
from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.lines import line_end
from feeds.markup.kramdown.nodes import SPACES, Kind, Node, add_text
from feeds.markup.kramdown.readers import Blocks

_BAR = re.compile(r"\||[^\n]*?[^\\\n]\|")
_RULE = re.compile(r"[+|: \t-]*+\n?")
_FOOT_RULE = re.compile(r"[+|: \t=]*+\n?")
_COLUMN = re.compile(r"[ \t]?(:?)-+(:?)[ \t]?")
_CELL_END = re.compile(r"(?<!\\)\|")
_CELL_COST = 300  # in characters looked at
_TICKS = re.compile(r"`+")


@dataclass(slots=True)
class _Reading:
    """A table while its lines are read."""

    node: Node
    rows: list[Node] = field(default_factory=list)
    has_foot: bool = False

    def close(self, kind: Kind, *, always: bool = False) -> None:
        """Put the rows so far into a part of the table. Behind a foot's rule, the body is whole."""
        if always or not self.has_foot or kind is not Kind.BODY:
            self.node.children.append(Node(kind, children=self.rows))
            self.rows = []


def read(blocks: Blocks) -> bool:
    """Read a table, if each line here up to the next boundary has a bar."""
    text, start = blocks.text, blocks.at
    end = line_end(text, start)
    bar = text.find("|", start, end)
    if bar < 0 or not blocks.is_after_boundary():
        return False
    first = text[start:end].lstrip(" ")
    if len(text[start:end]) - len(first) > 3 or not first.strip(SPACES) or not _BAR.match(first):
        return False
    reading = _Reading(blocks.new(Kind.TABLE))
    _read_lines(blocks, reading, has_leading_bar=text[start:end].lstrip(" \t\r\f\v").startswith("|"))
    if (
        not blocks.is_before_boundary()
        or not _each_line_has_bar(blocks.document, text[start : blocks.at - 1])
        or not _finish(reading, blocks.document.budget)
    ):
        blocks.at = start
        return False
    blocks.node.children.append(reading.node)
    return True


def _finish(reading: _Reading, budget: Budget) -> bool:
    if reading.rows:
        reading.close(Kind.FOOT if reading.has_foot else Kind.BODY)
    parts = reading.node.children
    columns = max((len(row.children) for part in parts for row in part.children), default=0)
    for part in parts:
        for row in part.children:
            missing = columns - len(row.children)
            # One wide row widens all: a small text could make millions of cells.
            budget.spend(missing * _CELL_COST)
            row.children += [Node(Kind.CELL) for _ in range(missing)]
    alignment = reading.node.alignment[:columns]
    reading.node.alignment = alignment + [""] * (columns - len(alignment))
    return any(part.kind is Kind.BODY for part in parts)


def _read_lines(blocks: Blocks, reading: _Reading, *, has_leading_bar: bool) -> None:
    text = blocks.text
    at = blocks.at
    end = line_end(text, at)
    if _is_rule(text[at:end]):
        at = end
    while at < len(text):
        end = line_end(text, at)
        line = text[at:end]
        blocks.document.budget.spend(len(line))
        if "|" not in line or not _BAR.match(line):
            break
        if _is_rule(line):
            _read_rule(reading, line)
        elif "=" in line and _FOOT_RULE.fullmatch(line):
            if reading.rows:
                reading.close(Kind.BODY, always=True)
            reading.has_foot = True
        else:
            reading.rows.append(_read_row(blocks.document, line.rstrip("\n").rstrip(" \t"), has_leading_bar))
        at = end
    blocks.at = at


def _is_rule(line: str) -> bool:
    return "-" in line and _RULE.fullmatch(line) is not None


def _read_rule(reading: _Reading, line: str) -> None:
    if not reading.rows:
        return
    if reading.node.alignment or reading.has_foot:
        reading.close(Kind.BODY)
        return
    reading.close(Kind.HEAD)
    reading.node.alignment = [
        ("center" if left and right else "left" if left else "right" if right else "")
        for left, right in _COLUMN.findall(line)
    ]


def _read_row(document: Document, line: str, has_leading_bar: bool) -> Node:
    cells = _split(document, line)
    if has_leading_bar and cells and not cells[0].strip(SPACES):
        del cells[0]
    if cells and not cells[-1].strip(SPACES):
        cells.pop()
    row = Node(Kind.ROW)
    for text in cells:
        cell = Node(Kind.CELL)
        add_text(cell, text.strip(SPACES), Kind.SOURCE)
        row.children.append(cell)
    return row


def _split(document: Document, line: str) -> list[str]:
    """Return the cells of a row; a bar in code is no border."""
    if "`" not in line and "<code" not in line:
        return _split_text(line)
    cells: list[str] = [""]
    for number, piece in enumerate(_split_at_code(line)):
        if number % 2:
            cells[-1] += piece
            continue
        for child in spans.read_only(document, piece, code=True):
            if child.kind is Kind.CODE:
                cells[-1] += _code_again(child.value)
            else:
                first, *others = _split_text(child.value)
                cells[-1] += first
                cells += others
    return cells


def _split_at_code(line: str) -> list[str]:
    """Return the pieces of a line, each second one a `<code>` element."""
    pieces: list[str] = []
    at = 0
    while (start := line.find("<code", at)) >= 0:
        inside = line.find(">", start) + 1
        end = line.find("</code>", inside) if inside else -1
        if end < 0:
            break
        end += len("</code>")
        pieces += (line[at:start], line[start:end])
        at = end
    return [*pieces, line[at:]]


def _split_text(text: str) -> list[str]:
    return [cell.replace("\\|", "|") for cell in _CELL_END.split(text)]


def _code_again(code: str) -> str:
    ticks = "`" + max(_TICKS.findall(code), default="")
    space = " " if len(ticks) > 1 else ""
    return f"{ticks}{space}{code}{space}{ticks}"


def _each_line_has_bar(document: Document, source: str) -> bool:
    """Return whether each line has a bar outside code and HTML."""
    if "`" not in source and "<" not in source:
        return True
    has_bar = False
    for child in spans.read_only(document, source, code=True, html=True):
        lines = child.value.split("\n") if child.value.rstrip("\n") else []
        while lines and not lines[-1]:
            lines.pop()
        if child.kind is Kind.CODE:
            if len(lines) > 2 or (len(lines) == 2 and not has_bar):
                break
            has_bar = has_bar and len(lines) != 2
        else:
            if len(lines) > 1 and not has_bar and not _BAR.match(lines[0]):
                break
            has_bar = (has_bar and len(lines) < 2) or bool(lines and _BAR.match(lines[-1]))
    return has_bar
