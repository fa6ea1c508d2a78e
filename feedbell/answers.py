"""What became of an event at one endpoint: one code of a closed list, and a plain sentence. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifier.limits import Rate
from notifier.model import DeliveryState, EndpointState
from notifier.routing import QUIET_HOURS
from notifier.spacing import REPLACED
from notifier.trace import DeliveryFacts, EventFacts

Shown = Callable[[datetime], str]  # writes a time for a person


class Code(StrEnum):
    """Why an endpoint was told, was not, or is not yet. docs/why.md says what each means."""

    SENT = "sent"
    SENDING = "sending"
    WAITING = "waiting"
    DIGEST = "digest"
    QUIET_HOURS = "quiet-hours"
    DISABLED = "disabled"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    CHANGED = "changed"
    UNRELEASED = "unreleased"
    BASELINE = "baseline"
    SETTINGS = "settings"
    FLOOD = "flood"
    FORGOTTEN = "forgotten"
    NO_SUBSCRIPTION = "no-subscription"
    NO_ENDPOINT = "no-endpoint"
    QUARANTINED = "quarantined"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. What does not belong to its code is None or empty."""

    code: Code
    sentence: str
    endpoint: str | None = None
    subscription: str | None = None
    event: str | None = None
    occurred_at: datetime | None = None
    message_id: str | None = None
    delivery: int | None = None
    attempts: int | None = None  # made so far
    at: datetime | None = None  # when it was sent, given up, cancelled, or since when it is so
    until: datetime | None = None
    reason: str | None = None  # a subscription's, or the last answer's
    wanted: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """An endpoint as far as it explains what it was told."""

    name: str
    configured: bool = True
    subscribed: bool = True
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    opens_at: datetime | None = None  # when it gets messages again, if not now
    closed_for: str = ""  # why not now

    @classmethod
    def of(
        cls,
        name: str,
        state: EndpointState | None,
        *,
        configured: bool,
        subscribed: bool,
        rate: Rate | None = None,
        now: datetime,
    ) -> "EndpointFacts":
        """Return the facts of an endpoint that may have no state yet, as it stands now."""
        opens_at, why = _closed(state, rate, now) if state is not None else (None, "")
        return cls(
            name=name,
            configured=configured,
            subscribed=subscribed,
            disabled_at=state.disabled_at if state else None,
            disabled_reason=state.disabled_reason if state else None,
            opens_at=opens_at,
            closed_for=why,
        )


def _closed(state: EndpointState, rate: Rate | None, now: datetime) -> tuple[datetime | None, str]:
    paused_until = state.health.paused_until
    if paused_until is not None and paused_until > now:
        failed = f"the endpoint failed {state.health.failures} times in a row and is left alone"
        return paused_until, f"{failed}; the last answer was {state.health.last_failure}"
    token_at = state.bucket(rate, now).next_token(rate) if rate is not None else now
    return (token_at, "its limit is reached") if token_at > now else (None, "")


def of_delivery(
    delivery: DeliveryFacts,
    event: EventFacts,
    endpoint: EndpointFacts,
    *,
    subscription: str | None,
    now: datetime,
    shown: Shown,
) -> Answer:
    """Return what became of a delivery."""
    code = _code(delivery, endpoint)
    waits = code in (Code.WAITING, Code.QUIET_HOURS) or (code == Code.DIGEST and delivery.digest_id is None)
    return Answer(
        code=code,
        sentence=_sentence(code, delivery, event, endpoint, now, shown),
        endpoint=delivery.endpoint,
        subscription=subscription,
        event=event.type,
        occurred_at=event.occurred_at,
        message_id=event.message_id,
        delivery=delivery.id,
        attempts=delivery.attempts,
        at=endpoint.disabled_at if code == Code.DISABLED else delivery.finished_at,
        until=delivery.due_at if waits else None,
        reason=endpoint.disabled_reason if code == Code.DISABLED else last_answer(delivery),
    )


