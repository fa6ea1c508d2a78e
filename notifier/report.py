"""What is said of each attempt: one line in the log, and numbers for who watches."""

import logging
from typing import Protocol

from core.log import log_event
from notifier.courier import Settlement
from notifier.digest import DIGEST
from notifier.model import DeliveryState


class DeliveryMetrics(Protocol):
    """Where attempts are counted."""

    def count(self, endpoint: str, outcome: str, seconds: float, *, digest: bool) -> None:
        """Count one attempt: `delivered`, `pending` (it is tried again) or `exhausted`, and how long it took."""


class _NoMetrics:
    def count(self, endpoint: str, outcome: str, seconds: float, *, digest: bool) -> None:
        """Count nothing."""


NO_METRICS: DeliveryMetrics = _NoMetrics()


def note_attempt(log: logging.Logger, settlement: Settlement, metrics: DeliveryMetrics) -> None:
    """Log and count one attempt."""
    name, state, outcome = settlement.claimed.endpoint, settlement.verdict.state, settlement.outcome
    metrics.count(name, state, outcome.latency_ms / 1000, digest=settlement.claimed.event_type == DIGEST)
    level = logging.INFO if state is DeliveryState.DELIVERED else logging.WARNING
    if not log.isEnabledFor(level):
        return
    log_event(
        log,
        "attempt",
        level,
        endpoint=name,
        delivery=settlement.claimed.delivery_id,
        attempt=settlement.attempt.number,
        status=outcome.status,
        ms=outcome.latency_ms,
        state=state,
        error=outcome.error,
    )
