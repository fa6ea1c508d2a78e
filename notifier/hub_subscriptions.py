"""Who gets a topic's content when it changes, until their lease ends: endpoints that come and go by themselves."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.engine import Connection

from core.db import in_batches, one_of, upsert
from notifier.model import DeliveryState
from notifier.tables import deliveries, endpoints, hub_subscriptions

_PREFIX = "websub:"
_LOCK = 4_273_511_903  # any number will do, as long as it is always the same one
_ENDED = "the subscription ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """A subscription whose intent was verified. The callback is secret: who knows it can pretend to be the hub."""

    id: int = 0  # the store gives it
    topic: str
    topic_asked: str
    callback: str = field(repr=False)
    callback_host: str
    secret: str | None = field(repr=False)
    lease_until: datetime

    @property
    def endpoint(self) -> str:
        """The name of the endpoint."""
        return f"{_PREFIX}{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many subscriptions stand beside the one that is asked for."""

    of_host: int
    of_topic: int


def is_subscriber(name: str) -> bool:
    """Tell whether an endpoint is a subscription."""
    return name.startswith(_PREFIX)


def put(connection: Connection, wanted: HubSubscription, now: datetime) -> None:
    """Let a subscription stand; one with the same topic and callback gets the new lease and secret."""
    statement = upsert(connection, hub_subscriptions).values(
        topic=wanted.topic,
        topic_asked=wanted.topic_asked,
        callback=wanted.callback,
        callback_host=wanted.callback_host,
        secret=wanted.secret,
        created_at=now,
        changed_at=now,
        lease_until=wanted.lease_until,
    )
    renewed = {name: statement.excluded[name] for name in ("topic_asked", "secret", "changed_at", "lease_until")}
    key = [hub_subscriptions.c.topic, hub_subscriptions.c.callback]
    stored = connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=renewed).returning(hub_subscriptions.c.id)
    ).scalar_one()
    _open_endpoint(connection, f"{_PREFIX}{stored}", wanted.callback)


def _open_endpoint(connection: Connection, name: str, callback: str) -> None:
    statement = upsert(connection, endpoints).values(name=name, fingerprint=sha256(callback.encode()).hexdigest())
    # Who asks again is there again.
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[endpoints.c.name],
            set_={"failures": 0, "failing_since": None, "paused_until": None, "disabled_at": None},
        )
    )


def end(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """Let subscriptions stand no more; what waits for them is cancelled, what is under way not waited for."""
    for batch in in_batches(sorted(ids)):
        names = [f"{_PREFIX}{one}" for one in batch]
        connection.execute(
            update(deliveries)
            .where(
                deliveries.c.endpoint.in_(names),
                deliveries.c.state.in_([DeliveryState.PENDING, DeliveryState.SENDING]),
            )
            .values(
                state=DeliveryState.CANCELLED,
                finished_at=now,
                last_reason=_ENDED,
                lease_until=None,
                claim_token=None,
            )
        )
        connection.execute(delete(endpoints).where(endpoints.c.name.in_(names)))
        connection.execute(delete(hub_subscriptions).where(hub_subscriptions.c.id.in_(batch)))


def end_named(connection: Connection, name: str, now: datetime) -> None:
    """End the subscription that is this endpoint."""
    end(connection, [int(name.removeprefix(_PREFIX))], now)


def end_of(connection: Connection, topic: str, callback: str, now: datetime) -> bool:
    """End the subscription of a topic with a callback; return whether there was one."""
    same = (hub_subscriptions.c.topic == topic, hub_subscriptions.c.callback == callback)
    found = connection.scalars(select(hub_subscriptions.c.id).where(*same)).all()
    end(connection, found, now)
    return bool(found)


def end_expired(connection: Connection, now: datetime) -> int:
    """End what was not renewed in time; return how many."""
    expired = connection.scalars(select(hub_subscriptions.c.id).where(hub_subscriptions.c.lease_until <= now)).all()
    end(connection, expired, now)
    return len(expired)


def next_end(connection: Connection) -> datetime | None:
    """Return when the first lease ends."""
    first: datetime | None = connection.scalar(select(func.min(hub_subscriptions.c.lease_until)))
    return first


def followers(connection: Connection, topics: Sequence[str], now: datetime) -> dict[str, list[str]]:
    """Return, by topic, the endpoints that follow it."""
    found: dict[str, list[str]] = {}
    query = select(hub_subscriptions.c.id, hub_subscriptions.c.topic).where(
        one_of(hub_subscriptions.c.topic, "topics"), hub_subscriptions.c.lease_until > now
    )
    for row in connection.execute(query.order_by(hub_subscriptions.c.id), {"topics": topics}):
        found.setdefault(row.topic, []).append(f"{_PREFIX}{row.id}")
    return found


def listing(connection: Connection, now: datetime) -> list[HubSubscription]:
    """Return all that stand."""
    query = select(hub_subscriptions).where(hub_subscriptions.c.lease_until > now).order_by(hub_subscriptions.c.id)
    return [_read(row) for row in connection.execute(query)]


def find(connection: Connection, name: str, now: datetime) -> HubSubscription | None:
    """Return the subscription that is this endpoint, if it stands."""
    number = name.removeprefix(_PREFIX)
    if not is_subscriber(name) or not number.isdecimal():
        return None
    query = select(hub_subscriptions).where(
        hub_subscriptions.c.id == int(number), hub_subscriptions.c.lease_until > now
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def of_missing_topics(connection: Connection, stands: Callable[[str], bool]) -> list[HubSubscription]:
    """Return the subscriptions of topics that do not stand any more."""
    topics = connection.scalars(select(hub_subscriptions.c.topic).distinct()).all()
    missing = [topic for topic in topics if not stands(topic)]
    query = select(hub_subscriptions).where(one_of(hub_subscriptions.c.topic, "topics"))
    return [_read(row) for row in connection.execute(query, {"topics": missing})] if missing else []


def one_at_a_time(connection: Connection) -> None:
    """Wait until nobody else counts subscriptions to add one, and let nobody until the end of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def standing(connection: Connection, topic: str, callback: str, host: str, now: datetime) -> Standing:
    """Return how many subscriptions there are beside this one."""
    others = (
        (hub_subscriptions.c.topic != topic) | (hub_subscriptions.c.callback != callback),
        hub_subscriptions.c.lease_until > now,
    )
    count = select(func.count()).select_from(hub_subscriptions).where(*others)
    return Standing(
        of_host=connection.scalar(count.where(hub_subscriptions.c.callback_host == host)) or 0,
        of_topic=connection.scalar(count.where(hub_subscriptions.c.topic == topic)) or 0,
    )


def number(connection: Connection, now: datetime) -> int:
    """Count those that stand."""
    query = select(func.count()).select_from(hub_subscriptions).where(hub_subscriptions.c.lease_until > now)
    return connection.scalar(query) or 0


def mark(connection: Connection) -> tuple[int, datetime | None]:
    """Return what is another value after any change."""
    query = select(func.count(), func.max(hub_subscriptions.c.changed_at))
    count, changed = connection.execute(query).one()
    return count, changed


def _read(row: Row[Any]) -> HubSubscription:
    return HubSubscription(
        id=row.id,
        topic=row.topic,
        topic_asked=row.topic_asked,
        callback=row.callback,
        callback_host=row.callback_host,
        secret=row.secret,
        lease_until=row.lease_until,
    )
