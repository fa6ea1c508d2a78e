"""Deliveries as people see and steer them: listing, counting, replaying, cancelling."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, func, select, update

from core.db import in_batches, reading, writing
from notifier.model import Attempt, Delivery, DeliveryState
from notifier.tables import attempts, deliveries, events

_REPLAYABLE = (DeliveryState.DELIVERED, DeliveryState.EXHAUSTED, DeliveryState.CANCELLED)


class DeliveryBook:
    """The deliveries and their attempts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listing(
        self,
        *,
        states: Collection[DeliveryState] = (),
        endpoint: str | None = None,
        ids: Sequence[int] | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """Return the newest deliveries first; no state means all."""
        query = (
            select(deliveries, events.c.message_id, events.c.type, events.c.subject)
            .join(events, events.c.id == deliveries.c.event_id)
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        if states:
            query = query.where(deliveries.c.state.in_(list(states)))
        if endpoint is not None:
            query = query.where(deliveries.c.endpoint == endpoint)
        if ids is not None:
            query = query.where(deliveries.c.id.in_(ids))
        with reading(self._engine) as connection:
            return [_read_delivery(row) for row in connection.execute(query)]

    def counts(self, endpoint: str | None = None) -> dict[DeliveryState, int]:
        """Return how many deliveries are in each state; every state is there."""
        query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        if endpoint is not None:
            query = query.where(deliveries.c.endpoint == endpoint)
        with reading(self._engine) as connection:
            found = {row[0]: row[1] for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in DeliveryState}

    def attempts(self, delivery_id: int) -> list[Attempt]:
        """Return every attempt of a delivery, oldest first."""
        query = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.id)
        with reading(self._engine) as connection:
            return [
                Attempt(
                    number=row.number,
                    started_at=row.started_at,
                    latency_ms=row.latency_ms,
                    status=row.status,
                    error=row.error,
                    excerpt=row.excerpt,
                )
                for row in connection.execute(query)
            ]

    def replay(self, ids: Sequence[int], now: datetime) -> list[int]:
        """Send finished deliveries again, with the same message id and a new schedule; return the ids that are due."""
        return self._move(ids, _REPLAYABLE, state=DeliveryState.PENDING, due_at=now, attempts=0, finished_at=None)

    def cancel(self, ids: Sequence[int], now: datetime) -> list[int]:
        """Give up deliveries that wait; return the ids that were waiting."""
        return self._move(ids, (DeliveryState.PENDING,), state=DeliveryState.CANCELLED, finished_at=now)

    def prune(self, before: datetime) -> int:
        """Forget what was finished before a time, with its attempts and events; return how many deliveries.

        Exhausted deliveries stay: somebody may want to replay them.
        """
        done = (DeliveryState.DELIVERED, DeliveryState.CANCELLED)
        old = select(deliveries.c.id).where(deliveries.c.state.in_(done), deliveries.c.finished_at < before)
        with writing(self._engine) as connection:
            connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(old)))
            forgotten = connection.execute(
                delete(deliveries).where(deliveries.c.state.in_(done), deliveries.c.finished_at < before)
            )
            told = select(deliveries.c.event_id)
            connection.execute(
                delete(events).where(
                    events.c.released_at < before, events.c.id.not_in(told.where(deliveries.c.event_id == events.c.id))
                )
            )
        return forgotten.rowcount

    def _move(self, ids: Sequence[int], sources: Collection[DeliveryState], **values: Any) -> list[int]:
        moved: list[int] = []
        with writing(self._engine) as connection:
            for batch in in_batches(sorted(set(ids))):
                statement = (
                    update(deliveries)
                    .where(deliveries.c.id.in_(batch), deliveries.c.state.in_(list(sources)))
                    .values(values)
                    .returning(deliveries.c.id)
                )
                moved += connection.scalars(statement)
        return sorted(moved)


def _read_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        message_id=row.message_id,
        event_type=row.type,
        subject=row.subject,
        endpoint=row.endpoint,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        last_status=row.last_status,
        last_reason=row.last_reason,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
