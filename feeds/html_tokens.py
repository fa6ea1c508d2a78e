"""The tags of an HTML text as its tokenizer reads them, without a tree."""

import re
from collections.abc import Mapping
from html import unescape

# Start and end tags; comments and raw text hide what looks like one.
TOKEN = re.compile(
    r"<!--.*?(?:--!?>|\Z)"
    r"|<(script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>]).*?(?:</\1(?=[\s/>])|\Z)"
    r"|<(/?)([a-zA-Z][^\s/>]*+)"
    r"(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+)?+)?+|=)*+(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s/>=\"'<]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?")
_START = re.compile(r"<[a-zA-Z][^\s/>]*+")


def attributes(tag: str) -> Mapping[str, str]:
    """Return what a start tag says, names in small letters and character references read; the first of a name counts.

    Of an element of raw text its whole text may be given.
    """
    found: dict[str, str] = {}
    position = _START.match(tag)
    at = position.end() if position else 0
    while at < len(tag) and tag[at] != ">":
        attribute = _ATTRIBUTE.match(tag, at)
        if attribute is None:
            at += 1
            continue
        found.setdefault(attribute[1].lower(), unescape(attribute[2] or attribute[3] or attribute[4] or ""))
        at = attribute.end()
    return found
