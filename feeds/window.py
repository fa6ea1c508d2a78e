"""Which posts a live feed shows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """The newest `count` posts and all posts of the last `hours`, whichever is more, but never above `limit`."""

    count: int = 50
    hours: int = 48
    limit: int = 1000


def horizon(newest: datetime, rule: WindowRule) -> datetime:
    """Return the time from which every post is shown.

    The hours end with the newest post, not now, so that the same posts always give the same feed.
    """
    try:
        return newest - timedelta(hours=rule.hours)
    except OverflowError:
        return datetime.min.replace(tzinfo=newest.tzinfo)


def inherited_places(published: Sequence[datetime], came_since: Sequence[bool], count: int) -> list[int]:
    """Return the places, from new to old, of the posts that a feed shows which its readers knew before us.

    Of the posts that were there when we came it shows the newest `count` as ever, lest old ones look new; of those that
    `came_since` it shows all. Of posts of one and the same time jekyll-feed shows the first by path first, we the last.
    """
    theirs = sorted(range(len(published)), key=lambda place: (published[place], place), reverse=True)
    old = set(theirs[:count])
    return [place for place, came in enumerate(came_since) if came or place in old]


def window_length(published: Sequence[datetime], rule: WindowRule) -> int:
    """Return how many of the posts, given by their times from new to old, the feed shows."""
    if not published:
        return 0
    since = horizon(published[0], rule)
    recent = sum(1 for when in published if when >= since)
    return min(max(rule.count, recent), rule.limit, len(published))