def _code(delivery: DeliveryFacts, endpoint: EndpointFacts) -> Code:
    if delivery.digest_id is not None:
        return Code.DIGEST
    match delivery.state:
        case DeliveryState.DELIVERED:
            return Code.SENT
        case DeliveryState.EXHAUSTED:
            return Code.FAILED
        case DeliveryState.CANCELLED:
            return Code.DUPLICATE if delivery.last_reason == REPLACED else Code.CANCELLED
        case DeliveryState.SENDING:
            return Code.SENDING
    if not endpoint.configured:
        return Code.NO_ENDPOINT
    if endpoint.disabled_at is not None:
        return Code.DISABLED
    if delivery.waits_for is None:
        return Code.WAITING
    return Code.QUIET_HOURS if delivery.waits_for == QUIET_HOURS else Code.DIGEST


def _sentence(
    code: Code, delivery: DeliveryFacts, event: EventFacts, endpoint: EndpointFacts, now: datetime, shown: Shown
) -> str:
    ended = f" at {shown(delivery.finished_at)}" if delivery.finished_at else ""
    match code:
        case Code.SENT:
            return f"sent{ended} at attempt {delivery.attempts}, as message {event.message_id}"
        case Code.SENDING:
            return f"is being sent, attempt {delivery.attempts + 1}"
        case Code.FAILED:
            said = last_answer(delivery) or "none"
            again = f"to send it again: feedbell deliveries replay {delivery.id}"
            return f"given up{ended} after {delivery.attempts} attempts; the last answer was {said}; {again}"
        case Code.CANCELLED:
            return f"cancelled{ended}"
        case Code.DUPLICATE:
            return f"not sent: {delivery.last_reason}{ended}"
        case Code.NO_ENDPOINT:
            return "waits: its endpoint is no longer in feedbell.toml"
        case Code.DISABLED:
            since = shown(endpoint.disabled_at) if endpoint.disabled_at else "an unknown time"
            go_on = f"to go on: feedbell endpoints enable {endpoint.name}"
            return f"waits: the endpoint is disabled since {since}: {endpoint.disabled_reason}; {go_on}"
        case Code.QUIET_HOURS:
            return f"waits until {shown(delivery.due_at)}: quiet hours"
        case Code.DIGEST:
            return _digest(delivery, shown)
    return _waiting(delivery, endpoint, now, shown)


def _digest(delivery: DeliveryFacts, shown: Shown) -> str:
    if delivery.digest_id is None:
        return f"waits for the next digest, due {shown(delivery.due_at)}"
    digest, name = delivery.digest, f"digest delivery {delivery.digest_id}"
    if digest is None:
        return f"went into {name}, which is forgotten since"
    match digest.state:
        case DeliveryState.DELIVERED:
            return f"went out in {name}" + (f" at {shown(digest.finished_at)}" if digest.finished_at else "")
        case DeliveryState.EXHAUSTED:
            return f"is in {name}, which was given up; the last answer was {last_answer(digest) or 'none'}"
        case DeliveryState.CANCELLED:
            return f"is in {name}, which was cancelled"
    return f"waits in {name}, due {shown(digest.due_at)}"


def _waiting(delivery: DeliveryFacts, endpoint: EndpointFacts, now: datetime, shown: Shown) -> str:
    number = delivery.attempts + 1
    failed = f"; the last answer was {last_answer(delivery)}" if delivery.attempts else ""
    opens_at = endpoint.opens_at
    if opens_at is not None and delivery.due_at <= opens_at:
        return f"waits until {shown(opens_at)} for attempt {number}: {endpoint.closed_for}{failed}"
    if delivery.due_at <= now:
        return f"is due for attempt {number}: `feedbell run` or `feedbell once` sends it{failed}"
    return f"waits until {shown(delivery.due_at)} for attempt {number}{failed}"


def last_answer(delivery: DeliveryFacts) -> str | None:
    """Return what the endpoint said last, or why it said nothing."""
    return delivery.last_reason or (f"HTTP {delivery.last_status}" if delivery.last_status is not None else None)
