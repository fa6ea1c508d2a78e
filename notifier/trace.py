"""What became of the events about one subject."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from notifier.tables import deliveries, events


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFacts:
    """A delivery as far as it explains itself."""

    id: int
    endpoint: str
    state: str
    attempts: int
    due_at: datetime
    last_status: int | None = None
    last_reason: str | None = None
    finished_at: datetime | None = None
    waits_for: str | None = None  # the digest that it is to go out in
    digest_id: int | None = None  # the delivery that carries it
    digest: "DeliveryFacts | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """An event and its deliveries. `id` and the rest are None of an event that never was."""

    type: str
    id: int | None = None
    message_id: str | None = None
    occurred_at: datetime | None = None
    released_at: datetime | None = None
    deliveries: tuple[DeliveryFacts, ...] = ()


def newest_events(connection: Connection, subject: str) -> list[EventFacts]:
    """Return the newest event of each type about a subject, the newest first, with what became of them."""
    statement = select(events).where(events.c.subject == subject).order_by(events.c.id.desc())
    newest: dict[str, Row[Any]] = {}
    for row in connection.execute(statement):
        newest.setdefault(row.type, row)
    found = _deliveries(connection, [row.id for row in newest.values()])
    return [_event(row, found.get(row.id, [])) for row in newest.values()]


def _deliveries(connection: Connection, event_ids: Sequence[int]) -> dict[int, list[DeliveryFacts]]:
    statement = select(deliveries).where(deliveries.c.event_id.in_(event_ids)).order_by(deliveries.c.id)
    rows = connection.execute(statement).all()
    carriers = _carriers(connection, rows)
    found: dict[int, list[DeliveryFacts]] = {}
    for row in rows:
        delivery = _delivery(row)
        digest = carriers.get(delivery.digest_id) if delivery.digest_id is not None else None
        found.setdefault(row.event_id, []).append(replace(delivery, digest=digest))
    return found


def _carriers(connection: Connection, rows: Iterable[Row[Any]]) -> dict[int, DeliveryFacts]:
    wanted = {row.digest_id for row in rows if row.digest_id is not None}
    if not wanted:
        return {}
    statement = select(deliveries).where(deliveries.c.id.in_(wanted))
    return {row.id: _delivery(row) for row in connection.execute(statement)}


def _event(row: Row[Any], found: Iterable[DeliveryFacts]) -> EventFacts:
    return EventFacts(
        id=row.id,
        message_id=row.message_id,
        type=row.type,
        occurred_at=row.occurred_at,
        released_at=row.released_at,
        deliveries=tuple(found),
    )


def _delivery(row: Row[Any]) -> DeliveryFacts:
    return DeliveryFacts(
        id=row.id,
        endpoint=row.endpoint,
        state=row.state,
        attempts=row.attempts,
        due_at=row.due_at,
        last_status=row.last_status,
        last_reason=row.last_reason,
        finished_at=row.finished_at,
        waits_for=row.digest,
        digest_id=row.digest_id,
    )
