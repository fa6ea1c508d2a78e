"""Lists: of items, and of terms with their definitions."""

import re
from dataclasses import dataclass, field

from feeds.markup.kramdown.attributes import read_attribute_list
from feeds.markup.kramdown.lines import (
    BLANK,
    DEFINITION,
    EMPTY_ITEM,
    END_MARK,
    ITEM_LIST,
    LAZY_STOPS,
    LIST_ITEM,
    OL_ITEM,
    RULE_LINE,
    UL_ITEM,
    line_end,
)
from feeds.markup.kramdown.nodes import SPACES, Kind, Node, add_text
from feeds.markup.kramdown.readers import Blocks

_TAB = re.compile(r"( *)(\t+)")
_LEADING_TABS = re.compile(r"\t+")
_BOX = re.compile(r"[ \t\r\n\f\v]*\[([ xX])\][ \t\r\n\f\v]+")
_INPUT = '<input type="checkbox" class="task-list-item-checkbox" disabled="disabled"'


@dataclass(slots=True)
class _Item:
    """An item or definition while its lines are gathered."""

    node: Node
    indent: int  # the column its text begins at
    parts: list[str] = field(default_factory=list)
    holds_list: bool = False
    after_blank: bool = False


def _begin(node: Node, mark: str, rest: str) -> _Item:
    """Return an item from its first line; it says how far the others are indented."""
    indent = len(mark)
    if EMPTY_ITEM.fullmatch(rest):
        indent = 4
    else:
        while found := _TAB.match(rest):
            column = len(found[1]) + indent
            rest = found[1] + " " * (4 - column % 4 + (len(found[2]) - 1) * 4) + rest[found.end() :]
        indent += len(rest) - len(rest.lstrip(" "))
    rest = rest.lstrip(" \t\r\n\f\v")
    own = ITEM_LIST.match(rest)
    if own:
        read_attribute_list(own[1], node.list_of_attributes())
        rest = rest[own.end() :]
    return _Item(node, indent, [rest], holds_list=LIST_ITEM.match(rest) is not None)


def _belongs(line: str, item: _Item) -> bool:
    """Return whether the line is the item's: indented as its text is, or going on without a blank line."""
    if not line.strip(" \t\r\n\f\v"):
        return False
    return _is_indented(line, item.indent) or (not item.after_blank and not LAZY_STOPS[min(item.indent, 3)].match(line))


def _is_indented(line: str, indent: int) -> bool:
    steps, rest = divmod(indent, 4)
    at = 0
    for _ in range(steps):
        if line.startswith("\t", at):
            at += 1
        elif line.startswith("    ", at):
            at += 4
        else:
            return False
    return line.startswith((" " * rest, "\t"), at)


def _without_indent(line: str, item: _Item) -> tuple[str, bool]:
    tabs = _LEADING_TABS.match(line)
    if tabs:
        line = "    " * tabs.end() + line[tabs.end() :]
    indent = " " * item.indent
    return (line[item.indent :], True) if line.startswith(indent) else (line, False)


def _is_next(found: re.Match[str] | None, item: _Item | None) -> bool:
    """Return whether a mark stands so far left that it begins the next item of the same list."""
    if found is None:
        return False
    return item is None or len(found[1]) - len(found[1].lstrip(" ")) < (item.indent if 0 < item.indent < 4 else 4)


def read(blocks: Blocks) -> bool:
    """Read a list and its items."""
    text = blocks.text
    kind, form = (Kind.UL, UL_ITEM) if UL_ITEM.match(text, blocks.at) else (Kind.OL, OL_ITEM)
    if not form.match(text, blocks.at):
        return False
    new = blocks.new(kind)
    items: list[_Item] = []
    ended = _gather_items(blocks, new, form, items)
    blocks.node.children.append(new)
    last = None
    for item in items:
        for part in item.parts:
            blocks.read_part(part, item.node)
        if item.node.children:
            _settle_paragraph(item.node, new, ended)
            last = item.node.children.pop() if item.node.children[-1].kind is Kind.BLANK else None
    if last is not None and not ended:
        blocks.node.children.append(last)
    if blocks.document.options.gfm:
        for item in items:
            _tick_box(item.node)
    return True


def _gather_items(blocks: Blocks, new: Node, form: re.Pattern[str], items: list[_Item]) -> bool:
    """Take the list's lines; return whether an end mark closed it."""
    text, budget = blocks.text, blocks.document.budget
    item: _Item | None = None
    while blocks.at < len(text):
        end = line_end(text, blocks.at)
        line = text[blocks.at : end]
        budget.spend(len(line))
        if item and item.after_blank and RULE_LINE.match(line):
            break
        if END_MARK.match(line):
            blocks.at = end
            return True
        found = form.match(line)
        if found and _is_next(found, item):
            item = _begin(Node(Kind.ITEM), found[1], found[2])
            items.append(item)
            new.children.append(item.node)
        elif item and _belongs(line, item):
            _add_line(line, item)
        elif item and (blank := BLANK.match(text, blocks.at)):
            item.holds_list = item.after_blank = True
            item.parts[-1] += blank[0]
            end = blank.end()
        else:
            break
        blocks.at = end
    return False


