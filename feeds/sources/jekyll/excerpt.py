"""The beginning of a post that Jekyll shows as its excerpt (excerpt.rb)."""

import re
from collections.abc import Iterator

# The tags that Jekyll 4.3 and Liquid 5.4 close with an `end…` tag.
_BLOCKS = frozenset({"if", "unless", "case", "for", "tablerow", "capture", "comment", "raw", "ifchanged", "highlight"})
_TAG = re.compile(r"\{%-?\s*+(\w+)")
_DEFINITION = re.compile(r"^ {0,3}\[", re.MULTILINE)
_LOOKED_AT = 200_000_000  # characters, when definitions are looked for in an excerpt


def excerpt_of(text: str, separator: str) -> str:
    """Return the text up to the separator, with the Liquid blocks closed and the link definitions that it uses."""
    head, _, tail = text.partition(separator)
    if not tail:
        return head
    if "{%" in head:
        head = _closed(head)
    definitions = list(_used_definitions(head, tail)) if "[" in head and "]" in head else []
    return head + "\n\n" + "\n".join(definitions) if definitions else head


def _closed(head: str) -> str:
    """Close the blocks that the separator cut in two."""
    names = list(_tag_names(head))
    present = set(names)
    missing = dict.fromkeys(name for name in reversed(names) if name in _BLOCKS and f"end{name}" not in present)
    # What was closed once counts as closed for all blocks of its name, as in Jekyll.
    return head + "".join(f"\n{{% end{name} %}}" for name in missing)


def _tag_names(text: str) -> Iterator[str]:
    position = 0
    while match := _TAG.search(text, position):
        position = text.find("%}", match.end()) + 2
        if position < 2:
            return
        yield match[1]


def _used_definitions(head: str, tail: str) -> Iterator[str]:
    left = _LOOKED_AT // (len(head) + 1)
    closing = end = -1
    for match in _DEFINITION.finditer(tail):
        start = match.end() - 1
        if start < end:
            continue
        if closing <= start + 1:
            closing = tail.find("]", start + 2)
            if closing < 0:
                return
        if tail[closing + 1 : closing + 2] != ":":
            continue
        line_end = tail.find("\n", closing)
        end = line_end if line_end >= 0 else len(tail)
        if end <= closing + 2:
            continue
        left -= 1
        if left < 0:
            return
        if tail[start : closing + 1] in head:
            yield tail[start:end]
