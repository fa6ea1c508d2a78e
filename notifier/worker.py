"""The dispatcher of one machine: claims due deliveries, sends many at once from one thread, settles what came of it."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from queue import Empty, SimpleQueue
from typing import Any

from core.clock import Clock, utc_now
from core.errors import AppError
from core.exchange import HttpResult
from core.log import log_event
from core.transport import Transport
from notifier.courier import Courier, Sent, Settlement, settlement_of
from notifier.lanes import Lane, Lanes, OnIdle
from notifier.model import Claimed, DeliveryState, Endpoint, Outcome
from notifier.queue import DeliveryQueue
from notifier.report import NO_METRICS, DeliveryMetrics, note_attempt
from notifier.retry import RetryPolicy

_log = logging.getLogger(__name__)
_AFTER_FAULT = 5.0  # seconds
_BETWEEN_RELEASES = 10.0
# How long results gather before the database hears of them, while there is other work: each transaction has its price.
_GATHERING = 0.05
_MOST_GATHERED = 1000
_CONTENDED = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchLimits:
    """`threads` for channels that a library sends through; others may retake a claim after `lease`."""

    threads: int = 8
    deadline: float = 20.0  # seconds for an attempt whose endpoint does not say
    lease: timedelta = timedelta(seconds=90)
    longest_sleep: float = 30.0  # seconds; due times that other processes write are seen this late at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many attempts ended in which way."""

    delivered: int = 0
    retrying: int = 0
    exhausted: int = 0


