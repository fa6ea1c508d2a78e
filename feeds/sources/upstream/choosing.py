"""Which items of a document a parser is given: the new ones, as many as are wanted, none too costly. Pure.

An item that has not changed need not be parsed: of 50 items that a feed shows, one or two are new at a time.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xxhash import xxh3_64_hexdigest

from feeds.sources.upstream.bounds import is_too_costly, tags_of
from feeds.sources.upstream.cutting import closing_tags, cut

# What changes at each build without changing any item.
_VOLATILE = re.compile(
    r"<((?:[\w.-]++:)?(?:lastBuildDate|pubDate|updated|modified|date|generator|ttl|updateBase))(?=[\s>])[^<>]*+>"
    r"[^<]*+</\1\s*+>|\s++"
)
_GUID = re.compile(r"<(?:guid|id)(?=[\s>])[^<>]*+>(?:<!\[CDATA\[)?([^<]*+)<|\srdf:about\s*+=\s*+[\"']([^\"'<]*+)[\"']")
_LINK = re.compile(
    r"<link(?=[\s>])[^<>]*+>(?:<!\[CDATA\[)?([^<]*+)<|<link\s[^<>]*?\bhref\s*+=\s*+[\"']([^\"'<]*+)[\"']"
)
# Another number has every item read again after what is read of items changed.
_READING = "1"
_DIGITS = 12
_MOST_TAGS = 100_000  # of all items together


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is to be parsed of a document."""

    outside: tuple[str, ...]  # what stands before, between and behind the items
    items: tuple[str, ...] = ()
    wanted: tuple[int, ...] = ()  # which of the items are to be parsed
    hashes: tuple[str, ...] = ()  # of each item; empty for one that is to be read each time
    skipped: int = 0
    is_cut: bool = False
    notices: tuple[str, ...] = ()

    def text(self, wanted: Collection[int]) -> str:
        """Return the document with these of its items."""
        pieces = [self.outside[0]]
        for index, following in enumerate(self.outside[1:]):
            if index in wanted:
                pieces.append(self.items[index])
            pieces.append(following)
        return "".join(pieces)

    def known_from_now_on(self, read: Collection[int], known: Collection[str]) -> tuple[str, ...]:
        """Return the hashes of the items that the next reading may skip."""
        return tuple(one for index, one in enumerate(self.hashes) if one and (index in read or one in known))


def choose(text: str, root_name: str, url: str, *, max_items: int, known: Collection[str]) -> Chosen | None:
    """Return what to parse of a text, from its root element on; None if it would take too long."""
    document = cut(text, root_name)
    if document is None:
        return None if is_too_costly(text) else Chosen(outside=(text,))
    outside = "".join(document.outside)
    if is_too_costly(outside):
        return None
    items = document.items[:max_items]
    hashes = item_hashes((url, _VOLATILE.sub("", outside)), [one.encode() for one in items], _guids(items))
    new = [index for index, its_hash in enumerate(hashes) if its_hash not in known]
    wanted = _affordable(items, new)
    notices = (
        "it is cut short" if document.is_cut_short else None,
        too_many(len(document.items), max_items),
        f"{len(new) - len(wanted)} of its items are too large to be read" if len(wanted) < len(new) else None,
    )
    closing = closing_tags(outside, root_name) if document.is_cut_short else ""
    return Chosen(
        outside=(*document.outside, closing),
        items=document.items,
        wanted=wanted,
        hashes=hashes,
        skipped=len(items) - len(new),
        is_cut=document.is_cut_short,
        notices=tuple(notice for notice in notices if notice),
    )


def too_many(count: int, max_items: int) -> str | None:
    """Return what to say of a document that has more items than are read."""
    return f"it has {count} items; the first {max_items} were read" if count > max_items else None


def item_hashes(around: tuple[str, str], items: Sequence[bytes], guids: Sequence[str | None]) -> tuple[str, ...]:
    """Return for each item a hash of it, the document's URL and what stands around the items; or an empty text.

    Items that share a guid have none, as they are told apart only when they are read together.
    """
    seed = xxh3_64_hexdigest("\n".join((_READING, *around)).encode()).encode()
    counts = Counter(guids)
    return tuple(
        "" if guid and counts[guid] > 1 else xxh3_64_hexdigest(seed + item)[:_DIGITS]
        for guid, item in zip(guids, items, strict=True)
    )


def _guids(items: Sequence[str]) -> list[str | None]:
    # Without a guid it is the link that an item is known by.
    found = (_GUID.search(item) or _LINK.search(item) for item in items)
    return [(one[1] or one[2] or "").strip() if one else None for one in found]


def _affordable(items: Sequence[str], wanted: Sequence[int]) -> tuple[int, ...]:
    """Return which of the wanted items a parser may be given: none too large, not too many tags together."""
    kept, tags = [], 0
    for index in wanted:
        if is_too_costly(items[index]):
            continue
        tags += tags_of(items[index])
        if tags > _MOST_TAGS:
            break
        kept.append(index)
    return tuple(kept)
