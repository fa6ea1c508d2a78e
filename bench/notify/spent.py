"""What a number of deliveries took."""

import os
import resource
import time
from dataclasses import dataclass

from bench.children import peak_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """`cpu` is user and system time of the sender and its children, `server_cpu` that of its database or broker."""

    deliveries: int
    wall: float  # seconds
    cpu: float  # seconds
    peak: float  # MB (10**6 bytes)
    server_cpu: float | None = None  # seconds

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.wall

    @property
    def each(self) -> float:
        """CPU microseconds a delivery."""
        return self.cpu / self.deliveries * 1e6

    @property
    def server_each(self) -> float | None:
        """CPU microseconds a delivery of the database or broker."""
        return None if self.server_cpu is None else self.server_cpu / self.deliveries * 1e6


class Meter:
    """Measures this program from now on."""

    def __init__(self) -> None:
        self._cpu, self._started = _cpu(), time.perf_counter()

    def spent(self, deliveries: int) -> Spent:
        """Return what so many deliveries took; the peak counts from the program's start."""
        wall, cpu = time.perf_counter() - self._started, _cpu() - self._cpu
        return Spent(deliveries=deliveries, wall=wall, cpu=cpu, peak=peak_of(os.getpid()) or 0.0)


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
