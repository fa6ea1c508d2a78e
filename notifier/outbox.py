"""The outbox: events wait here, in the transaction that made them true, until they are released to endpoints."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from core.db import in_batches, insert_ignoring_conflicts
from notifier.model import DeliveryState, Event, Facts, Release
from notifier.tables import deliveries, events


def add(connection: Connection, new_events: Sequence[Event]) -> None:
    """Put events into the outbox, in the caller's transaction. Raises IntegrityError for a message id that stands."""
    rows = [
        {
            "message_id": event.message_id,
            "type": event.type,
            "subject": event.subject,
            "occurred_at": event.occurred_at,
            "facts": _write_facts(event.facts),
            "payload": event.payload,
            "payload_with_content": event.payload_with_content,
        }
        for event in new_events
    ]
    if rows:
        connection.execute(insert(events), rows)


def unreleased(
    connection: Connection, *, limit: int = 500, up_to_id: int | None = None, after_id: int = 0
) -> list[Event]:
    """Return the oldest events that await their release, of those with an id above `after_id`, at most `up_to_id`."""
    query = select(events).where(events.c.released_at.is_(None), events.c.id > after_id)
    query = query.order_by(events.c.id).limit(limit)
    if up_to_id is not None:
        query = query.where(events.c.id <= up_to_id)
    return [_read_event(row) for row in connection.execute(query)]


def subjects(connection: Connection, type_: str, wanted: Sequence[str]) -> set[str]:
    """Return those of the wanted subjects that had an event of this type."""
    query = select(events.c.subject).where(events.c.type == type_)
    return {
        subject
        for batch in in_batches(wanted)
        for subject in connection.scalars(query.where(events.c.subject.in_(batch)))
    }


def newest_id(connection: Connection) -> int | None:
    """Return the id of the newest unreleased event, or None if none waits."""
    query = select(events.c.id).where(events.c.released_at.is_(None)).order_by(events.c.id.desc()).limit(1)
    return connection.scalar(query)


def release(connection: Connection, releases: Sequence[Release], now: datetime) -> int:
    """Mark events as released and make their deliveries, in the caller's transaction; return how many deliveries.

    Of several processes that release the same event at once, one does and the others pass it by.
    """
    wanted = {item.event_id: item for item in releases}
    won = [wanted[event_id] for batch in in_batches(sorted(wanted)) for event_id in _mark(connection, batch, now)]
    told = [item for item in won if item.endpoints]
    if not told:
        return 0
    connection.execute(
        update(events).where(events.c.id == bindparam("event")),
        [
            {"event": item.event_id, "payload": item.payload, "payload_with_content": item.payload_with_content}
            for item in told
        ],
    )
    rows = [
        {
            "event_id": item.event_id,
            "endpoint": endpoint,
            "state": DeliveryState.PENDING,
            "due_at": now,
            "created_at": now,
        }
        for item in sorted(told, key=lambda item: item.event_id)
        for endpoint in item.endpoints
    ]
    connection.execute(insert_ignoring_conflicts(connection, deliveries), rows)
    return len(rows)


def _mark(connection: Connection, event_ids: Sequence[int], now: datetime) -> list[int]:
    free = (
        select(events.c.id)
        .where(events.c.id.in_(event_ids), events.c.released_at.is_(None))
        .order_by(events.c.id)
        .with_for_update(skip_locked=True)
    )
    marked = (
        update(events)
        .where(events.c.id.in_(free), events.c.released_at.is_(None))
        .values(released_at=now)
        .returning(events.c.id)
    )
    return list(connection.scalars(marked))


def _write_facts(facts: Facts) -> str:
    return json.dumps({"values": facts.values, "text": facts.text})


def _read_event(row: Row[Any]) -> Event:
    stored = json.loads(row.facts)
    return Event(
        id=row.id,
        message_id=row.message_id,
        type=row.type,
        subject=row.subject,
        occurred_at=row.occurred_at,
        facts=Facts(values={kind: tuple(given) for kind, given in stored["values"].items()}, text=stored["text"]),
        payload=row.payload,
        payload_with_content=row.payload_with_content,
    )
