"""Blocks that show nothing themselves: definitions of footnotes, links and abbreviations, and extensions."""

import re

from feeds.markup.kramdown.attributes import INSIDE, NAME, read_attribute_list
from feeds.markup.kramdown.code_blocks import end_of_indented
from feeds.markup.kramdown.document import Document, LinkTarget, link_name
from feeds.markup.kramdown.lines import BLOCK_LIST, INDENTS, line_end
from feeds.markup.kramdown.nodes import SPACES, AttributeList, Kind, Node
from feeds.markup.kramdown.readers import Blocks

_FOOTNOTE = re.compile(rf" {{0,3}}\[\^({NAME})\]:")
_LINK = re.compile(
    r" {0,3}\[([^\n\]]+)\]:[ \t]*(?:<([^\n]*?)>|([^ \t\n][^\n]*?))"
    r"(?:(?:[ \t]*?\n|[ \t]+?)[ \t]*?([\"'])([^\n]+?)\4)?[ \t]*?\n"
)
_QUOTE_BEHIND_SPACE = re.compile(r"[ \t]+[\"']")
# The form above takes time quadratic in the line.
_LONGEST_LINK = 2_000
_ABBREVIATION = re.compile(r" {0,3}\*\[([^\n]+?)\]:([^\n]*)\n")
_NAMED_LIST = re.compile(rf" {{0,3}}\{{:({NAME}):({INSIDE}+)\}}[ \t\r\f\v]*\n")
EXTENSION = rf"\{{::([A-Za-z0-9_]+)(?:[ \t\r\n\f\v]({INSIDE}*?)|)(/)?\}}"
_EXTENSION_LINE = re.compile(rf" {{0,3}}{EXTENSION}[ \t\r\f\v]*\n")
# What takes part of the text without showing it is marked, so that an attribute list behind it is not the block's
# before it.
_LINK_MARK = "link"
_OTHER_MARK = "definition"
_LIST_MARK = "list"
_TAKES_LIST = (_LINK_MARK, _OTHER_MARK)


def read_footnote(blocks: Blocks) -> bool:
    """Read a footnote's text: the line, and the indented lines behind it."""
    found = _FOOTNOTE.match(blocks.text, blocks.at)
    if not found:
        return False
    blocks.at = end_of_indented(blocks.text, line_end(blocks.text, found.end()))
    note = Node(Kind.ROOT)
    blocks.read_part(INDENTS.sub("", blocks.text[found.end() : blocks.at]), note)
    blocks.append(Kind.END, _OTHER_MARK)
    blocks.document.footnotes[found[1]] = note
    return True


def read_link(blocks: Blocks) -> bool:
    """Read where a named link leads."""
    text, at = blocks.text, blocks.at
    after = line_end(text, line_end(text, at))
    if after - at > _LONGEST_LINK:
        return False
    blocks.document.budget.spend((after - at) * 8)
    found = _LINK.match(text, at, after)
    if not found or _QUOTE_BEHIND_SPACE.search(found[3] or ""):
        return False
    blocks.at = found.end()
    url = found[3] if found[2] is None else found[2]
    mark = blocks.append(Kind.END, _LINK_MARK)
    blocks.document.links[link_name(found[1])] = LinkTarget(url=url, title=found[5], mark=mark)
    return True


def read_abbreviation(blocks: Blocks) -> bool:
    """Read what an abbreviation stands for."""
    found = _ABBREVIATION.match(blocks.text, blocks.at)
    if not found:
        return False
    blocks.at = found.end()
    mark = blocks.append(Kind.END, _OTHER_MARK)
    blocks.document.abbreviations[found[1]] = (found[2].strip(SPACES), mark)
    return True


def read_extension(blocks: Blocks) -> bool:
    """Read an attribute list of the block before or behind, a list with a name, or an extension."""
    text, at = blocks.text, blocks.at
    blocks.document.budget.spend(len(text) - at if text.find("}", at) < 0 else 0)
    named = _NAMED_LIST.match(text, at)
    if named:
        read_attribute_list(named[2], blocks.document.named_lists.setdefault(named[1], AttributeList()))
        blocks.at = named.end()
        blocks.append(Kind.END, _LIST_MARK)
        return True
    extension = _EXTENSION_LINE.match(text, at)
    if extension:
        return _read_block_extension(blocks, extension)
    own = BLOCK_LIST.match(text, at)
    if not own:
        return False
    blocks.at = own.end()
    _give_list(blocks, own[1])
    return True


def _give_list(blocks: Blocks, source: str) -> None:
    last = blocks.node.children[-1] if blocks.node.children else None
    if last and last.kind is not Kind.BLANK and (last.kind is not Kind.END or last.value in _TAKES_LIST):
        read_attribute_list(source, last.list_of_attributes())
        if not BLOCK_LIST.match(blocks.text, blocks.at):
            blocks.append(Kind.END, _LIST_MARK)
    else:
        if blocks.waiting is None:
            blocks.waiting = AttributeList()
        read_attribute_list(source, blocks.waiting)


def _read_block_extension(blocks: Blocks, tag: re.Match[str]) -> bool:
    body, end = "", tag.end()
    if not tag[3]:
        stop = re.compile(rf"^ {{0,3}}\{{:/(?:{tag[1]})?\}}[ \t\r\f\v]*\n", re.MULTILINE)
        found = stop.search(blocks.text, end)
        blocks.document.budget.spend((found.end() if found else len(blocks.text)) - end)
        if not found:
            return False
        body, end = blocks.text[end : found.start()].removesuffix("\n"), found.end()
    nodes = extend(blocks.document, tag[1], tag[2] or "", None if tag[3] else body)
    if nodes is None:
        return False
    blocks.at = end
    for node in nodes:
        node.is_block = True
        blocks.node.children.append(node)
    if tag[1] == "options":
        blocks.append(Kind.END, _LIST_MARK)
    return True


def extend(document: Document, name: str, attributes: str, body: str | None) -> list[Node] | None:
    """Return what an extension shows, None if there is no such extension."""
    given = AttributeList()
    read_attribute_list(attributes, given)
    if name == "options":
        for key, value in given.attributes.items():
            document.set_option(key, value)
        return []
    if name not in ("comment", "nomarkdown"):
        return None
    if body is None:
        return []
    if name == "comment":
        return [Node(Kind.VERBATIM, f"<!-- {body} -->")]
    kinds = given.attributes.get("type", "").split()
    return [Node(Kind.VERBATIM, body)] if not kinds or "html" in kinds else []
