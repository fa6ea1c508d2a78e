"""Links, pictures, addresses in angle brackets, and the marks of footnotes."""

import re

from feeds.markup.kramdown.attributes import NAME, apply
from feeds.markup.kramdown.document import link_name
from feeds.markup.kramdown.nodes import SPACES, AttributeList, Kind, Node, add_text
from feeds.markup.kramdown.readers import Spans

_AUTO = re.compile(r"<((mailto|https?|ftps?):[^\n]+?|[\w.-]+@[\w.-]+)>")
_FOOTNOTE = re.compile(rf"\[\^({NAME})\]")
_BRACKET = re.compile(r"\]|!?\[")
_S = r"[ \t\r\n\f\v]"
_NAME_BEHIND = re.compile(rf"{_S}*\[([^\]]*)\]")
_ANGLED = re.compile(r"\(<([^\n]*?)>")
_PARENTHESIS = re.compile(rf"(\()|(\))|{_S}(?=['\"])")
_TITLE = re.compile(rf"{_S}*([\"'])(.+?)\1{_S}*\)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\.*_+`<>()\[\]{}#!:|\"'$=-])")


def read_auto(spans: Spans) -> bool:
    """Read an address in angle brackets."""
    found = _AUTO.match(spans.text, spans.at)
    if not found:
        return False
    link = spans.append(Kind.LINK)
    link.attributes["href"] = found[1] if found[2] else f"mailto:{found[1]}"
    add_text(link, found[1].removeprefix("mailto:"))
    spans.at = found.end()
    return True


def read_footnote(spans: Spans) -> bool:
    """Read the mark of a footnote; one that is not defined is text."""
    found = _FOOTNOTE.match(spans.text, spans.at)
    if not found:
        return False
    spans.at = found.end()
    if found[1] in spans.document.footnotes:
        spans.append(Kind.FOOTNOTE, found[1])
    else:
        spans.add(found[0])
    return True


def read(spans: Spans) -> bool:
    """Read a link or a picture; brackets that are neither are text."""
    text, start = spans.text, spans.at
    begin = "![" if text[start] == "!" else "["
    after = start + len(begin)
    if not text.startswith(begin, start) or text[after : after + 1] in ("^", ""):
        return False
    kind = Kind.IMAGE if begin == "![" else Kind.LINK
    spans.at = after
    if kind is Kind.LINK and spans.is_inside(Kind.LINK, Kind.IMAGE):
        spans.add(begin)
        return True
    node = Node(kind)
    if not _read_text(spans, node) or not _read_target(spans, node, text[after : spans.at]):
        spans.at = after
        spans.add(begin)
    return True


def _read_text(spans: Spans, node: Node) -> bool:
    """Read up to the bracket that closes; each inner bracket must be closed too, but a picture takes its own."""
    text = spans.text
    if text.find("]", spans.at) < 0:
        spans.document.budget.spend(len(text) - spans.at)
        return False
    depth = 1
    counted = pictures = 0

    def closes(inner: Node) -> bool:
        nonlocal depth, counted, pictures
        depth += -1 if text[spans.at] == "]" else 1
        pictures += sum(child.kind is Kind.IMAGE for child in inner.children[counted:])
        counted = len(inner.children)
        return depth == pictures

    return spans.read_into(node, _BRACKET, closes, has_brackets=True)


def _read_target(spans: Spans, node: Node, source: str) -> bool:
    text = spans.text
    spans.at += 1
    named = _NAME_BEHIND.match(text, spans.at)
    spans.document.budget.spend((named.end() if named else len(text)) - spans.at)
    if named or not text.startswith("(", spans.at):
        plain = _ESCAPED.sub(r"\1", source)
        target = spans.document.links.get(link_name((named and named[1]) or plain))
        if target is None:
            return False
        spans.at = named.end() if named else spans.at
        own = target.mark.attribute_list if target.mark else None
        _add(spans, node, target.url, target.title, source, own)
        return True
    return _read_address(spans, node, source)


def _read_address(spans: Spans, node: Node, source: str) -> bool:
    """Read the address, and the title, in parentheses."""
    text = spans.text
    angled = _ANGLED.match(text, spans.at)
    if angled:
        spans.at = angled.end()
        url, is_closed = angled[1], text.startswith(")", angled.end())
        spans.at += is_closed
    else:
        url, is_closed = _read_parentheses(spans)
    if is_closed:
        _add(spans, node, url, None, source)
        return True
    title = _TITLE.match(text, spans.at)
    spans.document.budget.spend((title.end() if title else len(text)) - spans.at)
    if not title:
        return False
    spans.at = title.end()
    _add(spans, node, url, title[2], source)
    return True


def _read_parentheses(spans: Spans) -> tuple[str, bool]:
    """Take text up to the parenthesis that closes, or up to a title; return it, and whether it was closed."""
    start, depth = spans.at, 0
    while found := _PARENTHESIS.search(spans.text, spans.at):
        spans.document.budget.spend(found.end() - spans.at)
        spans.at = found.end()
        if found[1]:
            depth += 1
        elif found[2]:
            depth -= 1
            if not depth:
                break
        else:
            break
    return spans.text[start + 1 : spans.at - 1].strip(SPACES), depth == 0


def _add(spans: Spans, node: Node, url: str, title: str | None, source: str, own: AttributeList | None = None) -> None:
    node.attribute_list = own
    apply(node.attributes, own, spans.document.named_lists)
    if node.kind is Kind.LINK:
        node.attributes["href"] = url
    else:
        node.attributes["src"] = url
        node.attributes["alt"] = _ESCAPED.sub(r"\1", source)
        node.children.clear()
    if title:
        node.attributes["title"] = title
    spans.node.children.append(node)
