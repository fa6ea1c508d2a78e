"""What hubs sent and nobody has read yet: read in a thread of its own, so that the hub has its answer at once."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from queue import SimpleQueue

from core.exchange import Fetched
from core.log import log_event

logger = logging.getLogger(__name__)

_MOST_BYTES = 64_000_000
_PATIENCE = 10.0  # seconds

Push = Callable[[str, Fetched, datetime], None]
_Job = tuple[str, Fetched, datetime]


class Pushes:
    """Gives what hubs sent to `push`, one after the other. What is lost here is polled: the leases say so."""

    def __init__(self, push: Push, *, most_bytes: int = _MOST_BYTES) -> None:
        self._push = push
        self._most_bytes = most_bytes
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._waiting = 0  # bytes
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, name: str, fetched: Fetched, received_at: datetime) -> bool:
        """Let the feed of a source be read soon; False if there is too much to read already."""
        with self._lock:
            if self._waiting + len(fetched.body) > self._most_bytes:
                return False
            self._waiting += len(fetched.body)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="pushes", daemon=True)
                self._thread.start()
        self._jobs.put((name, fetched, received_at))
        return True

    def stop(self) -> None:
        """Read nothing more after what is being read now."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._jobs.put(None)
            thread.join(_PATIENCE)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            name, fetched, received_at = job
            try:
                self._push(name, fetched, received_at)
            # The edge of the loop: what one hub sends must not keep the others from being heard.
            except Exception as error:
                log_event(logger, "push-failed", logging.ERROR, source=name, error=type(error).__name__)
                logger.debug("push-failed", exc_info=True)
            with self._lock:
                self._waiting -= len(fetched.body)
