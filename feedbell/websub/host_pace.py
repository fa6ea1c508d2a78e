"""How fast a hub may ask the hosts of callbacks, which others may name to it. No I/O; for one thread."""

from collections import Counter, deque

_AT_ONCE = 2
_A_MINUTE = 60
_OF_ALL_A_MINUTE = 600
_MINUTE = 60.0


class HostPace:
    """To one host at most two requests at once and sixty a minute, to all together six hundred a minute.

    Times are seconds of any one clock.
    """

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._begun: dict[str, deque[float]] = {}
        self._of_all: deque[float] = deque(maxlen=_OF_ALL_A_MINUTE)

    def may_begin(self, host: str, now: float) -> bool:
        """Tell whether a request may go to a host now."""
        return not self._is_busy(host, now) and not self.is_full(now)

    def busy_hosts(self, now: float) -> list[str]:
        """Return the hosts that no request may go to now."""
        return sorted(host for host in self._begun if self._is_busy(host, now))

    def is_full(self, now: float) -> bool:
        """Tell whether no request may go to anybody now."""
        return _is_used_up(self._of_all, _OF_ALL_A_MINUTE, now)

    def begin(self, host: str, now: float) -> None:
        """Note a request that begins."""
        self._under_way[host] += 1
        self._begun.setdefault(host, deque(maxlen=_A_MINUTE)).append(now)
        self._of_all.append(now)

    def end(self, host: str, now: float) -> None:
        """Note a request that ended, and forget hosts that were left alone for long enough."""
        self._under_way[host] -= 1
        if self._under_way[host] <= 0:
            del self._under_way[host]
        idle = [
            name for name, begun in self._begun.items() if now - begun[-1] > _MINUTE and name not in self._under_way
        ]
        for name in idle:
            del self._begun[name]

    def _is_busy(self, host: str, now: float) -> bool:
        begun = self._begun.get(host)
        return self._under_way[host] >= _AT_ONCE or (begun is not None and _is_used_up(begun, _A_MINUTE, now))


def _is_used_up(begun: deque[float], most: int, now: float) -> bool:
    return len(begun) >= most and now - begun[0] < _MINUTE
