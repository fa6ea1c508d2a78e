"""What happened in this process, counted. One object for all the configurations that come and go in it."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from feedbell.metrics import catalog
from feedbell.metrics.catalog import BUCKETS, Family, Labels, Metric
from feedbell.poll import Polled
from feeds.publish import Published
from notifier.model import DeliveryState
from notifier.report import DeliveryMetrics

_OUTCOMES = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.PENDING: "retried",
    DeliveryState.EXHAUSTED: "exhausted",
}
_POLL_OUTCOMES = ("unchanged", "changed", "held", "failed")
COUNTERS = (
    catalog.ATTEMPTS,
    catalog.DIGESTS,
    catalog.QUEUED,
    catalog.POLLS,
    catalog.CHANGES,
    catalog.BUILT,
    catalog.FILES,
    catalog.BYTES,
    catalog.UNWRITABLE,
)


class Counts:
    """A FlowMetrics, and the counters made of it. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[Metric, Counter[Labels]] = {metric: Counter() for metric in COUNTERS}
        for metric in COUNTERS:
            if not metric.labels:
                self._counted[metric][()] = 0
        self._durations: dict[Labels, tuple[list[int], float]] = {}
        # Only the server's one thread counts here, at every request: a lock would be too much.
        self.responses: Counter[int] = Counter()

    def configured(self, channels: Mapping[str, str], sources: Collection[str]) -> DeliveryMetrics:
        """Let what can be counted of these begin at zero: a rate needs a value before the first."""
        with self._lock:
            for endpoint, channel in channels.items():
                for outcome in _OUTCOMES.values():
                    self._counted[catalog.ATTEMPTS][endpoint, channel, outcome] += 0
                self._counted[catalog.DIGESTS][endpoint,] += 0
                self._durations.setdefault((channel,), ([0] * (len(BUCKETS) + 1), 0.0))
            for source in sources:
                self._counted[catalog.CHANGES][source,] += 0
                for outcome in _POLL_OUTCOMES:
                    self._counted[catalog.POLLS][source, outcome] += 0
        return _Attempts(self, channels)

    def polled(self, source: str, polled: Polled | None) -> None:
        """Count one poll."""
        with self._lock:
            self._counted[catalog.POLLS][source, _poll_outcome(polled)] += 1
            self._counted[catalog.CHANGES][source,] += polled.changes if polled else 0

    def published(self, published: Published, deliveries: int) -> None:
        """Count one publish."""
        with self._lock:
            self._counted[catalog.BUILT][()] += published.feeds
            self._counted[catalog.FILES][()] += published.files
            self._counted[catalog.BYTES][()] += published.bytes
            self._counted[catalog.UNWRITABLE][()] += len(published.failures)
            self._counted[catalog.QUEUED][()] += deliveries

    def attempted(self, endpoint: str, channel: str, outcome: str, seconds: float, *, digest: bool) -> None:
        """Count one attempt."""
        outcome = _OUTCOMES.get(DeliveryState(outcome), outcome)
        with self._lock:
            self._counted[catalog.ATTEMPTS][endpoint, channel, outcome] += 1
            self._counted[catalog.DIGESTS][endpoint,] += digest and outcome == "delivered"
            buckets, total = self._durations.get((channel,), ([0] * (len(BUCKETS) + 1), 0.0))
            buckets[bisect_left(BUCKETS, seconds)] += 1
            self._durations[channel,] = (buckets, total + seconds)

    def go_on_from(
        self, values: Mapping[Metric, Mapping[Labels, float]], durations: Mapping[Labels, "Durations"]
    ) -> None:
        """Add what was counted before."""
        with self._lock:
            for metric, counted in values.items():
                for labels, value in counted.items():
                    self._counted[metric][labels] += round(value)
            for labels, before in durations.items():
                buckets, total = self._durations.get(labels, ([0] * (len(BUCKETS) + 1), 0.0))
                added = [one + other for one, other in zip(buckets, before.buckets, strict=True)]
                self._durations[labels] = (added, total + before.total)

    def families(self) -> Iterator[Family]:
        """Give the counters as they are now."""
        with self._lock:
            counted = {metric: dict(values) for metric, values in self._counted.items()}
            durations = {labels: (tuple(buckets), total) for labels, (buckets, total) in self._durations.items()}
        for metric, values in counted.items():
            yield metric.family(values.items())
        yield catalog.DURATION.histogram(durations)

    def served(self) -> Family:
        """Return the answers of the server."""
        return catalog.RESPONSES.family(((str(code),), count) for code, count in dict(self.responses).items())


@dataclass(frozen=True, slots=True)
class Durations:
    """How many attempts fell into each bucket alone, and how long all took, in seconds."""

    buckets: tuple[int, ...]
    total: float


class _Attempts:
    """The DeliveryMetrics of one configuration, which knows the channels of its endpoints."""

    def __init__(self, counts: Counts, channels: Mapping[str, str]) -> None:
        self._counts = counts
        self._channels = dict(channels)

    def count(self, endpoint: str, outcome: str, seconds: float, *, digest: bool) -> None:
        self._counts.attempted(endpoint, self._channels.get(endpoint, ""), outcome, seconds, digest=digest)


def _poll_outcome(polled: Polled | None) -> str:
    if polled is None or polled.error:
        return "failed"
    if polled.held:
        return "held"
    return "changed" if polled.changes or polled.quarantined else "unchanged"
