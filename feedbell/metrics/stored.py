"""What stands in the database, in numbers: read when somebody asks, and never what grows with every delivery."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from core.clock import Clock
from core.db import reading
from feedbell.metrics import catalog
from feedbell.metrics.catalog import Family
from feeds.store import hub_leases, sources, upstreams
from feeds.store import numbers as feed_side
from feeds.store.hub_leases import LeaseState
from feeds.store.numbers import FeedNumbers, PostCounts, PostNumbers
from feeds.store.sources import SourceState
from notifier import numbers as queue_side
from notifier.numbers import QueueNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The database at one moment."""

    at: datetime
    queue: QueueNumbers
    sources: Sequence[SourceState]
    next_polls: Mapping[str, datetime | None]  # of upstream feeds, by source; None is never
    posts: Mapping[str, PostNumbers]  # by source
    feeds: FeedNumbers
    leases: Mapping[LeaseState, int]
    quarantined: Mapping[tuple[str, str], int]  # by source and code


class NumberReader:
    """Reads the numbers of the configured endpoints and sources."""

    def __init__(self, engine: Engine, endpoints: Sequence[str], source_names: Sequence[str], clock: Clock) -> None:
        self._engine = engine
        self._endpoints = sorted(endpoints)
        self._source_names = frozenset(source_names)
        self._clock = clock
        self._posts = PostCounts()

    def read(self) -> Numbers:
        """Read all. Raises EnvironmentFault if the database does not answer."""
        with reading(self._engine) as connection:
            known = [state for state in sources.listing(connection) if state.name in self._source_names]
            next_polls = upstreams.next_polls(connection)
            quarantined = feed_side.quarantined_by_code(connection)
            now = self._clock()
            return Numbers(
                at=now,
                queue=queue_side.read_numbers(connection, self._endpoints, now),
                sources=known,
                next_polls={state.name: next_polls[state.name] for state in known if state.name in next_polls},
                posts={state.name: self._posts.of(connection, state.id, state.generation) for state in known},
                feeds=feed_side.feed_numbers(connection),
                leases=hub_leases.number_by_state(connection),
                quarantined={key: count for key, count in quarantined.items() if key[0] in self._source_names},
            )


def families(numbers: Numbers | None) -> Iterator[Family]:
    """Give the metrics; None for a database that does not answer."""
    yield catalog.DATABASE_UP.alone(numbers is not None)
    if numbers is None:
        return
    yield from _of_queue(numbers.queue, numbers.at)
    yield from _of_sources(numbers)
    yield catalog.FEEDS.alone(numbers.feeds.standing)
    yield catalog.DIRTY.alone(numbers.feeds.dirty)
    yield catalog.FAILED.alone(numbers.feeds.failed)
    yield catalog.LEASES.family(((state,), number) for state, number in numbers.leases.items())


def _of_queue(queue: QueueNumbers, at: datetime) -> Iterator[Family]:
    yield catalog.DELIVERIES.family(
        ((name, state), count) for name, counted in queue.deliveries.items() for state, count in counted.items()
    )
    known = queue.endpoints
    # What waits for a disabled endpoint is not late: nobody sends it.
    closed = {name for name, state in known.items() if state.disabled_at is not None}
    yield catalog.OLDEST_DUE.family(
        ((name,), max((at - due).total_seconds(), 0) if due and name not in closed else 0)
        for name, due in queue.oldest_due.items()
    )
    yield catalog.DISABLED.family(((name,), state.disabled_at is not None) for name, state in known.items())
    yield catalog.PAUSED.family(((name,), (state.health.paused_until or at) > at) for name, state in known.items())
    yield catalog.FAILURES.family(((name,), state.health.failures) for name, state in known.items())
    yield catalog.UNRELEASED.alone(queue.unreleased)
    yield catalog.SUBSCRIPTIONS.alone(queue.subscriptions)


def _of_sources(numbers: Numbers) -> Iterator[Family]:
    posts = numbers.posts.items()
    live = [((name, "live"), counted.live) for name, counted in posts]
    yield catalog.POSTS.family(live + [((name, "withdrawn"), counted.withdrawn) for name, counted in posts])
    yield catalog.QUARANTINED.family(numbers.quarantined.items())
    # A feed is asked at a pace of its own: how long ago that was says nothing.
    polled = {state.name: state.polled_at for state in numbers.sources if state.name not in numbers.next_polls}
    yield catalog.LAST_POLL.family(((name,), at.timestamp()) for name, at in polled.items() if at is not None)
    yield catalog.NEXT_POLL.family(
        ((name,), at.timestamp() if at is not None else math.inf) for name, at in numbers.next_polls.items()
    )
    yield catalog.HELD.family(((state.name,), state.held_since is not None) for state in numbers.sources)
    yield catalog.FAILING.family(((state.name,), state.error is not None) for state in numbers.sources)
