"""What a feed may hold: bytes, summaries or whole posts, tombstones. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.model import Category, Tombstone

_HEAD = 8_000  # bytes of a document beside its entries and tombstones
_TOMBSTONE = 400  # bytes, with a long id


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptRule:
    """Which feeds show summaries alone: what is said of a term comes before what is said of its taxonomy."""

    default: bool
    taxonomies: Mapping[str, bool]
    terms: Mapping[tuple[str, str], bool]  # by taxonomy and term

    def applies(self, category: Category) -> bool:
        """Tell whether a feed does."""
        taxonomy = category.taxonomy.value
        return self.terms.get((taxonomy, category.term), self.taxonomies.get(taxonomy, self.default))

    @property
    def ever(self) -> bool:
        """Tell whether any feed does."""
        return self.default or any(self.taxonomies.values()) or any(self.terms.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLimits:
    """The limits of each document."""

    max_bytes: int
    tombstone_days: int
    excerpt_only: Callable[[Category], bool]

    @property
    def entry_bytes(self) -> int:
        """Bytes that all entries of a document may have."""
        return self.max_bytes - _HEAD - (self._tombstone_bytes if self.tombstone_days else 0)

    @property
    def _tombstone_bytes(self) -> int:
        return self.max_bytes // 10

    def tombstones(self, withdrawn: Sequence[Tombstone], newest: datetime | None) -> Sequence[Tombstone]:
        """Return those that a feed shows, given from new to old: those of the last days, as far as there is room.

        The days end with what came or went last (`newest` is when a post last came), not now, so that the same posts
        always give the same feed.
        """
        since = self.horizon(withdrawn, newest)
        room = self._tombstone_bytes // _TOMBSTONE
        return [one for one in withdrawn[:room] if since is not None and one.withdrawn > since]

    def horizon(self, withdrawn: Sequence[Tombstone], newest: datetime | None) -> datetime | None:
        """Return the time before which a feed needs no tombstones, given all from new to old; None if it has none."""
        if not withdrawn:
            return None
        last = withdrawn[0].withdrawn if newest is None else max(withdrawn[0].withdrawn, newest)
        return last - timedelta(days=self.tombstone_days)
