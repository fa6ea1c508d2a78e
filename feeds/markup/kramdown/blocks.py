"""The blocks of kramdown: the text is read from the top, and at each place the first rule that fits takes its lines."""

from collections.abc import Callable

from feeds.markup.kramdown import code_blocks, definitions, html_blocks, lists, tables
from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.lines import (
    ATX,
    BLANK,
    BOUNDARY,
    END_MARK,
    GFM_PARAGRAPH_END,
    HEADER_ID,
    LAZY_END,
    MAY_END,
    PARAGRAPH_END,
    PLAIN_ATX,
    QUOTES,
    RULE_LINE,
    SETEXT,
    line_end,
)
from feeds.markup.kramdown.nodes import SPACES, AttributeList, Kind, Node, add_text
from feeds.markup.kramdown.readers import Blocks


class BlockReader:
    """Reads the blocks of one text into a node."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.text = text
        self.at = 0
        self.node = Node(Kind.ROOT)
        self.waiting: AttributeList | None = None  # an attribute list that stood before its block
        self.stopped = False  # by the end tag of the element that we are in

    def read_into(self, node: Node) -> bool:
        """Read to the end of the text, or of the element that the node is; return whether its end tag came."""
        budget = self.document.budget
        budget.enter()
        outer = self.node, self.waiting
        self.node, self.waiting = node, None
        while self.at < len(self.text) and not self.stopped:
            before = self.at
            self._read_block()
            budget.spend(self.at - before)
        self.node, self.waiting = outer
        stopped, self.stopped = self.stopped, False
        budget.leave()
        return stopped

    def read_part(self, text: str, node: Node) -> None:
        """Read another text, such as a quote's, into a node."""
        BlockReader(self.document, text).read_into(node)

    def new(self, kind: Kind, value: str = "") -> Node:
        """Return a new block with the attributes that wait for it."""
        node = Node(kind, value, attribute_list=self.waiting, is_block=True)
        self.waiting = None
        return node

    def append(self, kind: Kind, value: str = "") -> Node:
        """Append a new block and return it."""
        node = self.new(kind, value)
        self.node.children.append(node)
        return node

    def is_after_boundary(self) -> bool:
        """Return whether a block may begin here that needs a blank line before it."""
        if not self.node.children or self.waiting is not None:
            return True
        last = self.node.children[-1]
        return last.kind is Kind.BLANK or (last.kind is Kind.END and not last.value)

    def is_before_boundary(self) -> bool:
        """Return whether what begins here may follow a block that needs a blank line behind it."""
        return BOUNDARY.match(self.text, self.at) is not None

    def _read_block(self) -> None:
        text, at = self.text, self.at
        blank = BLANK.match(text, at)
        if blank:
            self.at = blank.end()
            _add_blank(self, blank[0])
            return
        if text.startswith(("    ", "\t"), at):
            code_blocks.read_indented(self)
            return
        while text.startswith(" ", at):
            at += 1
        for rule in _RULES.get(text[at : at + 1], _COMMON):
            if rule(self):
                return
        _read_paragraph(self)


def _add_blank(blocks: Blocks, value: str) -> None:
    children = blocks.node.children
    if children and children[-1].kind is Kind.BLANK:
        children[-1].value += value
    else:
        blocks.append(Kind.BLANK, value)


def _read_paragraph(blocks: Blocks) -> None:
    start = at = blocks.at
    text = blocks.text
    options = blocks.document.options
    if text.startswith("\t", at + len(text[at : at + 3]) - len(text[at : at + 3].lstrip(" "))):
        # Spaces and a tab are too much for a paragraph and begin no code: kramdown shows such a line as it is.
        blocks.at = line_end(text, at)
        add_text(blocks.node, text[start : blocks.at], Kind.SOURCE)
        return
    ends = GFM_PARAGRAPH_END if options.gfm and options.paragraph_end else PARAGRAPH_END
    at = line_end(text, at)
    while at < len(text) and (text[at] not in MAY_END or not ends.match(text, at)):
        at = line_end(text, at)
    blocks.at = at
    source = text[start:at].rstrip(SPACES)
    children = blocks.node.children
    if children and children[-1].kind is Kind.PARAGRAPH:
        joint = "  \n" if text[max(start - 3, 0) : start] == "  \n" else "\n"
        add_text(children[-1], joint + source, Kind.SOURCE)
    else:
        add_text(blocks.append(Kind.PARAGRAPH), source.lstrip(SPACES), Kind.SOURCE)