def _add_line(line: str, item: _Item) -> None:
    line, was_indented = _without_indent(line, item)
    begins_list = LIST_ITEM.match(line)
    if begins_list and was_indented and not item.holds_list:
        # The text before the first inner list is a part of its own, so that the list ends its paragraph.
        item.parts.append("")
        item.holds_list = True
    elif begins_list and not was_indented and item.holds_list:
        line = " " * (item.indent + 4) + line
    item.parts[-1] += line
    item.after_blank = False


def _settle_paragraph(item: Node, whole: Node, ended: bool) -> None:
    """Say whether the item's first paragraph is shown as one."""
    children = item.children
    first = children[0]
    if first.kind is not Kind.PARAGRAPH:
        return
    if len(children) > 1 and children[1].kind is Kind.END and first.attribute_list is not None:
        del children[1]
    is_last = whole.children[-1] is item
    is_loose = (
        len(children) > 1 and children[1].kind is Kind.BLANK and not (is_last and len(children) == 2 and not ended)
    )
    if is_loose or not (not is_last or len(whole.children) == 1 or any(map(_is_tight, whole.children[:-1]))):
        return
    if len(children) > 1 and children[1].kind is not Kind.BLANK:
        first.children[0].value += "\n"
    first.transparent = True


def _is_tight(item: Node) -> bool:
    return not item.children or item.children[0].kind is not Kind.PARAGRAPH or item.children[0].transparent


def _tick_box(item: Node) -> None:
    if item.children and item.children[0].kind is Kind.PARAGRAPH and item.children[0].children:
        source = item.children[0].children[0]
        found = _BOX.match(source.value)
        if found:
            state = "" if found[1] == " " else ' checked="checked"'
            source.value = f"{_INPUT}{state} />{source.value[found.end() :]}"


def read_definitions(blocks: Blocks) -> bool:
    """Read definitions; the paragraph before them holds their terms."""
    if not DEFINITION.match(blocks.text, blocks.at):
        return False
    children = blocks.node.children
    if not _ends_with_terms(children):
        return False
    new = blocks.new(Kind.DL)
    terms = children.pop()
    spaced = terms.kind is Kind.BLANK
    if spaced:
        terms = children.pop()
    new.attribute_list = terms.attribute_list
    for term in terms.children[0].value.split("\n"):
        new.children.append(_term(term))
    last = None
    for item in _gather_definitions(blocks, spaced):
        new.children.append(item.node)
        blocks.read_part(item.parts[0], item.node)
        if item.node.children:
            last = item.node.children.pop() if item.node.children[-1].kind is Kind.BLANK else None
            _settle_definition(item.node)
    _append_definitions(blocks.node, new)
    if last is not None:
        children.append(last)
    return True


def _ends_with_terms(children: list[Node]) -> bool:
    if not children:
        return False
    last = children[-1]
    if last.kind is Kind.BLANK and len(children) > 1 and last.value == "\n":
        last = children[-2]
    return last.kind is Kind.PARAGRAPH and bool(last.children)


def _term(text: str) -> Node:
    node = Node(Kind.TERM)
    own = ITEM_LIST.match(text)
    if own:
        read_attribute_list(own[1], node.list_of_attributes())
        text = text[own.end() :]
    add_text(node, text.strip(SPACES) and text, Kind.SOURCE)
    return node


def _gather_definitions(blocks: Blocks, spaced: bool) -> list[_Item]:
    text, budget = blocks.text, blocks.document.budget
    items: list[_Item] = []
    while blocks.at < len(text):
        end = line_end(text, blocks.at)
        line = text[blocks.at : end]
        budget.spend(len(line))
        item = items[-1] if items else None
        found = DEFINITION.match(line)
        if found and _is_next(found, item):
            items.append(_begin(Node(Kind.DEFINITION, spaced=spaced), found[1], found[2]))
            spaced = False
        elif item is None or END_MARK.match(line):
            break
        elif _belongs(line, item):
            item.parts[0] += _without_indent(line, item)[0]
            item.after_blank = spaced = False
        elif blank := BLANK.match(text, blocks.at):
            item.parts[0] += blank[0]
            item.after_blank = spaced = True
            end = blank.end()
        else:
            break
        blocks.at = end
    return items


def _settle_definition(node: Node) -> None:
    if node.children and node.children[0].kind is Kind.PARAGRAPH and not node.spaced:
        if len(node.children) > 1:
            node.children[0].children[0].value += "\n"
        node.children[0].transparent = True


def _append_definitions(node: Node, new: Node) -> None:
    """Append the list, or its terms to the list that it goes on."""
    children = node.children
    if len(children) > 1 and children[-1].kind is Kind.BLANK and children[-2].kind is Kind.DL:
        children.pop()
    if children and children[-1].kind is Kind.DL:
        children[-1].children += new.children
    else:
        children.append(new)
