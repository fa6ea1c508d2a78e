"""The seam to who polls upstream feeds, with its limits; and nobody, for sites that have none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.exchange import Fetched
from feedbell.poll import Polled

Progress = Callable[[int, int], None]  # feeds polled, feeds to poll


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLimits:
    """How many servers are asked at once, for how many seconds each, and how many items count of what they send."""

    at_once: int
    deadline: float
    max_items: int


def _silent(done: int, total: int) -> None:
    """Show no progress."""


class Poller(Protocol):
    """Polls the upstream feeds of one configuration."""

    def poll_due(self, progress: Progress = _silent) -> list[Polled]:
        """Poll everything that is due now; return what came of it when the last answer is applied."""

    def turn(self, seconds: float) -> list[Polled]:
        """Take what is due, and apply what comes back within some seconds; what is still under way stays so."""

    def push(self, name: str, fetched: Fetched, received_at: datetime) -> None:
        """Apply, at the next turn, a feed that a hub sent, or poll it if that is none; from any thread."""

    def wake(self) -> None:
        """End the turn under way soon."""


class _Nobody:
    def poll_due(self, progress: Progress = _silent) -> list[Polled]:
        """Poll nothing."""
        return []

    def turn(self, seconds: float) -> list[Polled]:
        """Do nothing."""
        return []

    def push(self, name: str, fetched: Fetched, received_at: datetime) -> None:
        """Pass it by."""

    def wake(self) -> None:
        """Do nothing."""


NOBODY: Poller = _Nobody()
