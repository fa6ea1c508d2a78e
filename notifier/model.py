"""The types of the notifying side. It knows facts about an event, and nothing of what they mean. Times are in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from notifier.limits import UTC_ZONE, Bucket, QuietHours, Rate


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    DIGESTED = "digested"  # told within another delivery


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
class Target:
    """An endpoint that gets an event: from `due_at` on, and in a digest if it names one."""

    endpoint: str
    due_at: datetime
    digest: str | None = None  # all that wait under the same text go out together
    digest_count: int | None = None  # so many waiting do not wait longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What goes out for one event, and to whom."""

    event_id: int
    payload: str
    payload_with_content: str | None
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events go. The URL and the secrets are secret."""

    name: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)  # the current one first
    content: bool = False  # whether it wants the full content
    channel: str = "webhook"
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # what the channel asks for beside these
    template: str | None = None  # Jinja2, for a message about one thing
    digest_template: str | None = None
    timeout: float | None = None  # seconds for one attempt as a whole; None for the client's own
    concurrency: int = 2  # requests under way at once
    rate: Rate | None = None  # None for what the channel takes
    overflow: bool = True  # whether what is beyond the rate goes out as a digest; else it waits its turn
    quiet_hours: QuietHours | None = None
    zone: ZoneInfo = UTC_ZONE

    @property
    def fingerprint(self) -> str:
        """A digest of the address, so that a change is noticed without storing the address."""
        parts = (self.url, *sorted(self.options.items())) if self.options else (self.url,)
        return sha256(repr(parts).encode() if self.options else self.url.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a message is about, for channels that write for people. Texts are plain, not HTML; URLs are absolute."""

    kind: str  # `published`, `updated`, `withdrawn`, `disabled`, `test`: the last word of the event's type
    title: str
    url: str
    summary: str = ""
    published: datetime | None = None  # in UTC
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # as people read them
    tags: tuple[str, ...] = ()
    image: str | None = None
    source: str = ""
    language: str | None = None
    id: str = ""  # the same for each state of the same thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A document as it is at the moment."""

    body: bytes = field(repr=False)
    media_type: str  # with its charset, as in the header


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one delivery says. A digest has several items, in the order of their events."""

    id: str  # the same at every attempt
    type: str
    payload: str = field(repr=False)  # the whole JSON body of a webhook
    items: tuple[Item, ...] = field(default=(), repr=False)
    digest: bool = False
    title: str = ""  # of the site
    site_url: str = ""
    content: Content | None = None  # of a channel that sends a document as it is now


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """How many deliveries of an endpoint are wanted."""

    endpoint: Endpoint
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that we may send until its lease ends."""

    delivery_id: int
    endpoint: str
    token: str
    lease_until: datetime
    attempt: int  # the number of the attempt to make, from 1
    message_id: str
    event_type: str
    payload: str = field(repr=False)  # as the endpoint wants it: with the content or without


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the network and the service said."""

    status: int | None  # None if there was no answer
    error: str | None = None  # short and stable, such as `timeout`; of an answer only if it is `rejected`
    reason: str = ""  # a sentence for a person
    retry_after: str | None = None  # seconds or a date, as in the header
    excerpt: bytes = b""
    latency_ms: int = 0
    rejected: bool = False  # whether the service did not take it, whatever the status says
    gone: bool = False  # whether the service wants no more messages

    @property
    def succeeded(self) -> bool:
        """Whether the message was taken."""
        return self.status is not None and 200 <= self.status < 300 and not self.rejected

    @property
    def summary(self) -> str:
        """What went wrong, for people."""
        if self.status is not None and not self.reason:
            return f"HTTP {self.status}"
        return f"{self.error}: {self.reason}" if self.reason and self.error else self.reason or str(self.error)


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
    digest: str | None = None  # under which text it waits, or waited, to go out with others
    digest_id: int | None = None  # the delivery that carries it, if it is `digested`


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How an endpoint does: failures since the last success, and until when it is left alone."""

    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    last_failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """What we remember of an endpoint."""

    name: str
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    health: Health = Health()
    tokens: float | None = None
    tokens_at: datetime | None = None

    def bucket(self, rate: Rate, now: datetime) -> Bucket:
        """Return the endpoint's bucket as it stands at a time; one that nobody has used yet is full."""
        if self.tokens is None or self.tokens_at is None:
            return Bucket(tokens=float(rate.capacity), at=now)
        return Bucket(tokens=self.tokens, at=self.tokens_at).at_time(now, rate)
