"""The notifier's tables: the outbox of events, the deliveries that are the queue, and what came of them."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from core.db import NAMING, Id, UtcTime

metadata = MetaData(naming_convention=NAMING)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("occurred_at", UtcTime, nullable=False),
    Column("released_at", UtcTime),
    Column("facts", Text, nullable=False),  # JSON: {"values": {kind: [value]}, "text": text}
    Column("payload", Text),  # JSON, the whole body; null where nobody gets the event
    Column("payload_with_content", Text),
    sqlite_autoincrement=True,
)
Index("ix_events_unreleased", events.c.released_at, events.c.id, sqlite_where=events.c.released_at.is_(None))
Index("ix_events_subject", events.c.subject, events.c.type)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id"), nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("claim_token", Text),
    Column("last_status", Integer),
    Column("last_reason", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("digest", Text),  # all that wait under the same text go out together
    Column("digest_id", Id),  # the delivery that carries it
    UniqueConstraint("event_id", "endpoint"),
    sqlite_autoincrement=True,
)
# Claiming seeks the due rows of one endpoint, and its few rows under way.
Index("ix_deliveries_queue", deliveries.c.endpoint, deliveries.c.state, deliveries.c.due_at)

# What waits for a digest is little, and is asked for at every claim.
Index(
    "ix_deliveries_digest",
    deliveries.c.endpoint,
    deliveries.c.due_at,
    sqlite_where=and_(deliveries.c.digest.is_not(None), deliveries.c.state == "pending"),
    postgresql_where=and_(deliveries.c.digest.is_not(None), deliveries.c.state == "pending"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),  # starts again when a delivery is replayed
    Column("started_at", UtcTime, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("excerpt", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_attempts_delivery", attempts.c.delivery_id)

endpoints = Table(
    "endpoints",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("disabled_at", UtcTime),
    Column("disabled_reason", Text),
    Column("failures", Integer, nullable=False, server_default="0"),  # since the last success
    Column("failing_since", UtcTime),
    Column("paused_until", UtcTime),
    Column("last_failure", Text),
    Column("tokens", Float),
    Column("tokens_at", UtcTime),
)

# Who gets a topic's content when it changes, until the lease ends (W3C WebSub). Each is an endpoint `websub:ID`.
hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("topic", Text, nullable=False),  # the feed's own address
    Column("topic_asked", Text, nullable=False),  # the same, as the subscriber writes it
    Column("callback", Text, nullable=False),
    Column("callback_host", Text, nullable=False),
    Column("secret", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),  # by which others notice
    Column("lease_until", UtcTime, nullable=False),
    UniqueConstraint("topic", "callback"),
    sqlite_autoincrement=True,
)
Index("ix_hub_subscriptions_host", hub_subscriptions.c.callback_host)
Index("ix_hub_subscriptions_lease", hub_subscriptions.c.lease_until)
Index("ix_hub_subscriptions_changed", hub_subscriptions.c.changed_at)

# Requests to a hub that await the verification of their intent.
hub_requests = Table(
    "hub_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mode", Text, nullable=False),  # subscribe, unsubscribe, denied
    Column("topic", Text, nullable=False),
    Column("topic_asked", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("callback_host", Text, nullable=False),
    Column("secret", Text),
    Column("lease_seconds", Integer),
    Column("reason", Text),  # of a denial
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("claimed_until", UtcTime),
    Column("claimed_by", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("topic", "callback"),
    sqlite_autoincrement=True,
)
Index("ix_hub_requests_due", hub_requests.c.due_at)
Index("ix_hub_requests_host", hub_requests.c.callback_host)
