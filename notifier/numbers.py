"""How the queue stands, in numbers; read at little cost however many deliveries are done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, bindparam, func, literal, select
from sqlalchemy.engine import Connection

from notifier import hub_subscriptions
from notifier.endpoints import load_states
from notifier.model import DeliveryState, EndpointState
from notifier.tables import deliveries, events

# What is delivered may be millions, so it is never counted; and of what is counted, no more than this.
MOST_COUNTED = 100_000
COUNTED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.EXHAUSTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNumbers:
    """What waits. By endpoint: deliveries in each of the `COUNTED` states, and since when the oldest was to be sent."""

    deliveries: Mapping[str, Mapping[DeliveryState, int]]
    oldest_due: Mapping[str, datetime | None]
    endpoints: Mapping[str, EndpointState]
    unreleased: int  # events
    subscriptions: int = 0  # to the hub, as it stands


def read_numbers(connection: Connection, names: Sequence[str], now: datetime) -> QueueNumbers:
    """Read the numbers of these endpoints."""
    counted: dict[str, dict[DeliveryState, int]] = {}
    oldest: dict[str, datetime | None] = {}
    for name in names:
        row = connection.execute(OF_ENDPOINT, {"name": name}).one()
        counted[name] = {state: row._mapping[state] for state in COUNTED}
        oldest[name] = row.oldest
    return QueueNumbers(
        deliveries=counted,
        oldest_due=oldest,
        endpoints=load_states(connection, names),
        unreleased=connection.execute(UNRELEASED).scalar_one(),
        subscriptions=hub_subscriptions.number(connection, now),
    )


def _count(found: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(found.limit(MOST_COUNTED).subquery()).scalar_subquery()


def _in_state(state: DeliveryState) -> ScalarSelect[int]:
    return _count(
        select(literal(1)).where(deliveries.c.endpoint == bindparam("name"), deliveries.c.state == literal(state.value))
    )


OF_ENDPOINT = select(
    *(_in_state(state).label(state) for state in COUNTED),
    select(func.min(deliveries.c.due_at))
    .where(deliveries.c.endpoint == bindparam("name"), deliveries.c.state == DeliveryState.PENDING)
    .scalar_subquery()
    .label("oldest"),
)
UNRELEASED = select(_count(select(literal(1)).where(events.c.released_at.is_(None))))
