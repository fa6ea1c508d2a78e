"""What is remembered of an answer: failures, where the feed moved, and when it is polled next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.exchange import Fetched
from feedbell.upstream.answers import Failed, Meaning, Read
from feeds.sources.upstream.source import UpstreamSource
from feeds.sources.upstream.timing import Pace, PollRules, freshness, next_poll
from feeds.store.upstreams import Answered, Upstream

# After so many failures in a row, a feed that moved or was found on a page is looked for where it was configured.
_BACK_TO_CONFIGURED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The settings of polling."""

    rules: PollRules

    def answered(
        self,
        upstream: Upstream,
        source: UpstreamSource,
        fetched: Fetched,
        meaning: Meaning,
        now: datetime,
        *,
        pushed: bool = False,
    ) -> Answered:
        """Return what is to be remembered of an answer; `pushed`: a hub sends what is new."""
        failed = meaning if isinstance(meaning, Failed) else None
        failures = upstream.failures + 1 if failed else 0
        url = upstream.url
        if failed is None:
            url = fetched.moved_to or url
        elif failures % _BACK_TO_CONFIGURED == 0:
            url = upstream.configured_url
        return Answered(
            source_id=upstream.source_id,
            url=url,
            next_poll_at=self._next(upstream, source, fetched, meaning, failures, now, pushed),
            answered_at=upstream.answered_at if failed else now,
            status=fetched.status,
            failures=failures,
            failing_since=(upstream.failing_since or now) if failed else None,
            stopped_reason=failed.reason if failed and failed.gone else None,
            error=failed.reason if failed else None,
        )

    def _next(
        self,
        upstream: Upstream,
        source: UpstreamSource,
        fetched: Fetched,
        meaning: Meaning,
        failures: int,
        now: datetime,
        pushed: bool,
    ) -> datetime:
        said = meaning.description if isinstance(meaning, Read) else upstream
        pace = Pace(
            newest_at=said.newest_at,
            gap=_seconds(said.gap_seconds),
            ttl=_seconds(said.ttl_seconds),
            pushed=pushed,
        )
        return next_poll(
            freshness(fetched.headers, now),
            pace,
            name=upstream.name,
            failures=failures,
            fixed=source.wait,
            rules=self.rules,
            now=now,
        )


def _seconds(number: int | None) -> timedelta | None:
    return timedelta(seconds=number) if number is not None else None
