"""How much an endpoint may get, and when: rates, quiet hours, and the circuit breaker. Pure; times are in UTC."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

UTC_ZONE = ZoneInfo("UTC")

_PERIODS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_RATE = re.compile(r"\s*(\d{1,6})\s*(?:/|per|a)\s*(second|minute|hour|day)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `count` requests in any `seconds`, of which `burst` may come at once."""

    count: int
    seconds: float
    burst: int | None = None

    @property
    def capacity(self) -> int:
        """How many tokens the bucket holds: a quarter of the count unless it is said, and one less than it at most."""
        return min(self.burst or max(self.count // 4, 1), max(self.count - 1, 1))

    @property
    def refill(self) -> float:
        """Tokens a second. What a full bucket gives at once and what flows in afterwards are `count` together."""
        # Of one a period, the next comes when the period is over.
        return max(self.count - self.capacity, 1) / self.seconds


def read_rate(text: str) -> Rate:
    """Read `20/minute`, `5 per second`; raises ValueError that says what can be written."""
    found = _RATE.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError("write a rate as a number a second, minute, hour or day, such as 20/minute")
    return Rate(count=int(found[1]), seconds=_PERIODS[found[2]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A token bucket as it stood at a time."""

    tokens: float
    at: datetime

    def at_time(self, now: datetime, rate: Rate) -> "Bucket":
        """Return the bucket as it stands now. A clock that was set back fills nothing."""
        passed = max((now - self.at).total_seconds(), 0.0)
        return Bucket(tokens=min(self.tokens + passed * rate.refill, float(rate.capacity)), at=now)

    @property
    def whole(self) -> int:
        """How many requests may be sent now. A billionth that is missing is the fault of floating point."""
        return max(int(self.tokens + 1e-9), 0)

    def after(self, taken: int) -> "Bucket":
        """Return the bucket after `taken` tokens were taken out."""
        return Bucket(tokens=self.tokens - taken, at=self.at)

    def next_token(self, rate: Rate) -> datetime:
        """Return when there is a whole token, which may have been long ago."""
        missing = max(1.0 - self.tokens, 0.0)
        return self.at + timedelta(seconds=missing / rate.refill)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A stretch of each day in a time zone in which nothing is sent; it may pass midnight."""

    begins: time
    ends: time
    zone: ZoneInfo

    def ends_at(self, now: datetime) -> datetime | None:
        """Return when the quiet hours that now is in are over, or None if now is in none."""
        local = now.astimezone(self.zone)
        for day in (local.date() - timedelta(days=1), local.date()):
            begins = datetime.combine(day, self.begins, self.zone)
            last = day if self.begins < self.ends else day + timedelta(days=1)
            ends = datetime.combine(last, self.ends, self.zone)
            # Compared in UTC: within one zone Python compares the clocks on the wall.
            if begins.astimezone(now.tzinfo) <= now < ends.astimezone(now.tzinfo):
                return ends.astimezone(now.tzinfo)
        return None


_HOURS = re.compile(r"\s*([0-2]\d):([0-5]\d)\s*(?:-|–|to)\s*([0-2]\d):([0-5]\d)\s*")


def read_quiet_hours(text: str, zone: ZoneInfo) -> QuietHours:
    """Read `22:00-07:00`; raises ValueError that says what can be written."""
    found = _HOURS.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        if begins == ends:
            raise ValueError
    except ValueError:
        raise ValueError("write quiet hours as two different times of a day, such as 22:00-07:00") from None
    return QuietHours(begins=begins, ends=ends, zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """After `failures` failed attempts in a row an endpoint is left alone; then one attempt tells how it is.

    The pause grows from `shortest` to `longest` as the probes go on failing.
    """

    failures: int = 5
    shortest: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=10)

    def pause(self, failures: int, chance: float) -> timedelta | None:
        """Return how long to leave an endpoint alone after so many failures in a row, given a number from 0 to 1."""
        if failures < self.failures:
            return None
        growth: int = 2 ** min(failures - self.failures, 20)
        return min(self.shortest * growth, self.longest) * (1 + 0.1 * chance)
