"""Deliveries as people see and steer them: listing, counting, replaying, cancelling."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, delete, func, select, update

from core.db import in_batches, reading, writing
from notifier.model import Attempt, Delivery, DeliveryState
from notifier.tables import attempts, deliveries, events
from notifier.work import Defer, no_defer

_REPLAYABLE = (
    DeliveryState.DELIVERED,
    DeliveryState.EXHAUSTED,
    DeliveryState.CANCELLED,
    DeliveryState.DIGESTED,
)
# Forgotten once they are old. Exhausted ones stay: somebody may want to replay them.
_DONE = (DeliveryState.DELIVERED, DeliveryState.CANCELLED, DeliveryState.DIGESTED)
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which deliveries are meant; what is left out asks for nothing. `since` and `until` are when they were made."""

    states: Collection[DeliveryState] = ()
    endpoint: str | None = None
    ids: Sequence[int] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what rows must meet."""
        found: list[ColumnElement[bool]] = []
        if self.states:
            found.append(deliveries.c.state.in_(list(self.states)))
        if self.endpoint is not None:
            found.append(deliveries.c.endpoint == self.endpoint)
        if self.ids is not None:
            found.append(deliveries.c.id.in_(self.ids))
        if self.since is not None:
            found.append(deliveries.c.created_at >= self.since)
        if self.until is not None:
            found.append(deliveries.c.created_at < self.until)
        return found


class DeliveryBook:
    """The deliveries and their attempts."""

    def __init__(self, engine: Engine, defer: Defer = no_defer) -> None:
        self._engine = engine
        self._defer = defer

    def listing(self, chosen: Chosen | None = None, *, limit: int = 50) -> list[Delivery]:
        """Return the newest deliveries first."""
        query = (
            select(deliveries, events.c.message_id, events.c.type, events.c.subject)
            .join(events, events.c.id == deliveries.c.event_id)
            .where(*(chosen or Chosen()).conditions())
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
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

    def replay(self, chosen: Chosen, now: datetime) -> list[int]:
        """Send finished deliveries again, with the same message id and a new schedule; return the ids that are due.

        Where neither ids nor states are named, only what went out by itself or was given up: what went out in a digest
        goes out with it, and what was cancelled was not to go out. One that is named is sent by itself.
        """
        usual = () if chosen.ids is not None or chosen.states else (DeliveryState.DELIVERED, DeliveryState.EXHAUSTED)
        with reading(self._engine) as connection:
            query = select(deliveries.c.id).where(
                *chosen.conditions(), deliveries.c.state.in_(list(usual or _REPLAYABLE))
            )
            ids = list(connection.scalars(query))
        values = {"due_at": now, "attempts": 0, "finished_at": None, "digest": None, "digest_id": None}
        return self._move(ids, _REPLAYABLE, state=DeliveryState.PENDING, **values)

    def cancel(self, ids: Sequence[int], now: datetime) -> list[int]:
        """Give up deliveries that wait; return the ids that were waiting."""
        return self._move(ids, (DeliveryState.PENDING,), state=DeliveryState.CANCELLED, finished_at=now)

    def prune(self, before: datetime, now: datetime) -> int:
        """Forget what was finished before a time, with its attempts and events; return how many deliveries.

        What was due before that time and still waits, for a disabled endpoint or one that is gone, is cancelled.
        """
        forgotten = 0
        for old in self._old_deliveries(before):
            with writing(self._engine) as connection:
                connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(old)))
                forgotten += connection.execute(delete(deliveries).where(deliveries.c.id.in_(old))).rowcount
        for old in self._old_events(before):
            with writing(self._engine) as connection:
                connection.execute(delete(events).where(events.c.id.in_(old)))
        self._cancel_in_vain(before, now)
        return forgotten

    def _old_deliveries(self, before: datetime) -> Iterator[list[int]]:
        """Give what is old, some at a time: while many rows go, others want to write."""
        columns = (deliveries.c.id, deliveries.c.created_at, deliveries.c.state, deliveries.c.finished_at)
        for page in self._pages(select(*columns), deliveries.c.id, before):
            yield [row.id for row in page if row.state in _DONE and row.finished_at < before]

    def _old_events(self, before: datetime) -> Iterator[list[int]]:
        told = select(deliveries.c.event_id).where(deliveries.c.event_id == events.c.id).exists().label("told")
        query = select(events.c.id, events.c.occurred_at, events.c.released_at, told)
        for page in self._pages(query, events.c.id, before):
            yield [row.id for row in page if not row.told and row.released_at is not None and row.released_at < before]

    def _pages(self, query: Select[Any], id_: ColumnElement[int], before: datetime) -> Iterator[Sequence[Row[Any]]]:
        """Give the rows that were made before a time, by their second column, in the order in which they were made.

        An index of their end would cost every delivery, and this looks at old rows alone.
        """
        after = 0
        while True:
            with reading(self._engine) as connection:
                page = connection.execute(query.where(id_ > after).order_by(id_).limit(_ROWS_AT_ONCE)).all()
            old = [row for row in page if row[1] < before]
            if old:
                yield old
            if len(old) < _ROWS_AT_ONCE:
                return
            after = page[-1].id

    def _cancel_in_vain(self, before: datetime, now: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at < before)
                .values(state=DeliveryState.CANCELLED, finished_at=now, last_reason="it waited too long in vain")
            )

    def _move(self, ids: Sequence[int], sources: Collection[DeliveryState], **values: Any) -> list[int]:
        moved: list[int] = []
        with writing(self._engine) as connection:
            for batch in in_batches(sorted(set(ids))):
                statement = (
                    update(deliveries)
                    .where(deliveries.c.id.in_(batch), deliveries.c.state.in_(list(sources)))
                    .values(values)
                    .returning(deliveries.c.id, deliveries.c.endpoint)
                )
                rows = connection.execute(statement).all()
                moved += [row.id for row in rows]
                if "due_at" in values:
                    self._defer(connection, dict.fromkeys({row.endpoint for row in rows}, values["due_at"]))
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
        digest=row.digest,
        digest_id=row.digest_id,
    )
