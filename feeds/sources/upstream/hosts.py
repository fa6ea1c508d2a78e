"""Turns of requests: few at once to each host and in all, and whoever is slow to answer holds up no other."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar
from urllib.parse import urlsplit

_AT_ONCE_TO_A_HOST = 2

Job = TypeVar("Job")


def host_of(url: str) -> str:
    """Return the host that a URL is asked from, whatever the port; empty if nobody can read it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.lower().rstrip(".")


class Turn(Generic[Job]):
    """A job whose turn it is."""

    __slots__ = ("host", "job", "until")

    def __init__(self, host: str, job: Job, until: float) -> None:
        self.host: str | None = host  # at which it has a place
        self.job = job
        self.until = until  # it has a place until then, in seconds of the clock


class HostTurns(Generic[Job]):
    """Jobs that wait, by host. Threads take them with `next` and say `done` for each.

    Hosts that have something to do and a place free take turns; those that are full are out of line until a place is.
    A turn has one of `at_once` places for `patience` seconds: afterwards its thread is the only one that waits for the
    answer. Once it has `answered` it has a place again, for what is done with answers takes memory and time of ours.
    """

    def __init__(
        self,
        at_once: int = 32,
        *,
        patience: float = 2.0,
        at_once_to_a_host: int = _AT_ONCE_TO_A_HOST,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._at_once = at_once
        self._patience = patience
        self._at_once_to_a_host = at_once_to_a_host
        self._clock = clock
        self._waiting: defaultdict[str, deque[Job]] = defaultdict(deque)
        self._busy: Counter[str] = Counter()
        # Each host exactly once that has a job waiting and a place free.
        self._line: deque[str] = deque()
        self._asking: dict[Turn[Job], None] = {}  # those with a place, in the order in which they began
        self._answered: set[Turn[Job]] = set()
        self._changed = threading.Condition()
        self._moving = 0
        self._closed = False

    def add(self, host: str, job: Job) -> None:
        """Let a job wait for its turn."""
        with self._changed:
            self._waiting[host].append(job)
            if len(self._waiting[host]) == 1:
                self._line_up(host)

    def next(self) -> Turn[Job] | None:
        """Wait for a job whose host has a place, and take it; None once it is closed."""
        with self._changed:
            while not self._closed:
                wait = self._until_place() if self._line else None
                if wait == 0:
                    turn = self._take()
                    if self._line:
                        self._changed.notify()
                    return turn
                self._changed.wait(wait)
            return None

    def answered(self, turn: Turn[Job]) -> None:
        """Say that the answer is there, and that the rest of the turn is work."""
        with self._changed:
            self._asking.pop(turn, None)
            self._answered.add(turn)

    def move(self, turn: Turn[Job], host: str, seconds: float) -> bool:
        """Give back the turn's place at its host and wait for one at another, to which it is redirected.

        Returns whether one was free in time.
        """
        with self._changed:
            if turn.host == host:
                return True
            self._leave(turn)
            self._moving += 1
            self._changed.wait_for(lambda: self._has_place(host) or self._closed, seconds)
            self._moving -= 1
            if self._closed or not self._has_place(host):
                return False
            turn.host = host
            self._busy[host] += 1
            if not self._has_place(host) and host in self._waiting:
                self._line.remove(host)
            return True

    def done(self, turn: Turn[Job]) -> None:
        """Give back the places of a turn."""
        with self._changed:
            self._leave(turn)
            self._asking.pop(turn, None)
            self._answered.discard(turn)
            if self._line:
                self._changed.notify()

    def close(self) -> None:
        """Give out nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self) -> Turn[Job]:
        host = self._line.popleft()
        turn = Turn(host, self._waiting[host].popleft(), self._clock() + self._patience)
        self._busy[host] += 1
        self._asking[turn] = None
        if self._waiting[host]:
            self._line_up(host)
        else:
            del self._waiting[host]
        return turn

    def _until_place(self) -> float | None:
        """Seconds until a place is free, unless one is given back before; None if nothing else can free one."""
        if len(self._asking) + len(self._answered) < self._at_once:
            return 0
        oldest = next(iter(self._asking), None)
        if oldest is None:
            return None
        wait = oldest.until - self._clock()
        if wait > 0:
            return wait
        del self._asking[oldest]
        return self._until_place()

    def _line_up(self, host: str) -> None:
        if self._has_place(host):
            self._line.append(host)
            self._changed.notify()

    def _leave(self, turn: Turn[Job]) -> None:
        host, turn.host = turn.host, None
        if host is None:
            return
        had_place = self._has_place(host)
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]
        if not had_place and host in self._waiting:
            self._line_up(host)
        if self._moving:
            self._changed.notify_all()

    def _has_place(self, host: str) -> bool:
        return self._busy[host] < self._at_once_to_a_host
