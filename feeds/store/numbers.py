"""How the published side stands, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from feeds.tables import feeds, posts, quarantine, sources


@dataclass(frozen=True, slots=True, kw_only=True)
class PostNumbers:
    """The posts of a source."""

    live: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNumbers:
    """The feeds: those that stand on disk, those to be built, those that could not be put in place."""

    standing: int
    dirty: int
    failed: int


class PostCounts:
    """Counts the posts of each source anew only when something was applied to it: that reads an entry for each post."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, PostNumbers]] = {}

    def of(self, connection: Connection, source_id: int, generation: int) -> PostNumbers:
        """Return the numbers of a source as of a generation, which was read in the same transaction."""
        known = self._known.get(source_id)
        if known is None or known[0] != generation:
            everything = connection.execute(POSTS, {"source": source_id}).scalar_one()
            withdrawn = connection.execute(WITHDRAWN, {"source": source_id}).scalar_one()
            known = (generation, PostNumbers(live=everything - withdrawn, withdrawn=withdrawn))
            self._known[source_id] = known
        return known[1]


POSTS = select(func.count()).select_from(posts).where(posts.c.source_id == bindparam("source"))
WITHDRAWN = POSTS.where(posts.c.withdrawn_at.is_not(None))


def feed_numbers(connection: Connection) -> FeedNumbers:
    """Count the feeds."""
    row = connection.execute(FEEDS).one()
    return FeedNumbers(standing=row.standing, dirty=row.dirty, failed=row.failed)


FEEDS = select(
    func.count(feeds.c.sizes).label("standing"),
    func.count().filter(feeds.c.wanted_revision > feeds.c.built_revision).label("dirty"),
    func.count(feeds.c.error).label("failed"),
)


def quarantined_by_code(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Count the quarantined files by source and reason code."""
    return {(source, code): number for source, code, number in connection.execute(QUARANTINED)}


QUARANTINED = (
    select(sources.c.name, quarantine.c.code, func.count())
    .join(sources, sources.c.id == quarantine.c.source_id)
    .group_by(sources.c.name, quarantine.c.code)
)
