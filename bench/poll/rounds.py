"""What one round took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All feeds polled once; `entries` is how many the program knows afterwards."""

    feeds: int
    wall: float  # seconds
    cpu: float  # seconds
    peak: float  # MB (10**6 bytes)
    entries: int

    @property
    def rate(self) -> float:
        """Feeds a second."""
        return self.feeds / self.wall

    @property
    def each(self) -> float:
        """CPU microseconds a feed."""
        return self.cpu / self.feeds * 1e6
