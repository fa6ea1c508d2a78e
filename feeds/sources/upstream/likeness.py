"""What an item is known by when it comes with another id: some feeds make new ids at every fetch. Pure."""

from dataclasses import dataclass

from core.digest import digest
from feeds.sources.upstream.model import UpstreamItem

_ENOUGH_TEXT = 100  # characters; less may well be said twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two digests, each None where the item has too little to be known by it."""

    dated: str | None  # of link, title and date
    text: str | None  # of link, title and text


def likeness(item: UpstreamItem) -> Likeness:
    """Return what the item is known by beside its id."""
    if item.link is None:
        return Likeness(dated=None, text=None)
    start = f"{item.link}\x1f{item.title}\x1f"
    return Likeness(
        dated=digest(f"{start}{item.published.isoformat()}".encode()) if item.published is not None else None,
        text=digest(f"{start}{item.html}".encode()) if len(item.html) >= _ENOUGH_TEXT else None,
    )
