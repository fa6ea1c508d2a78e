"""Whether a loop still moves: it says when it does something, and when it waits for something to do."""

import time
from collections.abc import Callable


class Pulse:
    """May be used from several threads: each change is one assignment."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved_at: float | None = None

    def beat(self) -> None:
        """Say that the work goes on."""
        self._moved_at = self._clock()

    def rest(self) -> None:
        """Say that there is nothing to do for now."""
        self._moved_at = None

    @property
    def silent_for(self) -> float:
        """For how many seconds the work has not gone on; 0 while there is none."""
        moved_at = self._moved_at
        return 0.0 if moved_at is None else self._clock() - moved_at
