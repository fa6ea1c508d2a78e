"""The seam to the ways in which a delivery can be sent."""

from datetime import datetime
from typing import Protocol

from notifier.model import Claimed, Endpoint, Outcome


class Channel(Protocol):
    """One way to send. What the network does is in the outcome; an exception is a bug or a wrong configuration."""

    def send(self, claimed: Claimed, endpoint: Endpoint, at: datetime) -> Outcome:
        """Send one delivery now; called from many threads at once."""
