"""Ask the servers of upstream feeds, many at once, and find what their answers mean."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from core.clock import Clock
from core.exchange import Fetched, MayGo
from core.log import log_event
from feedbell.upstream.answers import Elsewhere, Failed, Meaning, Read, conditional_headers, meaning_of
from feedbell.upstream.poller import AskLimits
from feeds.sources.upstream.hosts import HostTurns, Turn, host_of
from feeds.store.upstreams import Upstream

logger = logging.getLogger(__name__)

GATHERING = 0.02  # seconds that answers gather before they are given together
GIVEN_AT_ONCE = 50
_TAKEN_FOR_A_PLACE = 4  # so that no thread waits for the next feed
_READ_AT_ONCE = 2  # feeds: more would take as long, for they share one interpreter, and more memory
_READ_AND_WAITING = GIVEN_AT_ONCE  # feeds
_SLOW_AT_ONCE = 200  # threads for feeds that take long, beyond those for feeds asked at once

Fetch = Callable[[str, Mapping[str, str], MayGo], Fetched]  # asks for a URL, with some header fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A feed that was asked, and what its answer means."""

    upstream: Upstream
    fetched: Fetched
    meaning: Meaning
    asked_at: datetime | None = None
    received_at: datetime | None = None  # when a hub sent it: its next poll stays where it is

    @property
    def pushed(self) -> bool:
        """Whether a hub sent it, and nobody was asked."""
        return self.received_at is not None


class Asking:
    """Asks in threads of its own; one thread takes the answers."""

    def __init__(self, *, fetch: Fetch, clock: Clock, limits: AskLimits) -> None:
        self.limits = limits
        self._fetch = fetch
        self._clock = clock
        self._turns: HostTurns[Upstream] = HostTurns(limits.at_once)
        self._answers: SimpleQueue[Asked | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._under_way = 0
        self._reading = threading.Semaphore(_READ_AT_ONCE)
        self._room = threading.Semaphore(_READ_AND_WAITING)

    @property
    def under_way(self) -> int:
        """How many feeds are asked, or wait for that, whose answers were not taken yet."""
        return self._under_way

    @property
    def free(self) -> int:
        """How many more may be under way without one of them waiting long."""
        return self.limits.at_once * _TAKEN_FOR_A_PLACE + _SLOW_AT_ONCE - self._under_way

    def longest(self, number: int) -> timedelta:
        """Return within which time as many feeds are asked: who stands last in line comes after all others."""
        return timedelta(seconds=self.limits.deadline) * (2 + number // self.limits.at_once)

    def ask(self, feeds: Sequence[Upstream]) -> None:
        """Ask these feeds, as soon as it is their turn."""
        for upstream in feeds:
            self._turns.add(host_of(upstream.url), upstream)
        self._under_way += len(feeds)
        while len(self._threads) < min(self._under_way, self.limits.at_once + _SLOW_AT_ONCE):
            thread = threading.Thread(target=self._work, name="poll", daemon=True)
            self._threads.append(thread)
            thread.start()

    def put(self, asked: Asked) -> None:
        """Give what a hub sent among the answers; from any thread."""
        self._answers.put(asked)

    def wake(self) -> None:
        """End the gathering under way soon; from any thread."""
        self._answers.put(None)

    def stop(self) -> None:
        """Ask nobody else. What is under way comes to nothing."""
        self._turns.close()
        if self._threads:
            self._room.release(len(self._threads))

    def gather(self, seconds: float) -> list[Asked]:
        """Wait for an answer, and take those that come right after it."""
        found: list[Asked] = []
        give_up = monotonic() + seconds
        while (wait := give_up - monotonic()) > 0 and len(found) < GIVEN_AT_ONCE:
            try:
                asked = self._answers.get(timeout=wait)
            except Empty:
                break
            if asked is None:
                break
            if not found:
                give_up = min(give_up, monotonic() + GATHERING)
            found.append(asked)
        asked_for = [one for one in found if not one.pushed]
        self._under_way -= len(asked_for)
        if read := sum(isinstance(one.meaning, Read) for one in asked_for):
            self._room.release(read)
        return found

    def _work(self) -> None:
        """Ask one feed after the other, in a thread of the pool."""
        while (turn := self._turns.next()) is not None:
            upstream = turn.job
            try:
                asked = self._ask(turn)
            # The edge of the loop: what one feed says must not keep the others from being asked.
            except Exception as error:
                log_event(logger, "poll-failed", logging.ERROR, source=upstream.name, error=type(error).__name__)
                logger.debug("poll-failed", exc_info=True)
                reason = f"Feedbell failed ({type(error).__name__}); please report it with the feed's address"
                asked = Asked(upstream=upstream, fetched=Fetched(status=None), meaning=Failed(reason=reason))
            if isinstance(asked.meaning, Read):
                # Whole feeds that wait to be taken need memory.
                self._room.acquire()
            self._turns.done(turn)
            self._answers.put(asked)

    def _ask(self, turn: Turn[Upstream]) -> Asked:
        upstream = turn.job
        asked_at = self._clock()

        def may_go(url: str, seconds: float) -> bool:
            return self._turns.move(turn, host_of(url), seconds)

        fetched = self._fetch(upstream.url, conditional_headers(upstream), may_go)
        self._turns.answered(turn)
        meaning = self._meaning(fetched, upstream)
        if isinstance(meaning, Elsewhere):
            found = replace(upstream, url=meaning.url, etag=None, last_modified=None)
            if not may_go(found.url, self.limits.deadline):
                return Asked(upstream=upstream, fetched=fetched, meaning=Failed(reason="the host of the feed is busy"))
            fetched = self._fetch(found.url, conditional_headers(found), may_go)
            meaning = self._meaning(fetched, found)
            if isinstance(meaning, Elsewhere):
                meaning = Failed(reason="the page names a feed that is another page; write the feed's own address")
            if not isinstance(meaning, Failed):
                upstream = found
        return Asked(upstream=upstream, fetched=fetched, meaning=meaning, asked_at=asked_at)

    def _meaning(self, fetched: Fetched, upstream: Upstream) -> Meaning:
        with self._reading if fetched.body else nullcontext():
            return meaning_of(fetched, upstream, max_items=self.limits.max_items)
