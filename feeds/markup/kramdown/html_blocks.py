"""HTML that stands as a block of its own."""

import re

from feeds.markup.kramdown.html_words import (
    COMMENT,
    END_TAG,
    INSTRUCTION,
    KNOWN_ELEMENTS,
    NAME,
    SPAN_ELEMENTS,
    TAG,
    VOID_ELEMENTS,
    content_model,
    element_name,
    read_attributes,
    wanted_model,
)
from feeds.markup.kramdown.nodes import Kind, Model, Node, add_text
from feeds.markup.kramdown.readers import Blocks

_REST_OF_LINE = re.compile(r"[ \t]*\n")
_RAW_START = re.compile(rf"<(?:{NAME}|/|!--|\?)")


def read(blocks: Blocks) -> bool:
    """Read an element, or the end tag of the one that we are in; what belongs into a paragraph is left to it."""
    text, at = blocks.text, blocks.at
    if text.startswith("<!--", at):
        return _read_comment(blocks)
    while text.startswith(" ", at):
        at += 1
    if at - blocks.at > 3:
        return False
    found = match_tag(blocks, at)
    if found and found[1].lower() not in SPAN_ELEMENTS:
        blocks.at = found.end()
        _read_element(blocks, found)
        return True
    end = END_TAG.match(text, at)
    if end and blocks.node.kind is Kind.HTML and blocks.node.value == end[1].lower() not in SPAN_ELEMENTS:
        blocks.at = end.end()
        blocks.stopped = True
        return True
    return False


def match_tag(blocks: Blocks, at: int) -> re.Match[str] | None:
    """Return the start tag at this place."""
    found = TAG.match(blocks.text, at)
    # A quote that is not closed makes the search go to the end of the text.
    blocks.document.budget.spend(found.end() - at if found else len(blocks.text) - at)
    return found


def _read_comment(blocks: Blocks) -> bool:
    found = COMMENT.match(blocks.text, blocks.at)
    blocks.document.budget.spend((found.end() if found else len(blocks.text)) - blocks.at)
    if not found:
        return False
    blocks.node.children.append(Node(Kind.VERBATIM, found[0], is_block=True))
    blocks.at = found.end()
    _skip_rest_of_line(blocks)
    return True


def _skip_rest_of_line(blocks: Blocks) -> None:
    rest = _REST_OF_LINE.match(blocks.text, blocks.at)
    if rest:
        blocks.at = rest.end()


def _read_element(blocks: Blocks, tag: re.Match[str]) -> None:
    """Read an element whose start tag has been taken."""
    name = element_name(tag[1])
    attributes = read_attributes(tag[2], known=name in KNOWN_ELEMENTS)
    element = Node(Kind.HTML, name, attributes, is_block=True)
    outer = blocks.node
    outer.children.append(element)
    is_raw = name in ("script", "style")
    if is_raw:
        _take_raw_text(blocks, element, name, Kind.VERBATIM)
    element.attribute_list, blocks.waiting = blocks.waiting, None
    element.is_closed = not is_raw and (bool(tag[4]) or name in VOID_ELEMENTS)
    inside_raw = outer.kind is Kind.HTML and outer.model is Model.RAW
    wanted = blocks.document.options.parse_block_html and not inside_raw
    default = content_model(name) if wanted else Model.RAW
    element.model = wanted_model(attributes.pop("markdown", None), content_model(name)) or default
    if element.model is Model.BLOCK:
        _skip_rest_of_line(blocks)
    if is_raw or element.is_closed:
        return
    _read_content(blocks, element)
    if not inside_raw:
        _skip_rest_of_line(blocks)


def _read_content(blocks: Blocks, element: Node) -> None:
    if element.model is Model.BLOCK:
        blocks.read_into(element)
    elif element.model is Model.SPAN:
        _take_raw_text(blocks, element, element.value, Kind.SOURCE)
    else:
        _read_raw(blocks, element)


def _take_raw_text(blocks: Blocks, element: Node, name: str, kind: Kind) -> None:
    """Take all up to the element's end tag, whatever it is."""
    found = re.compile(rf"</{re.escape(name)}[ \t\r\n\f\v]*>", re.IGNORECASE).search(blocks.text, blocks.at)
    end = found.start() if found else len(blocks.text)
    blocks.document.budget.spend(end - blocks.at)
    add_text(element, blocks.text[blocks.at : end], kind)
    blocks.at = found.end() if found else end


def _read_raw(blocks: Blocks, element: Node) -> None:
    """Read HTML in HTML: nothing is Markdown there, unless an element asks for it."""
    budget = blocks.document.budget
    budget.enter()
    outer, blocks.node = blocks.node, element
    while blocks.at < len(blocks.text):
        found = _RAW_START.search(blocks.text, blocks.at)
        end = found.start() if found else len(blocks.text)
        budget.spend(end - blocks.at)
        add_text(element, blocks.text[blocks.at : end])
        blocks.at = end
        if found and _read_raw_tag(blocks, element):
            break
    blocks.node = outer
    budget.leave()


def _read_raw_tag(blocks: Blocks, element: Node) -> bool:
    """Read what begins with `<` here; return whether it was the element's end tag."""
    text, at = blocks.text, blocks.at
    for form, mark in ((COMMENT, "<!--"), (INSTRUCTION, "<?")):
        found = form.match(text, at) if text.startswith(mark, at) else None
        if found:
            element.children.append(Node(Kind.VERBATIM, found[0]))
            blocks.at = found.end()
            return False
    tag = match_tag(blocks, at)
    if tag:
        blocks.at = tag.end()
        _read_element(blocks, tag)
        return False
    end = END_TAG.match(text, at)
    blocks.at = end.end() if end else at + 1
    if end and element.value == (end[1].lower() if element.value in KNOWN_ELEMENTS else end[1]):
        return True
    add_text(element, text[at : blocks.at])
    return False
