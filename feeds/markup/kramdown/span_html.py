"""HTML inside a paragraph, and what stands in braces there."""

import re

from feeds.markup.kramdown.attributes import INSIDE, NAME, apply, merge, read_attribute_list
from feeds.markup.kramdown.definitions import EXTENSION, extend
from feeds.markup.kramdown.html_words import (
    BLOCK_ELEMENTS,
    COMMENT,
    END_TAG,
    KNOWN_ELEMENTS,
    TAG,
    VOID_ELEMENTS,
    content_model,
    element_name,
    read_attributes,
    wanted_model,
)
from feeds.markup.kramdown.html_words import NAME as TAG_NAME
from feeds.markup.kramdown.nodes import AttributeList, Kind, Model, Node, add_text
from feeds.markup.kramdown.readers import Spans

_START = re.compile(rf"<(?:{TAG_NAME}|!--|/)")
_EXTENSION = re.compile(EXTENSION)
_EXTENSION_END = re.compile(rf"\{{:/(?:{NAME})?\}}")
_LIST = re.compile(rf"\{{:({INSIDE}+)\}}")


def read(spans: Spans) -> bool:
    """Read an element or a comment. What belongs to no paragraph, such as an end tag alone, is shown as text."""
    text, at = spans.text, spans.at
    if not _START.match(text, at):
        return False
    spend = spans.document.budget.spend
    if text.startswith("<!--", at):
        comment = COMMENT.match(text, at)
        spend((comment.end() if comment else len(text)) - at)
        if comment:
            spans.append(Kind.VERBATIM, comment[0])
            spans.at = comment.end()
            return True
    found = END_TAG.match(text, at) or TAG.match(text, at)
    # A quote that is not closed makes the search go to the end of the text.
    spend((found.end() if found else len(text)) - at)
    if not found or found.re is END_TAG or element_name(found[1]) in BLOCK_ELEMENTS:
        spans.at = found.end() if found else at + 1
        spans.add(found[0] if found else text[at])
    else:
        spans.at = found.end()
        _read_element(spans, found)
    return True


def _read_element(spans: Spans, tag: re.Match[str]) -> None:
    name = element_name(tag[1])
    attributes = read_attributes(tag[2], known=name in KNOWN_ELEMENTS)
    for key, value in attributes.items():
        attributes[key] = re.sub(r"\n+", " ", value)
    is_code = content_model(name) is Model.RAW
    outer_is_raw = spans.node.kind is Kind.HTML and spans.node.model is Model.RAW
    wanted = spans.document.options.parse_span_html and not is_code and not outer_is_raw
    asked = attributes.pop("markdown", None)
    if asked == "span":
        wanted = True
    elif asked in ("0", "1"):
        wanted = wanted_model(asked, content_model(name)) is not Model.RAW
    element = spans.append(Kind.HTML, name)
    element.attributes = attributes
    element.model = Model.SPAN if wanted else Model.RAW
    element.is_closed = bool(tag[4])
    if not element.is_closed and name not in VOID_ELEMENTS:
        _read_content(spans, element)


def _read_content(spans: Spans, element: Node) -> None:
    end = re.compile(
        rf"</{re.escape(element.value)}[ \t\r\n\f\v]*>", re.IGNORECASE if element.value in KNOWN_ELEMENTS else 0
    )
    read_into = spans.read_into if element.model is Model.SPAN else spans.read_html_into
    if read_into(element, end):
        found = end.match(spans.text, spans.at)
        assert found
        spans.at = found.end()
    else:
        add_text(element, spans.text[spans.at :])
        spans.at = len(spans.text)


def read_extension(spans: Spans) -> bool:
    """Read the attributes of the span before, or an extension."""
    text, at = spans.text, spans.at
    if not text.startswith("{:", at):
        return False
    spans.document.budget.spend(len(text) - at if text.find("}", at) < 0 else 0)
    extension = _EXTENSION.match(text, at)
    if extension:
        return _read_span_extension(spans, extension)
    if _EXTENSION_END.match(text, at):
        return False
    found = _LIST.match(text, at)
    last = spans.node.children[-1] if spans.node.children else None
    if not found or last is None or last.kind is Kind.TEXT:
        return False
    given = AttributeList()
    read_attribute_list(found[1], given)
    merge(last.list_of_attributes(), given)
    apply(last.attributes, given, spans.document.named_lists)
    spans.at = found.end()
    return True


def _read_span_extension(spans: Spans, tag: re.Match[str]) -> bool:
    end, body = tag.end(), ""
    if not tag[3]:
        stop = re.compile(rf"\{{:/(?:{tag[1]})?\}}").search(spans.text, end)
        spans.document.budget.spend((stop.end() if stop else len(spans.text)) - end)
        if not stop:
            return False
        body, end = spans.text[end : stop.start()], stop.end()
    nodes = extend(spans.document, tag[1], tag[2] or "", None if tag[3] else body)
    if nodes is None:
        return False
    spans.node.children += nodes
    spans.at = end
    return True
