"""Paths that changed, kept until they stood still for the settle time."""

from collections.abc import Iterable


class Settling:
    """When each changed path may be read. Times are seconds of any one clock; not safe for several threads at once."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, str], float] = {}

    def note(self, source: str, path: str, ready: float) -> None:
        """A path of a source changed and may be read from `ready` on; a later change puts it off."""
        self._ready[source, path] = max(ready, self._ready.get((source, path), ready))

    def next_ready(self) -> float | None:
        """Return when the next path may be read."""
        return min(self._ready.values(), default=None)

    def take_ready(self, now: float) -> dict[str, set[str]]:
        """Return, and forget, the paths that may be read now, by source."""
        taken: dict[str, set[str]] = {}
        for source, path in self._keys_ready(now):
            del self._ready[source, path]
            taken.setdefault(source, set()).add(path)
        return taken

    def _keys_ready(self, now: float) -> Iterable[tuple[str, str]]:
        return [key for key, ready in self._ready.items() if ready <= now]
