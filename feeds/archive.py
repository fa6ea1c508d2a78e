"""How much of a feed its archive pages take. Pure.

A feed's posts form a log: a post stands in it where it came, and once more at its end when it changes. Pages take
the log from its beginning, each a stretch of it that is closed for ever (RFC 5005, section 4). The live feed shows
its end. Nothing may fall between the two, so a page closes before the live feed lets go of a post; and as posts are
changed soon after they came, if at all, a page waits until half of what the feed shows would go into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

PostRevision = tuple[int, int]  # post id, revision
Position = tuple[int, int]  # of a post in a feed's log: the time of its last publication in microseconds, its id


class Placed(NamedTuple):
    """A post's place in a feed's log."""

    at: int  # microseconds since 1970
    post_id: int
    revision: int

    @property
    def position(self) -> Position:
        """What orders the log."""
        return (self.at, self.post_id)

    @property
    def post(self) -> PostRevision:
        """The post as it is now."""
        return (self.post_id, self.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRule:
    """Which feeds have archives, and how large a page is at most."""

    taxonomies: frozenset[str]
    entries: int = 100
    max_bytes: int = 1_000_000


def last_archivable(shown: Sequence[Position]) -> Position | None:
    """Return how far pages may reach into what the live feed shows, given from new to old: its older half.

    None: they may take nothing that it shows.
    """
    half = len(shown) - len(shown) // 2
    return shown[half] if half < len(shown) else None


def page_length(rows: Sequence[Position], sizes: Sequence[int], shown: Sequence[Position], most_bytes: int) -> int:
    """Return how many of the oldest posts that no page has yet the next page takes; 0 if it can wait.

    `rows` are these posts from old to new, as many as a page may hold at most, with the bytes of their entries;
    `shown` is what the live feed shows of the feed, from new to old.
    """
    if not rows or (shown and rows[0] >= shown[-1]):
        return 0
    reach = last_archivable(shown)
    length = used = 0
    for position, size in zip(rows, sizes, strict=True):
        used += size
        beyond = bool(shown) and position >= shown[-1] and (reach is None or position > reach)
        if beyond or (used > most_bytes and length):
            break
        length += 1
    return length
