"""What to do after an attempt: how long to wait, and when to give up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.http_times import read_retry_after
from notifier.model import DeliveryState, Outcome, Verdict

_DELIVERED = Verdict(state=DeliveryState.DELIVERED)  # one for all: there are thousands a second


def default_schedule() -> tuple[timedelta, ...]:
    """The waits between attempts that Standard Webhooks recommends: ten attempts over three days."""
    hour = 3600
    seconds = (5, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour)
    return tuple(timedelta(seconds=wait) for wait in seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`jitter` is the share by which a wait may be longer."""

    schedule: tuple[timedelta, ...] = default_schedule()
    jitter: float = 0.1


def judge(outcome: Outcome, *, attempt: int, now: datetime, chance: float, policy: RetryPolicy) -> Verdict:
    """Decide what happens after attempt number `attempt` (from 1), given a random number from 0 to 1.

    What Retry-After asks for counts from the step of the schedule to twice the step.
    """
    if outcome.succeeded:
        return _DELIVERED
    if outcome.gone:
        reason = f"it wants no more messages: {outcome.summary}"
        return Verdict(state=DeliveryState.EXHAUSTED, disable_reason=reason)
    if attempt > len(policy.schedule):
        return Verdict(state=DeliveryState.EXHAUSTED)
    step = policy.schedule[attempt - 1]
    wait = step * (1 + policy.jitter * chance)
    asked = read_retry_after(outcome.retry_after, now)
    if asked is not None:
        wait = max(wait, min(asked, 2 * step))
    return Verdict(state=DeliveryState.PENDING, due_at=now + wait)
