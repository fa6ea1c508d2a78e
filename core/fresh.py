"""A value that is read when somebody asks: by one thread at a time, kept for a moment, and waited for only so long."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from core.log import log_event

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Fresh(Generic[T]):
    """Keeps what `read` returned for `keep` seconds; who asks waits at most `patience` seconds for it.

    Many who ask cost one reading, and a reading that hangs holds up nobody and is not begun a second time. `read`
    returns None for what cannot be read.
    """

    def __init__(self, read: Callable[[], T | None], *, keep: float, patience: float) -> None:
        self._read = read
        self._keep = keep
        self._patience = patience
        self._condition = threading.Condition()
        self._value: T | None = None
        self._read_at = self._given_up_at = -float("inf")  # on the monotonic clock
        self._reading = False

    def get(self) -> T | None:
        """Return the value as it was a moment ago; None if it could not be read, or not in time."""
        with self._condition:
            now = time.monotonic()
            if self._reading and now - self._given_up_at < self._keep:
                return None
            if not self._reading and now - self._read_at >= self._keep:
                self._reading = True
                threading.Thread(target=self._run, name="reading", daemon=True).start()
            if not self._condition.wait_for(lambda: not self._reading, self._patience):
                self._given_up_at = time.monotonic()
                return None
            return self._value

    def _run(self) -> None:
        value = None
        try:
            value = self._read()
        # The edge of a thread: who asks is told that there is no value, and the next one asks anew.
        except Exception as error:  # noqa: BLE001
            log_event(_log, "reading.failed", logging.ERROR, error=f"{type(error).__name__}: {error}")
        finally:
            with self._condition:
                self._value = value
                self._read_at = time.monotonic()
                self._reading = False
                self._condition.notify_all()
