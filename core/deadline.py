"""Total deadlines for network exchanges: a watchdog cuts the connection, however busy the other side keeps it."""

import contextlib
import heapq
import itertools
import socket
import threading
import time
from collections.abc import Iterator


class Guard:
    """One exchange with its deadline. `expired` tells whether the deadline cut it, `reused` whether its connection
    was used before."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds
        self.expired = False
        self.reused = False
        self._finished = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(self.at - time.monotonic(), 0.0)

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection too at the deadline. It may be wrapped in TLS later on."""
        # A duplicate stays valid whatever TLS, urllib3 or requests do with the socket that we were given.
        duplicate = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            self._sockets.append(duplicate)
            if self.expired:
                _cut(duplicate)

    def release(self) -> None:
        """Watch none of the connections so far any more: others may use them now."""
        with self._lock:
            self._close_all()

    def expire(self) -> None:
        """Cut every watched connection, unless the exchange is over."""
        with self._lock:
            if not self._finished:
                self.expired = True
                for connection in self._sockets:
                    _cut(connection)

    def finish(self) -> None:
        """The exchange is over: nothing will be cut any more."""
        with self._lock:
            self._finished = True
            self._close_all()

    @property
    def finished(self) -> bool:
        """Whether the exchange is over."""
        return self._finished

    def _close_all(self) -> None:
        for connection in self._sockets:
            connection.close()
        self._sockets.clear()


class Watchdog:
    """One thread that expires guards when their time has come."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Guard]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._out = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def guard(self, seconds: float) -> Iterator[Guard]:
        """Give a guard that expires after `seconds` unless the block ends before."""
        guard = Guard(seconds)
        with self._changed:
            self._out += 1
            heapq.heappush(self._due, (guard.at, next(self._numbers), guard))
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="http-deadlines", daemon=True)
                self._thread.start()
            if self._due[0][2] is guard:
                self._changed.notify()
        try:
            yield guard
        finally:
            guard.finish()
            with self._changed:
                self._out -= 1
                self._forget_finished()

    def close(self) -> None:
        """Stop the thread and expire every guard that is out."""
        with self._changed:
            self._closed = True
            left, self._due = self._due, []
            self._changed.notify()
        for _, _, guard in left:
            guard.expire()
        if self._thread is not None:
            self._thread.join()

    def _forget_finished(self) -> None:
        # Most exchanges end long before their deadline.
        if len(self._due) > 2 * self._out + 100:
            self._due = [entry for entry in self._due if not entry[2].finished]
            heapq.heapify(self._due)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, guard = heapq.heappop(self._due)
            guard.expire()


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side may be gone already
        connection.shutdown(socket.SHUT_RDWR)
