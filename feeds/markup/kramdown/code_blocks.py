"""Code: indented, and between fences."""

import re

from feeds.markup.kramdown.lines import BLANK, INDENT, INDENTS, LAZY_END, line_end
from feeds.markup.kramdown.nodes import Kind
from feeds.markup.kramdown.readers import Blocks

_LAZY_LINE = re.compile(r"\n( {0,3}[^ \t\r\n\f\v])")
_PLAIN_FENCE = re.compile(r"~{3,}")
_GFM_FENCE = re.compile(r" {0,3}([~`]{3,})")
_LANGUAGE = re.compile(r"[ \t\r\f\v]*([^ \t\r\n\f\v]*)[ \t\r\f\v]*\n")
_LONGEST_FENCE = 100


def read_indented(blocks: Blocks) -> bool:
    """Read an indented block; lines that go on without the indent belong to its last line."""
    start = blocks.at
    blocks.at = end_of_indented(blocks.text, start)
    code = _LAZY_LINE.sub(r" \1", blocks.text[start : blocks.at])
    blocks.append(Kind.CODE_BLOCK, INDENTS.sub("", code))
    return True


def end_of_indented(text: str, at: int) -> int:
    """Return where indented lines, and what goes on behind them, end."""
    while True:
        blank = BLANK.match(text, at)
        here = blank.end() if blank else at
        if not INDENT.match(text, here):
            return at
        at = line_end(text, here)
        while not LAZY_END.match(text, at):
            at = line_end(text, at)


def read_fenced(blocks: Blocks) -> bool:
    """Read a block between fences. A fence may close one that has more marks: the rest then names the language."""
    text = blocks.text
    found = (_GFM_FENCE if blocks.document.options.gfm else _PLAIN_FENCE).match(text, blocks.at)
    if not found:
        return False
    fence = found[0].lstrip(" ")[:_LONGEST_FENCE]
    for length in range(len(fence), 2, -1):
        if _read_fenced_by(blocks, fence[:length], found.start() + len(found[0]) - len(found[0].lstrip(" ")) + length):
            return True
    return False


def _read_fenced_by(blocks: Blocks, fence: str, behind: int) -> bool:
    text = blocks.text
    language = _LANGUAGE.match(text, behind)
    if not language:
        return False
    spaces = "{0,3}" if blocks.document.options.gfm else "{0}"
    closing = re.compile(rf"^ {spaces}{re.escape(fence)}{re.escape(fence[-1])}*+[ \t\r\f\v]*\n", re.MULTILINE)
    end = closing.search(text, language.end())
    blocks.document.budget.spend((end.end() if end else len(text)) - language.end())
    if not end:
        return False
    code = blocks.append(Kind.CODE_BLOCK, text[language.end() : end.start()])
    name = language[1].partition("?")[0]
    if name:
        code.attributes["class"] = f"language-{name}"
    blocks.at = end.end()
    return True
