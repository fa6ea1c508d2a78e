"""Which files a feed has, and which posts each of them shows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from feeds.archive import Placed
from feeds.entries import RenderedEntry
from feeds.inherited import InheritedFeeds
from feeds.layout import Layout, Target
from feeds.limits import FeedLimits
from feeds.model import Category
from feeds.window import WindowRule, hours_of, inherited_places, window_length, within_bytes


class FeedDocuments:
    """The rules of one site's live feeds."""

    def __init__(
        self, *, layout: Layout, window: WindowRule, limits: FeedLimits, inherited: InheritedFeeds | None
    ) -> None:
        self._layout = layout
        self._window = window
        self._limits = limits
        self._inherited_count = inherited.count if inherited else 0
        self.widest = replace(window, count=max(window.count, self._inherited_count))
        """What must be read to serve every file."""

    def of(
        self, category: Category, rows: Sequence[tuple[Placed, RenderedEntry]], inherited: Target | None
    ) -> Iterator[tuple[Target, Sequence[int]]]:
        """Yield each file of a feed with the places, among the newest posts, of those that it shows.

        `inherited` is the file that the site's former feed was, if this feed has it.
        """
        length = len(rows)
        if self.widest != self._window:
            times = [placed.at for placed, _ in rows]
            length = window_length(times, self._window, hours_of(times, self._window))
        excerpt_only = self._limits.excerpt_only(category)
        sizes = [entry.size(excerpt_only=excerpt_only) for _, entry in rows]
        own = range(within_bytes(sizes[:length], self._limits.entry_bytes))
        for target in self._layout.targets(category):
            yield target, own
        if inherited is not None:
            entries = [entry for _, entry in rows]
            published, came = [entry.published for entry in entries], [entry.came_since for entry in entries]
            places = inherited_places(published, came, self._inherited_count)
            yield inherited, places[: within_bytes([sizes[place] for place in places], self._limits.entry_bytes)]


def shown_by_all(documents: Sequence[Sequence[int]]) -> int:
    """Return how many of the newest posts all files of a feed show, without a gap, given the places in each."""
    return min(_unbroken(places) for places in documents)


def _unbroken(places: Sequence[int]) -> int:
    return next((number for number, place in enumerate(places) if number != place), len(places))