class Dispatcher:
    """One thread claims, sends and settles; libcurl carries the requests."""

    def __init__(
        self,
        *,
        queue: DeliveryQueue,
        endpoints: Iterable[Endpoint],
        courier: Courier,
        transport: Transport,
        retry: RetryPolicy | None = None,
        limits: DispatchLimits | None = None,
        clock: Clock = utc_now,
        chance: Callable[[], float] = random.random,
        metrics: DeliveryMetrics = NO_METRICS,
        on_disabled: Callable[[], None] = lambda: None,
    ) -> None:
        self._queue = queue
        self._courier = courier
        self._transport = transport
        self._retry = retry or RetryPolicy()
        self._limits = limits or DispatchLimits()
        self._clock = clock
        self._chance = chance
        self._metrics = metrics
        self._on_disabled = on_disabled
        self._lanes = Lanes(transport.in_flight)
        self._configured: SimpleQueue[list[Endpoint]] = SimpleQueue()
        self._configured.put(list(endpoints))
        self._pool = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="send")
        self._blocking = 0
        self._came_back: SimpleQueue[tuple[tuple[Claimed, Lane, datetime], Outcome]] = SimpleQueue()
        self._lent: SimpleQueue[tuple[Endpoint, OnIdle]] = SimpleQueue()
        self._unsettled: list[Sent] = []
        self._dropped: list[Claimed] = []
        self._gathering_since: float | None = None
        self._tally: Counter[DeliveryState] = Counter()
        self._news, self._stopping = threading.Event(), threading.Event()
        self._stop = threading.Lock()
        self._thread: threading.Thread | None = None
        self._release_at = self._asked_at = 0.0  # on the monotonic clock
        self._contended = False
        self._next_due: datetime | None = None

    def start(self) -> None:
        """Dispatch in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for work now: deliveries were made or replayed."""
        self._news.set()
        self._transport.wake()

    def configure(self, endpoints: Iterable[Endpoint]) -> None:
        """Serve these endpoints from now on."""
        self._configured.put(list(endpoints))
        self.wake()

    def lend(self, endpoint: Endpoint, on_idle: OnIdle) -> None:
        """Serve an endpoint, from any thread, until nothing is left to do for it now; then call `on_idle` once."""
        if self._stopping.is_set():
            on_idle(self._clock())
            return
        self._lent.put((endpoint, on_idle))
        self._transport.wake()

    def stop(self, seconds: float = 25.0) -> None:
        """Claim nothing more, settle what ends within `seconds`, and end. The rest comes back when its lease ends."""
        self._stopping.set()
        give_up = time.monotonic() + seconds
        with self._stop:
            if self._thread is not None:
                self.wake()
                self._thread.join()
            self._finish(give_up)
            self._pool.shutdown(wait=False, cancel_futures=True)

    def run_until_idle(self, seconds: float) -> Tally:
        """Send, in the caller's thread, all that is due now or falls due meanwhile; return when nothing is under way.

        Claims nothing more after `seconds`, and waits for what is under way for as long again.
        """
        give_up = time.monotonic() + seconds
        self._release_at = 0.0
        self._news.set()
        while time.monotonic() < give_up:
            self._work()
            self._send()
            if not self._under_way and not self._unsettled and not self._has_work():
                break
            self._collect(self._pause(give_up - time.monotonic()))
        self._finish(time.monotonic() + seconds)
        return self.tally

    @property
    def tally(self) -> Tally:
        """How the attempts ended that were settled so far."""
        return Tally(
            delivered=self._tally[DeliveryState.DELIVERED],
            retrying=self._tally[DeliveryState.PENDING],
            exhausted=self._tally[DeliveryState.EXHAUSTED],
        )

    @property
    def _under_way(self) -> int:
        return self._transport.under_way + self._blocking

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
                self._send()
                pause = self._pause(self._limits.longest_sleep)
            # The edge of the loop: a database that fails now must not end the sending for good.
            except Exception as error:  # noqa: BLE001
                log_event(_log, "dispatch.failed", logging.ERROR, error=f"{type(error).__name__}: {error}")
                self._news.set()
                pause = _AFTER_FAULT
                self._collect_for(pause)
                continue
            self._collect(pause)

    def _work(self) -> None:
        """Do what the database has to do with: settle, give back, ask what is due, claim."""
        if not self._is_time():
            return
        self._gathering_since = None
        self._take_configuration()
        self._take_lent()
        if not self._stopping.is_set():
            self._release_abandoned()
            if self._news.is_set() or time.monotonic() - self._asked_at > self._limits.longest_sleep:
                self._news.clear()
                self._lanes.doubt()
                self._asked_at = time.monotonic()
            self._ask_unknown()
        self._settle_and_claim()
        if self._dropped:
            self._queue.give_back(self._dropped, self._clock())
            self._dropped = []
        if not self._stopping.is_set():
            self._ask_unknown()
            self._lanes.end_idle(self._clock())
        # It walks all endpoints: once for each turn to the database is enough.
        self._next_due = self._lanes.next_due()

    def _settle_and_claim(self, *, claims_more: bool = True) -> None:
        now = self._clock()
        claims_more = claims_more and not self._stopping.is_set() and self._transport.free > 0
        wants = self._lanes.wants(now) if claims_more else []
        settlements = [
            settlement_of(sent, now=now, chance=self._chance(), retry=self._retry) for sent in self._unsettled
        ]
        settled, claims = self._queue.settle_and_claim(settlements, wants, now, self._limits.lease, self._chance())
        self._unsettled.clear()
        for settlement in settlements:
            self._note_settled(settlement)
        # What is due, and yet not ours to claim, others are dealing with.
        self._contended = bool(wants) and not claims
        self._lanes.put(wants, claims)
        for name in settled.closed:
            self._dropped += self._lanes.empty(name)
        self._lanes.settled()
        if settled.disabled:
            self._on_disabled()

    def _ask_unknown(self) -> None:
        unknown = self._lanes.unknown()
        if unknown:
            self._lanes.learn(self._queue.due_times(unknown, self._clock()))

    def _is_time(self) -> bool:
        """Tell whether to turn to the database now, or to gather results a little longer."""
        if not self._under_way or len(self._unsettled) >= _MOST_GATHERED or self._stopping.is_set():
            return True
        if self._gathering_since is None:
            self._gathering_since = time.monotonic()
        return time.monotonic() - self._gathering_since >= _GATHERING

    def _has_work(self) -> bool:
        due = self._next_due
        return self._news.is_set() or (due is not None and due <= self._clock())

    def _pause(self, longest: float) -> float:
        """Seconds until there is work; what ends wakes us sooner."""
        soon = _GATHERING if self._under_way else 0.0
        if self._unsettled or self._dropped:
            return soon
        if self._transport.free <= 0:
            return min(longest, _BETWEEN_RELEASES)
        if self._has_work():
            return _CONTENDED if self._contended else soon
        due = self._next_due
        wait = longest if due is None else (due - self._clock()).total_seconds() + 0.001
        return max(min(wait, longest, _BETWEEN_RELEASES), 0.0)

    def _release_abandoned(self) -> None:
        """Now and then, free what a killed process holds, and what leases that ended held."""
        if time.monotonic() < self._release_at:
            return
        count = self._queue.release_abandoned(self._clock())
        self._release_at = time.monotonic() + _BETWEEN_RELEASES
        if count:
            log_event(_log, "claims.released", logging.WARNING, deliveries=count)
            self._news.set()

    def _take_configuration(self) -> None:
        while True:
            try:
                self._dropped += self._lanes.configure(self._configured.get_nowait())
            except Empty:
                return

    def _take_lent(self) -> None:
        while True:
            try:
                self._lanes.lend(*self._lent.get_nowait())
            except Empty:
                return

    def _send(self) -> None:
        if self._stopping.is_set():
            return
        now = self._clock()
        for claimed, lane in self._lanes.to_send(self._transport.free, now):
            endpoint = lane.endpoint
            if claimed.lease_until < now + _and_a_little(endpoint.timeout or self._limits.deadline):
                self._lanes.put_down(lane)
                self._dropped.append(claimed)
                continue
            tag = (claimed, lane, now)
            try:
                blocking = self._courier.blocking(endpoint)
                if blocking is not None:
                    message = self._courier.message(claimed, endpoint)
                    self._blocking += 1
                    self._pool.submit(self._send_blocking, tag, partial(blocking.send, message, endpoint))
                else:
                    self._transport.submit(self._courier.request(claimed, endpoint, now), tag)
            # The edge of the loop: a bug in a channel, or a bad secret, must not cost other deliveries their turn.
            except Exception as error:  # noqa: BLE001
                self._note_sent(tag, _fault(endpoint, error))

    def _send_blocking(self, tag: tuple[Claimed, Lane, datetime], send: Callable[[], Outcome]) -> None:
        started = time.monotonic()
        try:
            outcome = send()
        # As above: this is the edge of a thread of the pool.
        except Exception as error:  # noqa: BLE001
            outcome = _fault(tag[1].endpoint, error, round((time.monotonic() - started) * 1000))
        self._came_back.put((tag, outcome))
        self._transport.wake()

    def _collect_for(self, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while (left := give_up - time.monotonic()) > 0 and not self._stopping.is_set():
            self._collect(left)

    def _collect(self, seconds: float) -> None:
        """Let the requests go on until one ends or the time is over, and keep what came back."""
        for tag, result in self._transport.poll(seconds):
            self._note_sent(tag, self._read(tag[1].endpoint, result))
        while True:
            try:
                tag, outcome = self._came_back.get_nowait()
            except Empty:
                return
            self._blocking -= 1
            self._note_sent(tag, outcome)

    def _read(self, endpoint: Endpoint, result: HttpResult) -> Outcome:
        try:
            return self._courier.outcome(endpoint, result)
        # The edge of the loop: an answer that a channel cannot read is a failure of that attempt alone.
        except Exception as error:  # noqa: BLE001
            return _fault(endpoint, error, result.latency_ms)

    def _note_sent(self, tag: Any, outcome: Outcome) -> None:
        claimed, lane, started_at = tag
        self._lanes.ended(lane, succeeded=outcome.succeeded, silent=outcome.status is None)
        self._unsettled.append(Sent(claimed=claimed, started_at=started_at, outcome=outcome))

    def _note_settled(self, settlement: Settlement) -> None:
        state = settlement.verdict.state
        self._tally[state] += 1
        if state is DeliveryState.PENDING:
            self._lanes.retry_at(settlement.claimed.endpoint, settlement.verdict.due_at)
        note_attempt(_log, settlement, self._metrics)

    def _finish(self, give_up: float) -> None:
        """Settle what ends until then, and let go of what was claimed and not sent."""
        self._dropped += self._lanes.empty_all()
        while self._under_way and (left := give_up - time.monotonic()) > 0:
            self._collect(left)
            if len(self._unsettled) >= _MOST_GATHERED:
                self._settle_and_claim(claims_more=False)
        self._settle_and_claim(claims_more=False)
        self._queue.give_back(self._dropped, self._clock())
        self._dropped = []
        self._take_lent()
        self._lanes.end_idle(self._clock(), all_of_them=True)


@cache
def _and_a_little(seconds: float) -> timedelta:
    """Return the time of an attempt and a second: its claim must not end before."""
    return timedelta(seconds=seconds + 1)


def _fault(endpoint: Endpoint, error: Exception, latency_ms: int = 0) -> Outcome:
    # Of our own errors the text, which shows no secret; of others the name only: their texts may hold the URL.
    what = str(error) if isinstance(error, AppError) else type(error).__name__
    log_event(_log, "send.failed", logging.ERROR, endpoint=endpoint.name, error=what)
    return Outcome(status=None, error="internal", reason=f"Feedbell failed: {what}", latency_ms=latency_ms)
