"""Paths that changed, kept until they stood still for the settle time."""

from collections.abc import Iterable

_LONGEST_GATHERING = 10  # times as long as asked for


class Settling:
    """When each changed path may be read. Times are seconds of any one clock; not safe for several threads at once."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, str], float] = {}
        self._gathering: dict[str, tuple[float, float]] = {}

    def note(self, source: str, path: str, ready: float) -> None:
        """A path of a source changed and may be read from `ready` on; a later change puts it off."""
        self._ready[source, path] = max(ready, self._ready.get((source, path), ready))

    def gather(self, source: str, now: float, seconds: float) -> float:
        """Let all paths of a source wait for `seconds`, to be read together; return until when.

        Asked for again meanwhile, the wait goes on, but not for ever.
        """
        since, until = self._gathering.get(source, (now, now))
        if until <= now:
            since = now
        until = max(until, min(now + seconds, since + seconds * _LONGEST_GATHERING))
        self._gathering[source] = (since, until)
        return until

    def next_ready(self) -> float | None:
        """Return when the next path may be read."""
        return min(map(self._ready_at, self._ready), default=None)

    def take_ready(self, now: float) -> dict[str, set[str]]:
        """Return, and forget, the paths that may be read now, by source."""
        taken: dict[str, set[str]] = {}
        for source, path in self._keys_ready(now):
            del self._ready[source, path]
            taken.setdefault(source, set()).add(path)
        return taken

    def _keys_ready(self, now: float) -> Iterable[tuple[str, str]]:
        return [key for key in self._ready if self._ready_at(key) <= now]

    def _ready_at(self, key: tuple[str, str]) -> float:
        _, until = self._gathering.get(key[0], (0.0, 0.0))
        return max(self._ready[key], until)
