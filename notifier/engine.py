"""The seam between who makes deliveries and who sends them: one machine by itself, or many with a queue of jobs."""

from collections.abc import Iterable
from typing import Protocol

from notifier.model import Endpoint
from notifier.worker import Tally


class Engine(Protocol):
    """Who sends. What is to be sent stands in the deliveries table; an engine sees to it that somebody does."""

    def start(self) -> None:
        """Send from now on, in threads of its own, until `stop`."""

    def wake(self) -> None:
        """Look for work now: deliveries were made or replayed. May be called from any thread."""

    def configure(self, endpoints: Iterable[Endpoint]) -> None:
        """Serve these endpoints from now on. May be called from any thread."""

    def run_until_idle(self, seconds: float) -> Tally:
        """Send what is due now, claim nothing more after `seconds`, and return when nothing is under way."""

    def stop(self, seconds: float = 25.0) -> None:
        """Claim nothing more, settle what ends within `seconds`, and end. The rest is sent later, or by others."""
