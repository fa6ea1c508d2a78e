"""How large each measurement is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every row sends `events` to each of the endpoints; all rows are measured in each round."""

    endpoints: int = 200
    events: int = 100
    peer_events: int = 30
    rounds: int = 3
    in_flight: int = 1000
    hung_share: float = 0.1
    tls_events: int = 50
    backlog_endpoints: int = 1000
    backlog_events: int = 1000
    backlog_wait: float = 1.0  # seconds until the receiver answers
    backlog_seconds: float = 20.0  # how long is sent

    @property
    def deliveries(self) -> int:
        """How many deliveries a row makes."""
        return self.endpoints * self.events

    @property
    def backlog(self) -> int:
        """How many deliveries wait."""
        return self.backlog_endpoints * self.backlog_events


# Of everything a little: whether it works, not how fast it is.
QUICK = Plan(
    endpoints=40,
    events=25,
    peer_events=10,
    rounds=1,
    tls_events=10,
    backlog_endpoints=100,
    backlog_events=50,
    backlog_wait=0.2,
    backlog_seconds=2.0,
)