def _read_quote(blocks: Blocks) -> bool:
    start, text = blocks.at, blocks.text
    at = line_end(text, start)
    while not LAZY_END.match(text, at):
        at = line_end(text, at)
    blocks.at = at
    quote = blocks.append(Kind.QUOTE)
    blocks.read_part(QUOTES.sub("", text[start:at]), quote)
    return True


def _read_atx_header(blocks: Blocks) -> bool:
    options = blocks.document.options
    quirk = options.gfm and options.paragraph_end
    if not quirk and not blocks.is_after_boundary():
        return False
    found = (ATX if options.gfm else PLAIN_ATX).match(blocks.text, blocks.at)
    if not found:
        return False
    text, name = _split_header(found[2])
    closed = text.rstrip("#")
    if closed != text and (closed.endswith((" ", "\t")) if quirk else not closed.endswith("\\")):
        text = closed.rstrip(SPACES)
    return bool(text) and _add_header(blocks, len(found[1]), text, name, found.end())


def _read_setext_header(blocks: Blocks) -> bool:
    after = line_end(blocks.text, blocks.at)
    if not blocks.text.startswith(("-", "="), after) or not blocks.is_after_boundary():
        return False
    found = SETEXT.match(blocks.text, blocks.at)
    if not found:
        return False
    text, name = _split_header(found[1])
    return bool(text) and _add_header(blocks, 2 if found[2] == "-" else 1, text, name, found.end())


def _split_header(text: str) -> tuple[str, str]:
    """Return a header's text and its id, if it says one."""
    text = text.rstrip(SPACES)
    if text.endswith("}"):
        found = HEADER_ID.search(text, text.rfind("{#") - 1 if "{#" in text[1:] else 0)
        if found:
            return text[: found.start()].rstrip(SPACES), found[1]
    return text, ""


def _add_header(blocks: Blocks, level: int, text: str, name: str, end: int) -> bool:
    blocks.at = end
    header = blocks.append(Kind.HEADER)
    header.level = level
    if name:
        header.attributes["id"] = name
    add_text(header, text, Kind.SOURCE)
    return True


def _read_rule(blocks: Blocks) -> bool:
    found = RULE_LINE.match(blocks.text, blocks.at)
    if found:
        blocks.at = found.end()
        blocks.append(Kind.RULE)
    return found is not None


def _read_math(blocks: Blocks) -> bool:
    text = blocks.text
    start = at = blocks.at
    while text.startswith(" ", at):
        at += 1
    escaped = text.startswith("\\$$", at)
    at += escaped
    if at - start > 3 + escaped or not text.startswith("$$", at) or not blocks.is_after_boundary():
        return False
    end = text.find("$$", at + 2)
    blocks.document.budget.spend(len(text) - at if end < 0 else 0)
    if end < 0:
        return False
    line = BLANK.match(text, end + 2)
    if escaped:
        # The sign is taken all the same; what is left is a paragraph with a formula in it.
        blocks.at = at if line else start
        return False
    blocks.at = line_end(text, end + 2) if line else end + 2
    if not blocks.is_before_boundary():
        blocks.at = start
        return False
    blocks.append(Kind.MATH, text[at + 2 : end].strip(SPACES))
    return True


def _read_end_mark(blocks: Blocks) -> bool:
    found = END_MARK.match(blocks.text, blocks.at)
    if found:
        blocks.at = found.end()
        blocks.append(Kind.END)
    return found is not None


_Rule = Callable[[Blocks], bool]
_COMMON: tuple[_Rule, ...] = (_read_setext_header, tables.read)
_LIST: tuple[_Rule, ...] = (lists.read, *_COMMON)
# By the first character that is no space; the order within is kramdown's.
_RULES: dict[str, tuple[_Rule, ...]] = {
    "`": (code_blocks.read_fenced, *_COMMON),
    "~": (code_blocks.read_fenced, *_COMMON),
    ">": (_read_quote,),
    "#": (_read_atx_header, *_COMMON),
    "*": (_read_rule, *_LIST, definitions.read_abbreviation),
    "-": (_read_rule, *_LIST),
    "_": (_read_rule, *_COMMON),
    "+": _LIST,
    **dict.fromkeys("0123456789", _LIST),
    ":": (lists.read_definitions, *_COMMON),
    "<": (html_blocks.read, *_COMMON),
    "$": (_read_setext_header, _read_math, tables.read),
    "\\": (_read_setext_header, _read_math, tables.read),
    "[": (*_COMMON, definitions.read_footnote, definitions.read_link),
    "{": (*_COMMON, definitions.read_extension),
    "^": (*_COMMON, _read_end_mark),
    "\t": (),
}
