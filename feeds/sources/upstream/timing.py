"""When to poll an upstream feed next: as often as it gets posts, as it asks, and as its failures let us."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from xxhash import xxh3_64_intdigest

from core.http_times import read_http_date, read_retry_after

_DAY = timedelta(days=1)
_UNKNOWN = timedelta(hours=1)  # for a feed whose posts have no dates
# Of the mean of a feed's usual gap and its newest post's age, a poll comes at each fifth: a daily blog is asked every
# two or three hours after a post, and every five when the next one is due.
_SHARE = 1 / 5
_SPREAD = 0.1
_NONE = timedelta(0)
_MAX_AGE = re.compile(r'max-age\s*+=\s*+"?+([0-9]{1,20})"?+')
_ALWAYS_ASK = frozenset({"no-cache", "no-store"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRules:
    """What the owner allows."""

    min_wait: timedelta
    max_wait: timedelta
    hub_wait: timedelta  # where a hub sends what is new


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What an answer's headers say of the next request."""

    fresh_for: timedelta | None = None  # nothing new is to be had before
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a feed itself says of the next request."""

    newest_at: datetime | None  # when its newest post came out
    gap: timedelta | None  # the usual time between two posts
    ttl: timedelta | None
    pushed: bool  # a hub sends us what is new


def freshness(headers: Mapping[str, str], now: datetime) -> Freshness:
    """Read Cache-Control, Expires and Retry-After (RFC 9111, section 4.2; names in small letters)."""
    retry_after = read_retry_after(headers.get("retry-after"), now)
    return Freshness(fresh_for=_fresh_for(headers, now), retry_after=retry_after)


def next_poll(
    fresh: Freshness,
    pace: Pace,
    *,
    name: str,
    failures: int,
    fixed: timedelta | None,
    rules: PollRules,
    now: datetime,
) -> datetime:
    """Return when to poll next. `failures` counts those since the last success; `fixed` is the owner's own wait.

    The same name is always as early or late within the spread, so that feeds that began together drift apart.
    """
    place = xxh3_64_intdigest(name.encode()) / 2**64
    if failures:
        wait = max(_backed_off(failures, rules), fixed or _NONE)
        found = _spread(wait, place, least=max(rules.min_wait, fixed or _NONE), most=max(rules.max_wait, wait))
    elif fixed is not None:
        found = _spread(fixed, place, least=_NONE, most=2 * fixed)
    else:
        found = _usual(fresh, pace, place, rules, now)
    if fresh.retry_after is not None:
        asked = min(fresh.retry_after, _DAY)
        found = max(found, _spread(asked, place, least=asked, most=2 * asked))
    return now + found


def _usual(fresh: Freshness, pace: Pace, place: float, rules: PollRules, now: datetime) -> timedelta:
    most = rules.max_wait
    if pace.pushed:
        most = max(most, rules.hub_wait)
        wait = _spread(rules.hub_wait, place, least=rules.min_wait, most=most)
    else:
        observed = min(max(_observed(pace, now), rules.min_wait), most)
        wait = _spread(observed, place, least=rules.min_wait, most=most)
    for hint in (_believed(pace.ttl), _believed(fresh.fresh_for)):
        asked = min(hint, most)
        wait = max(wait, _spread(asked, place, least=asked, most=most))
    return wait


def _observed(pace: Pace, now: datetime) -> timedelta:
    if pace.newest_at is None:
        return _UNKNOWN
    age = max(now - pace.newest_at, _NONE)
    return (max(pace.gap, _NONE) + age) / 2 * _SHARE if pace.gap is not None else age * _SHARE


def _believed(hint: timedelta | None) -> timedelta:
    """Return what a feed asks for, unless it is more than a day: that was meant for pictures, not for feeds."""
    return hint if hint is not None and _NONE < hint <= _DAY else _NONE


def _backed_off(failures: int, rules: PollRules) -> timedelta:
    # As numbers, for time spans overflow.
    seconds = rules.min_wait.total_seconds() * 2.0 ** min(failures - 1, 100)
    return timedelta(seconds=min(seconds, rules.max_wait.total_seconds()))


def _spread(wait: timedelta, place: float, *, least: timedelta, most: timedelta) -> timedelta:
    """Return the wait, shorter or longer by up to a tenth, according to the place from 0 to 1."""
    low = max(wait * (1 - _SPREAD), least)
    high = max(min(wait * (1 + _SPREAD), most), low)
    return low + (high - low) * place


def _fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    directives = [part.strip() for part in headers.get("cache-control", "").lower().split(",")]
    if not _ALWAYS_ASK.isdisjoint(directives):
        return None
    lifetime = next((found for part in directives if (found := _MAX_AGE.fullmatch(part))), None)
    if lifetime is not None:
        seconds = timedelta(seconds=min(int(lifetime[1]), 10**9))
    else:
        expires = read_http_date(headers.get("expires"))
        if expires is None:
            return None
        seconds = expires - (read_http_date(headers.get("date")) or now)
    age = headers.get("age", "")
    if age.isascii() and age.isdigit() and len(age) < 10:
        seconds -= timedelta(seconds=int(age))
    return seconds if seconds > _NONE else None
