"""Room between messages about one thing: what waits is replaced by a newer state, and what was just said is not at once
said again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Connection

from core.db import in_batches, one_of
from notifier.model import DeliveryState
from notifier.tables import deliveries, events

NotBefore = Mapping[tuple[int, str], datetime]  # by event and endpoint

REPLACED = "a newer state replaced it"


def make_room(
    connection: Connection, event_ids: Sequence[int], quiet: Mapping[str, timedelta], now: datetime
) -> NotBefore:
    """Cancel what waits to say an older state of these events' subjects, and return when the new state may be said.

    In the caller's transaction. Only events of a type in `quiet` are spaced, each type by itself.
    """
    not_before: dict[tuple[int, str], datetime] = {}
    for batch in in_batches(event_ids):
        new = events.alias("new")
        query = (
            select(new.c.id.label("event"), new.c.type, deliveries)
            .select_from(new)
            .join(events, and_(events.c.subject == new.c.subject, events.c.type == new.c.type, events.c.id < new.c.id))
            .join(deliveries, deliveries.c.event_id == events.c.id)
            .where(new.c.id.in_(batch), new.c.type.in_(list(quiet)))
            .order_by(deliveries.c.id)
        )
        replaced: list[int] = []
        for row in connection.execute(query):
            key = (row.event, row.endpoint)
            if row.state == DeliveryState.PENDING and row.attempts == 0:
                replaced.append(row.id)
                not_before[key] = max(row.due_at, not_before.get(key, row.due_at))
            elif row.state != DeliveryState.CANCELLED:
                said = row.finished_at or now
                not_before[key] = max(said + quiet[row.type], not_before.get(key, said))
        _replace(connection, replaced, now)
    return not_before


def replace_waiting(
    connection: Connection, type_: str, subjects: Sequence[str], endpoints: Sequence[str], now: datetime
) -> None:
    """Cancel what waits, tried before or not, to tell these endpoints of these subjects; each has few such deliveries.

    For messages that say how things are when they are sent: one that waits says no less than a newer one.
    """
    about = and_(events.c.id == deliveries.c.event_id, events.c.type == type_, one_of(events.c.subject, "subjects"))
    waiting = (
        select(deliveries.c.id)
        .where(
            one_of(deliveries.c.endpoint, "endpoints"),
            deliveries.c.state == DeliveryState.PENDING,
            select(events.c.id).where(about).exists(),
        )
        .order_by(deliveries.c.id)
        .with_for_update(skip_locked=True)
    )
    ids = connection.scalars(waiting, {"subjects": subjects, "endpoints": endpoints}).all()
    for batch in in_batches(ids):
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(batch), deliveries.c.state == DeliveryState.PENDING)
            .values(state=DeliveryState.CANCELLED, finished_at=now, last_reason=REPLACED)
        )


def _replace(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.PENDING, deliveries.c.attempts == 0)
        .values(state=DeliveryState.CANCELLED, finished_at=now, last_reason=REPLACED)
    )
