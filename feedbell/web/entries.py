"""The entries inside a feed document, found by bytes: what a reader gets of a feed that it has in part (RFC 3229)."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xxhash import xxh3_64_intdigest

EntryHashes = frozenset[int]

# In a feed's content `<` is escaped, so no text looks like one of these.
_XML_ENTRY = re.compile(rb"<(entry|item)(?=[\s>]).*?</\1>\s*", re.DOTALL)
_JSON_ITEMS = b'"items":[\n'
_JSON_END = b"\n]}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A document taken apart; put together it is what it was."""

    head: bytes
    entries: Sequence[bytes]
    between: bytes
    tail: bytes


def split(body: bytes, path: str) -> Parts | None:
    """Take a feed document apart; None for what is no feed of ours."""
    if path.endswith(".json"):
        return _split_json(body)
    if not path.endswith((".rss", ".atom", ".xml")):
        return None
    found = list(_XML_ENTRY.finditer(body))
    if not found:
        return None
    whole = all(one.end() == other.start() for one, other in pairwise(found))
    if not whole:
        return None
    start, end = found[0].start(), found[-1].end()
    return Parts(head=body[:start], entries=[one[0] for one in found], between=b"", tail=body[end:])


def _split_json(body: bytes) -> Parts | None:
    head, found, rest = body.partition(_JSON_ITEMS)
    if not found or not rest.endswith(_JSON_END) or rest == _JSON_END:
        return None
    # A line break inside a JSON text is escaped.
    entries = rest.removesuffix(_JSON_END).split(b",\n")
    return Parts(head=head + found, entries=entries, between=b",\n", tail=_JSON_END)


def hashes_of(parts: Parts) -> EntryHashes:
    """Return what tells the entries apart."""
    return frozenset(map(xxh3_64_intdigest, parts.entries))


def newer(parts: Parts, known: Collection[int]) -> bytes:
    """Return the document with only the entries that are new or changed."""
    entries = [entry for entry in parts.entries if xxh3_64_intdigest(entry) not in known]
    return parts.head + parts.between.join(entries) + parts.tail
