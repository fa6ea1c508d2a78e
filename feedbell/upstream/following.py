"""Follows upstream feeds and their hubs, in threads of their own: what hangs there holds up nobody else."""

import logging
import threading
from collections.abc import Callable

from core.errors import EnvironmentFault
from core.log import log_event
from feedbell.poll import Polled
from feedbell.upstream.building import Upstreams

logger = logging.getLogger(__name__)

_LONGEST_TURN = 60.0
_RETRY = 10.0


class Following:
    """Polls, and where `receives` is true also subscribes, until it is ended. It calls `on_change` from its threads."""

    def __init__(
        self,
        upstreams: Upstreams,
        turn: Callable[[float], list[Polled]],
        on_change: Callable[[], None],
        *,
        receives: bool,
    ) -> None:
        self._upstreams = upstreams
        self._turn = turn
        self._on_change = on_change
        # Hubs must be able to answer.
        self._subscribing = upstreams.subscribing if receives else None
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        if self._upstreams.sources:
            self._start("upstreams", self._poll)
        if self._subscribing is not None:
            self._start("hubs", self._keep_leases)

    def end(self, seconds: float) -> None:
        """End what is under way, within this time."""
        self._ended.set()
        if not self._threads:
            return
        self._upstreams.poller.wake()
        if self._subscribing is not None:
            self._subscribing.subscriber.stop()
        for thread in self._threads:
            thread.join(seconds)

    def _start(self, name: str, follow: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._until_ended, args=[name, follow], name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _until_ended(self, name: str, follow: Callable[[], None]) -> None:
        while not self._ended.is_set():
            try:
                follow()
            except EnvironmentFault as error:
                log_event(logger, f"{name}-failed", logging.ERROR, reason=error)
                self._ended.wait(_RETRY)
            # The edge of the loop: whatever one turn stumbles over, the next one is due.
            except Exception as error:
                log_event(logger, f"{name}-failed", logging.ERROR, error=type(error).__name__)
                logger.debug("%s-failed", name, exc_info=True)
                self._ended.wait(_RETRY)

    def _poll(self) -> None:
        polled = self._turn(_LONGEST_TURN)
        if any(one.changes for one in polled):
            self._on_change()
        if polled and self._subscribing is not None:
            # A feed may name a hub that it did not name before.
            self._subscribing.subscriber.wake()

    def _keep_leases(self) -> None:
        if self._subscribing is not None:
            self._subscribing.subscriber.turn()
            if not self._ended.is_set():
                self._subscribing.subscriber.wait()
