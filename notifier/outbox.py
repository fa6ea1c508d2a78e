"""The outbox: events wait here, in the transaction that made them true, until they are released to endpoints."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, insert, select, update
from sqlalchemy.engine import Connection

from core.db import in_batches, insert_ignoring_conflicts
from notifier import spacing
from notifier.model import DeliveryState, Event, Facts, Release, Target
from notifier.tables import deliveries, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """How many deliveries were made, and from when on each endpoint has work."""

    deliveries: int = 0
    due: Mapping[str, datetime] = field(default_factory=dict)


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


def add_released(
    connection: Connection, type_: str, told: Sequence[tuple[Event, Sequence[Target]]], now: datetime
) -> Released:
    """Put events of one type into the outbox with their deliveries, for what may be told at once.

    In the caller's transaction. What still waits to tell the same endpoints of the same subjects is replaced.
    """
    told = [(event, targets) for event, targets in told if targets]
    if not told:
        return Released()
    subjects_ = [event.subject for event, _ in told]
    names = sorted({target.endpoint for _, targets in told for target in targets})
    spacing.replace_waiting(connection, type_, subjects_, names, now)
    add(connection, [event for event, _ in told])
    ids: dict[str, int] = {}
    for batch in in_batches([event.message_id for event, _ in told]):
        of_batch = events.c.message_id.in_(batch)
        marked = update(events).where(of_batch).values(released_at=now).returning(events.c.message_id, events.c.id)
        ids.update(tuple(row) for row in connection.execute(marked))
    rows = [_row(ids[event.message_id], target, {}, now) for event, targets in told for target in targets]
    connection.execute(insert(deliveries), rows)
    return Released(deliveries=len(rows), due=_soonest(rows))


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


def release(
    connection: Connection, releases: Sequence[Release], now: datetime, *, quiet: Mapping[str, timedelta] | None = None
) -> Released:
    """Mark events as released and make their deliveries, in the caller's transaction.

    Of several processes that release the same event at once, one does and the others pass it by. `quiet` says of types
    how far apart an endpoint gets events about one subject: those in between are replaced by the last.
    """
    wanted = {item.event_id: item for item in releases}
    won = [wanted[event_id] for batch in in_batches(sorted(wanted)) for event_id in _mark(connection, batch, now)]
    told = sorted((item for item in won if item.targets), key=lambda item: item.event_id)
    if not told:
        return Released()
    connection.execute(
        update(events).where(events.c.id == bindparam("event")),
        [
            {"event": item.event_id, "payload": item.payload, "payload_with_content": item.payload_with_content}
            for item in told
        ],
    )
    not_before = spacing.make_room(connection, [item.event_id for item in told], quiet or {}, now)
    rows = [_row(item.event_id, target, not_before, now) for item in told for target in item.targets]
    connection.execute(insert_ignoring_conflicts(connection, deliveries), rows)
    _send_full_digests(connection, told, now)
    return Released(deliveries=len(rows), due=_soonest(rows))


def _soonest(rows: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    due: dict[str, datetime] = {}
    for row in rows:
        due[row["endpoint"]] = min(row["due_at"], due.get(row["endpoint"], row["due_at"]))
    return due


def _row(event_id: int, target: Target, not_before: spacing.NotBefore, now: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "endpoint": target.endpoint,
        "state": DeliveryState.PENDING,
        "due_at": max(target.due_at, not_before.get((event_id, target.endpoint), target.due_at)),
        "created_at": now,
        "digest": target.digest,
    }


def _send_full_digests(connection: Connection, told: Sequence[Release], now: datetime) -> None:
    """Let digests go out that wait for a number of messages and have them."""
    wanted = {
        (target.endpoint, target.digest): target.digest_count
        for item in told
        for target in item.targets
        if target.digest is not None and target.digest_count is not None
    }
    for (endpoint, digest), count in wanted.items():
        waiting = and_(
            deliveries.c.endpoint == endpoint,
            deliveries.c.digest == digest,
            deliveries.c.state == DeliveryState.PENDING,
        )
        number = connection.scalar(select(func.count()).select_from(deliveries).where(waiting))
        if number is not None and number >= count:
            connection.execute(update(deliveries).where(waiting, deliveries.c.due_at > now).values(due_at=now))


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
