"""The types of the notifying side. It knows facts about an event, and nothing of what they mean. Times are in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What subscriptions are matched against: values by kind (`source`, `category`, ...), and text for words."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact told to others. `payload` is the whole JSON body; it may come as late as the event's release."""

    message_id: str
    type: str  # such as `post.published`
    subject: str  # what the event is about, in the shell's own key
    occurred_at: datetime
    facts: Facts
    id: int | None = None  # the outbox gives it
    payload: str | None = None
    payload_with_content: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What goes out for one event, and to whom."""

    event_id: int
    payload: str
    payload_with_content: str | None
    endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events go. The URL and the secrets are secret."""

    name: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)  # `whsec_...`, the current one first
    content: bool = False  # whether it wants the full content
    channel: str = "webhook"
    timeout: float | None = None  # seconds for one attempt as a whole; None for the client's own

    @property
    def fingerprint(self) -> str:
        """A digest of the address, so that a change is noticed without storing the address."""
        return sha256(self.url.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Which events go to an endpoint. Within a list any value matches, every list must match, None matches all."""

    endpoint: str
    sources: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    selections: tuple[str, ...] | None = None
    words: tuple[str, ...] | None = None
    events: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that we may send until its lease ends."""

    delivery_id: int
    endpoint: str
    token: str
    attempt: int  # the number of the attempt to make, from 1
    message_id: str
    event_type: str
    payload: str
    payload_with_content: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the network said. `error` is None exactly if there is a status."""

    status: int | None
    error: str | None = None  # short and stable, such as `timeout`
    reason: str = ""  # a sentence for a person
    retry_after: str | None = None  # the header as it came
    excerpt: bytes = b""
    latency_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What we do next: DELIVERED, EXHAUSTED, or PENDING until `due_at`; perhaps send nothing more to the endpoint."""

    state: DeliveryState
    due_at: datetime | None = None
    disable_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try."""

    number: int
    started_at: datetime
    latency_ms: int
    status: int | None
    error: str | None  # None if delivered
    excerpt: str  # at most 2 kB of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint, as it stands."""

    id: int
    message_id: str
    event_type: str
    subject: str
    endpoint: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    last_status: int | None
    last_reason: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """What we remember of an endpoint."""

    name: str
    disabled_at: datetime | None
    disabled_reason: str | None
