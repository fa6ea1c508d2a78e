"""The hub at work: a thread that verifies what was asked, ends leases, and lets who sends know of subscribers."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from sqlalchemy import Engine

from core.claimant import make_token
from core.clock import Clock
from core.db import reading, writing
from core.errors import EnvironmentFault
from core.log import log_event
from feedbell.websub.host_pace import HostPace
from feedbell.websub.hub import Hub
from feedbell.websub.verifying import DEADLINE, Verifier
from notifier import hub_requests, hub_subscriptions
from notifier.hub_requests import HubRequest

_log = logging.getLogger(__name__)

_THREADS = 8
# Longer than a question may take: others ask only when we have certainly ended.
_CLAIM = timedelta(seconds=3 * DEADLINE)
_LONGEST_WAIT = 5.0  # seconds; what other processes do is seen this late at most
_AFTER_FAULT = 10.0
_BETWEEN_LOOKS = 600.0  # for topics that there are no more


class HubRun:
    """Several processes may run one hub. `on_changed` is called, in our thread, when subscriptions are others."""

    def __init__(
        self,
        *,
        hub: Hub,
        verifier: Verifier,
        engine: Callable[[], Engine],
        clock: Clock,
        on_changed: Callable[[], None],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._close = close
        self._hub = hub
        self._verifier = verifier
        self._engine = engine
        self._clock = clock
        self._on_changed = on_changed
        self._pace = HostPace()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="verify")
        self._ended: SimpleQueue[str] = SimpleQueue()
        self._under_way = 0
        self._token = make_token()
        self._mark: object = None
        self._look_at = 0.0  # on the monotonic clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> None:
        """Work in a thread of its own until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End. What was not verified is so after the next start."""
        self._stopping.set()
        self._hub.news.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._close()

    def _run(self) -> None:
        try:
            with writing(self._engine()) as connection:
                hub_requests.release_abandoned(connection)
        except EnvironmentFault as error:
            log_event(_log, "hub.failed", logging.ERROR, error=error)
        while not self._stopping.is_set():
            try:
                wait = self.turn()
            # The edge of the loop: a database that fails now must not end the hub for good.
            except Exception as error:  # noqa: BLE001
                reason = str(error) if isinstance(error, EnvironmentFault) else type(error).__name__
                log_event(_log, "hub.failed", logging.ERROR, error=reason)
                wait = _AFTER_FAULT
            self._hub.news.wait(wait)
            self._hub.news.clear()

    def turn(self) -> float:
        """Do what there is to do now; return in how many seconds to look again, unless there is news before."""
        self._collect()
        self._end_what_is_over()
        while self._under_way < _THREADS and self._begin():
            pass
        self._notice_changes()
        with reading(self._engine()) as connection:
            busy = self._pace.busy_hosts(time.monotonic())
            moments = (hub_requests.next_due(connection, busy), hub_subscriptions.next_end(connection))
        return self._until(min((moment for moment in moments if moment is not None), default=None))

    def _until(self, moment: datetime | None) -> float:
        if moment is None:
            return _LONGEST_WAIT
        # Who ends tells us.
        least = _LONGEST_WAIT if self._under_way >= _THREADS or self._pace.is_full(time.monotonic()) else 0.01
        return min(max((moment - self._clock()).total_seconds(), least), _LONGEST_WAIT)

    def _collect(self) -> None:
        while True:
            try:
                host = self._ended.get_nowait()
            except Empty:
                return
            self._under_way -= 1
            self._pace.end(host, time.monotonic())

    def _end_what_is_over(self) -> None:
        now = self._clock()
        with reading(self._engine()) as connection:
            first = hub_subscriptions.next_end(connection)
        looks = time.monotonic() >= self._look_at
        if not looks and (first is None or first > now):
            return
        with writing(self._engine()) as connection:
            expired = hub_subscriptions.end_expired(connection, now)
            missing = self._hub.end_missing(connection) if looks else 0
        if looks:
            self._look_at = time.monotonic() + _BETWEEN_LOOKS
        if expired or missing:
            log_event(_log, "hub.ended", expired=expired or None, without_feed=missing or None)

    def _begin(self) -> bool:
        """Begin to verify what is due at hosts that may be asked now; return whether there may be more."""
        now, ticks = self._clock(), time.monotonic()
        if self._pace.is_full(ticks):
            return False
        busy = self._pace.busy_hosts(ticks)
        with writing(self._engine()) as connection:
            claimed = hub_requests.claim(connection, self._token, now, now + _CLAIM, _THREADS - self._under_way, busy)
        later: list[int] = []
        for request in claimed:
            if not self._pace.may_begin(request.callback_host, ticks):
                later.append(request.id)
                continue
            self._pace.begin(request.callback_host, ticks)
            self._under_way += 1
            self._pool.submit(self._verify, request)
        if later:
            with writing(self._engine()) as connection:
                for id_ in later:
                    hub_requests.put_off(connection, id_, now, tried=False)
        return bool(claimed)

    def _verify(self, request: HubRequest) -> None:
        try:
            self._verifier.verify(request)
        # The edge of a thread of the pool: the request is tried again when its claim ends.
        except Exception as error:  # noqa: BLE001
            reason = str(error) if isinstance(error, EnvironmentFault) else type(error).__name__
            log_event(_log, "hub.verify-failed", logging.ERROR, host=request.callback_host, error=reason)
        finally:
            self._ended.put(request.callback_host)
            self._hub.news.set()

    def _notice_changes(self) -> None:
        with reading(self._engine()) as connection:
            mark = hub_subscriptions.mark(connection)
        if mark != self._mark:
            self._on_changed()
            self._mark = mark
