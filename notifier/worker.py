"""The dispatcher: claims due deliveries, sends them from a pool of threads, and settles what came of them."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from core.clock import Clock, utc_now
from core.log import log_event
from core.text import xml_legal
from notifier.channels.channel import Channel
from notifier.model import Attempt, Claimed, DeliveryState, Endpoint, Outcome
from notifier.queue import DeliveryQueue, Settlement
from notifier.retry import RetryPolicy, judge

_log = logging.getLogger(__name__)
_EXCERPT_BYTES = 2048
_AFTER_FAULT = 5.0  # seconds
_CONTENDED = 0.2  # seconds
_BETWEEN_RELEASES = 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchLimits:
    """`threads` requests at once, `per_endpoint` of them to one endpoint; others may retake a claim after `lease`."""

    threads: int = 32
    per_endpoint: int = 2
    lease: timedelta = timedelta(seconds=90)
    longest_sleep: float = 30.0  # seconds; due times that other processes write are seen this late at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many attempts ended in which way."""

    delivered: int = 0
    retrying: int = 0
    exhausted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    claimed: Claimed
    started_at: datetime
    outcome: Outcome


class Dispatcher:
    """One thread does all work on the database; the pool's threads only send."""

    def __init__(
        self,
        *,
        queue: DeliveryQueue,
        endpoints: Iterable[Endpoint],
        channels: Mapping[str, Channel],
        retry: RetryPolicy | None = None,
        limits: DispatchLimits | None = None,
        clock: Clock = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._channels = channels
        self._retry = retry or RetryPolicy()
        self._limits = limits or DispatchLimits()
        self._clock = clock
        self._chance = chance
        self._pool = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="send")
        self._sent: SimpleQueue[_Sent] = SimpleQueue()
        self._unsettled: list[_Sent] = []
        self._in_flight: Counter[str] = Counter()
        self._doubtful: set[str] = set()
        self._tally: Counter[DeliveryState] = Counter()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._release_at = 0.0  # on the monotonic clock

    def start(self) -> None:
        """Dispatch in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for work now: deliveries were made or replayed."""
        self._woken.set()

    def configure(self, endpoints: Iterable[Endpoint]) -> None:
        """Serve these endpoints from now on."""
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.wake()

    def stop(self, seconds: float = 25.0) -> None:
        """Claim nothing more, settle what ends within `seconds`, and end. The rest comes back when its lease ends."""
        self._stopping.set()
        self.wake()
        give_up = time.monotonic() + seconds
        if self._thread is not None:
            self._thread.join()
        self._wait_for_sent(give_up)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def run_until_idle(self, seconds: float) -> Tally:
        """Send, in the caller's thread, all that is due now or falls due meanwhile; return when nothing is under way.

        Claims nothing more after `seconds`, and waits for what is under way for as long again.
        """
        give_up = time.monotonic() + seconds
        self._release_at = 0.0
        while time.monotonic() < give_up:
            self._woken.clear()
            claimed = self._turn()
            if not claimed and not self._in_flight.total():
                break
            self._woken.wait(max(give_up - time.monotonic(), 0))
        self._wait_for_sent(time.monotonic() + seconds)
        return Tally(
            delivered=self._tally[DeliveryState.DELIVERED],
            retrying=self._tally[DeliveryState.PENDING],
            exhausted=self._tally[DeliveryState.EXHAUSTED],
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                claimed = self._turn()
                pause = self._pause(claimed)
            # The edge of the loop: a database that fails now must not end the sending for good.
            except Exception as error:  # noqa: BLE001
                log_event(_log, "dispatch.failed", logging.ERROR, error=f"{type(error).__name__}: {error}")
                self._stopping.wait(_AFTER_FAULT)
                continue
            self._woken.wait(min(pause, _BETWEEN_RELEASES))

    def _turn(self) -> int:
        """Settle what has been sent, claim and hand out what is due; return how many were claimed."""
        self._settle()
        if self._stopping.is_set():
            return 0
        self._release_abandoned()
        endpoints = self._endpoints
        free = self._limits.threads - self._in_flight.total()
        claims = self._queue.claim(self._clock(), self._limits.lease, self._room(endpoints), free)
        for claimed in claims:
            self._in_flight[claimed.endpoint] += 1
            self._pool.submit(self._send, claimed, endpoints[claimed.endpoint])
        return len(claims)

    def _release_abandoned(self) -> None:
        """Now and then, free what a killed process holds: it would count as in flight until its lease ends."""
        if time.monotonic() < self._release_at:
            return
        count = self._queue.release_abandoned(self._clock())
        self._release_at = time.monotonic() + _BETWEEN_RELEASES
        if count:
            log_event(_log, "claims.released", logging.WARNING, deliveries=count)

    def _room(self, endpoints: Mapping[str, Endpoint]) -> dict[str, int]:
        """Free places by endpoint. Those that gave no answer share half of the threads, so that the rest get on."""
        doubtful = sum(self._in_flight[name] for name in self._doubtful)
        spare = max(self._limits.threads // 2 - doubtful, 0)
        room: dict[str, int] = {}
        for name in endpoints:
            free = self._limits.per_endpoint - self._in_flight[name]
            if name in self._doubtful:
                free = min(free, 1 - self._in_flight[name], spare)
                spare -= max(free, 0)
            if free > 0:
                room[name] = free
        return room

    def _pause(self, claimed: int) -> float:
        """Seconds until there is work; a thread that comes back wakes us sooner."""
        room = self._room(self._endpoints)
        if not room or self._in_flight.total() >= self._limits.threads:
            return self._limits.longest_sleep
        due = self._queue.next_due(list(room))
        if due is None:
            return self._limits.longest_sleep
        wait = (due - self._clock()).total_seconds()
        if wait <= 0:
            # Due, and yet not ours to claim: another process has its share in flight.
            return 0.0 if claimed else _CONTENDED
        return min(wait + 0.001, self._limits.longest_sleep)

    def _send(self, claimed: Claimed, endpoint: Endpoint) -> None:
        started_at = self._clock()
        started = time.monotonic()
        try:
            outcome = self._channels[endpoint.channel].send(claimed, endpoint, started_at)
        # The edge of the loop: a bug in a channel, or a bad secret, must not cost other deliveries their turn.
        except Exception as error:  # noqa: BLE001
            # The name only: texts of errors may hold the URL.
            name = type(error).__name__
            log_event(_log, "send.failed", logging.ERROR, endpoint=endpoint.name, error=name)
            latency = round((time.monotonic() - started) * 1000)
            outcome = Outcome(status=None, error="internal", reason=f"Feedbell failed: {name}", latency_ms=latency)
        self._sent.put(_Sent(claimed=claimed, started_at=started_at, outcome=outcome))
        self._woken.set()

    def _settle(self) -> None:
        while True:
            try:
                self._unsettled.append(self._sent.get_nowait())
            except Empty:
                break
        if not self._unsettled:
            return
        now = self._clock()
        settlements = [self._judge(sent, now) for sent in self._unsettled]
        self._queue.settle(settlements, now)
        for settlement, sent in zip(settlements, self._unsettled, strict=True):
            self._note(settlement, sent.outcome)
        self._unsettled.clear()

    def _judge(self, sent: _Sent, now: datetime) -> Settlement:
        outcome, claimed = sent.outcome, sent.claimed
        verdict = judge(outcome, attempt=claimed.attempt, now=now, chance=self._chance(), policy=self._retry)
        failure = None if verdict.state is DeliveryState.DELIVERED else _failure(outcome)
        attempt = Attempt(
            number=claimed.attempt,
            started_at=sent.started_at,
            latency_ms=outcome.latency_ms,
            status=outcome.status,
            error=failure,
            # PostgreSQL stores no NUL.
            excerpt=xml_legal(outcome.excerpt[:_EXCERPT_BYTES].decode(errors="replace")),
        )
        return Settlement(
            claimed=claimed,
            attempt=attempt,
            verdict=verdict,
            status=outcome.status,
            reason=verdict.disable_reason or failure,
        )

    def _note(self, settlement: Settlement, outcome: Outcome) -> None:
        name, state = settlement.claimed.endpoint, settlement.verdict.state
        self._in_flight[name] -= 1
        self._tally[state] += 1
        (self._doubtful.add if outcome.status is None else self._doubtful.discard)(name)
        log_event(
            _log,
            "attempt",
            logging.INFO if state is DeliveryState.DELIVERED else logging.WARNING,
            endpoint=name,
            delivery=settlement.claimed.delivery_id,
            attempt=settlement.attempt.number,
            status=outcome.status,
            ms=outcome.latency_ms,
            state=state,
            error=outcome.error,
        )
        if settlement.verdict.disable_reason:
            log_event(_log, "endpoint.disabled", logging.ERROR, endpoint=name, reason=settlement.verdict.disable_reason)

    def _wait_for_sent(self, give_up: float) -> None:
        while True:
            self._woken.clear()
            self._settle()
            if not self._in_flight.total() or not self._woken.wait(max(give_up - time.monotonic(), 0)):
                return


def _failure(outcome: Outcome) -> str:
    if outcome.status is not None:
        return f"HTTP {outcome.status}"
    return f"{outcome.error}: {outcome.reason}" if outcome.reason else str(outcome.error)
