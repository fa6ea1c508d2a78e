"""How an endpoint's health follows from what came of its attempts: pauses, and when to give it up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.http_times import read_retry_after
from notifier.limits import Breaker
from notifier.model import Health, Outcome

# An answer may ask for rest; what it may ask for has an end.
_LONGEST_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """An endpoint that has failed without a success for `disable_after` is disabled."""

    breaker: Breaker = field(default_factory=Breaker)
    disable_after: timedelta = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """How an endpoint is after some attempts; `disable_reason` if nothing more is to be sent to it."""

    health: Health
    disable_reason: str | None = None


def diagnose(
    health: Health, outcomes: Sequence[Outcome], *, now: datetime, chance: float, policy: HealthPolicy
) -> Diagnosis:
    """Return how an endpoint is after these outcomes, in their order, given a random number from 0 to 1."""
    for outcome in outcomes:
        health = _after(health, outcome, now, chance, policy)
    since = health.failing_since
    if since is None or now - since < policy.disable_after:
        return Diagnosis(health=health)
    reason = f"it has failed for {_long(now - since)} without a success: {health.last_failure}"
    return Diagnosis(health=health, disable_reason=reason)


def _after(health: Health, outcome: Outcome, now: datetime, chance: float, policy: HealthPolicy) -> Health:
    if outcome.succeeded:
        return Health()
    failures = health.failures + 1
    pauses = [policy.breaker.pause(failures, chance), _asked_rest(outcome, now)]
    ends = [now + pause for pause in pauses if pause is not None]
    if health.paused_until is not None:
        ends.append(health.paused_until)
    return Health(
        failures=failures,
        failing_since=health.failing_since or now,
        paused_until=max(ends, default=None),
        last_failure=outcome.summary,
    )


def _asked_rest(outcome: Outcome, now: datetime) -> timedelta | None:
    """Return how long a service that is asked too much wants to be left alone, for all of its messages."""
    if outcome.status not in (429, 503) and not outcome.rejected:
        return None
    asked = read_retry_after(outcome.retry_after, now)
    return None if asked is None else min(asked, _LONGEST_REST)


def _long(time: timedelta) -> str:
    for unit, seconds in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if time.total_seconds() >= seconds:
            return f"{time.total_seconds() / seconds:.1f} {unit}"
    return f"{time.total_seconds():.0f} seconds"
