"""A document cut into its items by a scan that takes time linear in its length. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ITEM = re.compile(
    r"<(?:(!--|!\[CDATA\[|\?)|(/?)((?:[\w.-]++:)?(?:item|entry))(?=[\s/>])([^<>]*+)>)",
)
_OPAQUE = re.compile(r"<(!--|!\[CDATA\[|\?)")
_CDATA = "![CDATA["
_ENDS = {"!--": "-->", _CDATA: "]]>", "?": "?>"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document's items, and what stands around them."""

    outside: tuple[str, ...]  # before, between and behind the items: one more than there are items
    items: tuple[str, ...]
    is_cut_short: bool


def without_comments(text: str) -> str:
    """Return the text without comments and processing instructions, which say nothing of a feed but cost a parser."""
    if "<!--" not in text and "<?" not in text:
        return text
    kept, position = [], 0
    for found in _tokens(_OPAQUE, text):
        if found[1] != _CDATA:
            kept.append(text[position : found.start()])
            position = _end_of(found, text)
    return "".join((*kept, text[position:]))


def without_cdata(text: str) -> str:
    """Return the text without its CDATA sections."""
    first, *others = text.split(f"<{_CDATA}")
    return first + "".join(other.partition("]]>")[2] for other in others)


def _tokens(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Give what a pattern finds outside of comments, CDATA sections and instructions, and the starts of these."""
    position = 0
    while found := pattern.search(text, position):
        yield found
        position = _end_of(found, text) if found[1] else found.end()


def _end_of(found: re.Match[str], text: str) -> int:
    # A search for a string is far faster than a pattern that does not end before it.
    ending = _ENDS[found[1]]
    end = text.find(ending, found.end())
    return len(text) if end < 0 else end + len(ending)


def cut(text: str, root_name: str) -> Cut | None:
    """Cut a text, from its root element on; None if its items are not plainly one behind the other.

    Items stand between tags of one name, and none within another. An item without its end is left out.
    """
    name, start, end = "", -1, 0
    outside, items = [], []
    for found in _tokens(_ITEM, text):
        if found[1] or (name and found[3] != name):
            continue
        name = found[3]
        is_start, is_empty = not found[2], found[4].endswith("/")
        if is_start == (start >= 0):
            return None
        if is_start:
            outside.append(text[end : found.start()])
            start = found.start()
        if not is_start or is_empty:
            end = found.end()
            items.append(text[start:end])
            start = -1
    if start < 0:
        outside.append(text[end:])
    is_whole = start < 0 and re.search(rf"</{re.escape(root_name)}\s*>", outside[-1]) is not None
    return Cut(outside=tuple(outside), items=tuple(items), is_cut_short=not is_whole)


def closing_tags(outside: str, root_name: str) -> str:
    """Return the end tags that a document misses which was cut short outside of its items."""
    is_open = root_name == "rss" and "<channel" in outside and "</channel" not in outside
    return ("</channel>" if is_open else "") + f"</{root_name}>"
