"""XML given to feedparser, of which only this module knows. Pure."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import feedparser

from feeds.sources.upstream.bounds import is_too_broken, is_too_much_to_mend, tags_of
from feeds.sources.upstream.choosing import Chosen
from feeds.sources.upstream.entries import Found, plain
from feeds.sources.upstream.model import Unreadable
from feeds.sources.upstream.prolog import Root
from feeds.sources.upstream.wellformed import is_well_formed, mended

# It is told what the bytes are: they were decoded here, by our own order.
_ANSWER = {"content-type": "application/xml; charset=utf-8"}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_MOST_TRIALS = 100
_MOST_ROUNDS = 6
_MOST_TAGS_OUTSIDE = 1000
_TOO_BROKEN = Unreadable(code="broken", reason="it is not well-formed, and too large to be read all the same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What feedparser finds, as plain dicts."""

    version: str
    feed: Found
    entries: tuple[Found, ...]
    read: frozenset[int] = frozenset()  # which of the chosen items
    notices: tuple[str, ...] = ()


def parse_chosen(chosen: Chosen, root: Root) -> Parsed | Unreadable:
    """Parse the chosen items of a document. An item that feedparser stumbles over does not stop the others."""
    found = _parse(chosen, chosen.wanted, root)
    if not isinstance(found, Unreadable) or not chosen.wanted:
        return found
    around = _parse(chosen, (), root)
    if isinstance(around, Unreadable) or tags_of("".join(chosen.outside)) > _MOST_TAGS_OUTSIDE:
        return found
    return _without_stumbling(chosen, around, root)


def _without_stumbling(chosen: Chosen, around: Parsed, root: Root) -> Parsed:
    """Parse the items by halves of what could not be parsed together."""
    entries: list[Found] = []
    read: set[int] = set()
    waiting: list[Sequence[int]] = [chosen.wanted]
    # One that it stumbles over costs twice the whole.
    allowed = _MOST_ROUNDS * sum(len(chosen.items[index]) for index in chosen.wanted)
    for _ in range(_MOST_TRIALS):
        part = waiting.pop() if waiting else ()
        allowed -= sum(len(chosen.items[index]) for index in part)
        if not part or allowed < 0:
            break
        found = _parse(chosen, part, root)
        if not isinstance(found, Unreadable):
            entries += found.entries
            read |= found.read
        elif len(part) > 1:
            middle = len(part) // 2
            waiting += (part[middle:], part[:middle])
    notice = f"{len(chosen.wanted) - len(read)} of its items cannot be read"
    return Parsed(
        version=around.version, feed=around.feed, entries=tuple(entries), read=frozenset(read), notices=(notice,)
    )


def _parse(chosen: Chosen, wanted: Sequence[int], root: Root) -> Parsed | Unreadable:
    text = chosen.text(frozenset(wanted))
    if not is_well_formed(text):
        if is_too_much_to_mend(text):
            return _TOO_BROKEN
        text = mended(text, root.entities)
        if is_too_broken(text) and not is_well_formed(text):
            return _TOO_BROKEN
    try:
        found = feedparser.parse(
            io.BytesIO((_DECLARATION + text).encode()),
            response_headers=_ANSWER,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # noqa: BLE001
        # It was made for tame feeds: whatever stops it, this one cannot be read.
        return Unreadable(code="broken", reason=f"it cannot be read as a feed ({type(error).__name__})")
    return Parsed(
        version=str(found.get("version") or ""),
        feed=plain(found["feed"]),
        entries=tuple(plain(one) for one in found["entries"]),
        read=frozenset(wanted),
    )
