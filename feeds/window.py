"""Which posts a live feed shows. Pure. Times are in microseconds since 1970, as they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

HOUR = 3_600_000_000  # microseconds
MEASURED = 14 * 24 * HOUR  # how much of the past tells how often a feed gets a post
MEASURED_POSTS = 2000  # more than so many in that time make no difference
_WANTED = 100  # entries that an automatic window aims at
_SHORTEST, _LONGEST = 26, 168  # hours: a daily reader may be late, a weekly one needs no more


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """The newest `count` posts and all posts of the last `hours`, whichever is more, but never above `limit`.

    No hours (0) leave the count alone; without `hours` these follow from how often the feed gets a post.
    """

    count: int = 50
    hours: int | None = 48
    limit: int = 1000


def horizon(newest: int, hours: float) -> int:
    """Return the time from which every post is shown.

    The hours end with the newest post, not now, so that the same posts always give the same feed.
    """
    return newest - round(hours * HOUR)


def measured_hours(newest: int, oldest: int, posts: int) -> float:
    """Return the hours of an automatic window, from how many posts came between the oldest and the newest measured.

    They are as many as give a hundred posts, but more than a day, lest a reader that polls daily misses a post, and
    a week at most.
    """
    span = max(newest - oldest, 24 * HOUR) / HOUR
    return min(max(_WANTED * span / posts, _SHORTEST), _LONGEST)


def window_length(placed: Sequence[int], rule: WindowRule, hours: float) -> int:
    """Return how many of the posts, given by their times from new to old, the feed shows."""
    if not placed:
        return 0
    since = horizon(placed[0], hours)
    recent = sum(1 for when in placed if when >= since) if hours else 0
    return min(max(rule.count, recent), rule.limit, len(placed))


def hours_of(placed: Sequence[int], rule: WindowRule) -> float:
    """Return the hours of a feed's window, given the times of all its posts from new to old."""
    if rule.hours is not None or not placed:
        return rule.hours or 0
    recent = [when for when in placed[:MEASURED_POSTS] if when >= placed[0] - MEASURED]
    return measured_hours(recent[0], recent[-1], len(recent))


def within_bytes(sizes: Sequence[int], most: int) -> int:
    """Return how many entries, given by their bytes from new to old, have room; the newest always has."""
    used = 0
    for length, size in enumerate(sizes):
        used += size
        if used > most and length:
            return length
    return len(sizes)


def inherited_places(published: Sequence[datetime], came_since: Sequence[bool], count: int) -> list[int]:
    """Return the places, from new to old, of the posts that a feed shows which its readers knew before us.

    Of the posts that were there when we came it shows the newest `count` as ever, lest old ones look new; of those that
    `came_since` it shows all. Of posts of one and the same time jekyll-feed shows the first by path first, we the last.
    """
    theirs = sorted(range(len(published)), key=lambda place: (published[place], place), reverse=True)
    old = set(theirs[:count])
    return [place for place, came in enumerate(came_since) if came or place in old]
