"""The delivery rows as a queue: claiming with a lease, and settling what came of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Engine, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from core.db import in_batches, reading, writing
from notifier.claimant import is_abandoned, make_token
from notifier.endpoints import disable_in
from notifier.model import Attempt, Claimed, DeliveryState, Verdict
from notifier.tables import attempts, deliveries, endpoints, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What came of one claimed delivery."""

    claimed: Claimed
    attempt: Attempt
    verdict: Verdict
    status: int | None
    reason: str | None


class DeliveryQueue(Protocol):
    """Where the dispatcher gets its work from."""

    def claim(self, now: datetime, lease: timedelta, room: Mapping[str, int], total: int) -> list[Claimed]:
        """Take due deliveries, at most `room[name]` for each endpoint and `total` in all; others get none of them."""

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        """Record attempts and what follows from them, all or nothing."""

    def next_due(self, names: Collection[str]) -> datetime | None:
        """Return when one of these endpoints has work again, or None if it has none."""

    def release_abandoned(self, now: datetime) -> int:
        """Make due what processes of this machine had claimed that have ended since; return how many deliveries."""


class DatabaseQueue:
    """A DeliveryQueue in the deliveries table. `per_endpoint` bounds what is in flight over all processes."""

    def __init__(self, engine: Engine, *, per_endpoint: int = 2) -> None:
        self._engine = engine
        self._per_endpoint = per_endpoint

    def claim(self, now: datetime, lease: timedelta, room: Mapping[str, int], total: int) -> list[Claimed]:
        names = [name for name, free in room.items() if free > 0]
        if not names or total <= 0:
            return []
        # Most turns find nothing: a reader asks first, so that only work takes the lock of a writer.
        with reading(self._engine) as connection:
            busy = _with_work(connection, names, now)
        if not busy:
            return []
        with writing(self._engine) as connection:
            return self._claim_in(connection, busy, now, lease, room, total)

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        if not settlements:
            return
        with writing(self._engine) as connection:
            connection.execute(insert(attempts), [_attempt_row(settlement) for settlement in settlements])
            _settle_states(connection, settlements, now)
            for settlement in settlements:
                if settlement.verdict.disable_reason:
                    disable_in(connection, settlement.claimed.endpoint, settlement.verdict.disable_reason, now)

    def next_due(self, names: Collection[str]) -> datetime | None:
        earliest = func.min(deliveries.c.due_at)
        ends = func.min(deliveries.c.lease_until)
        of_endpoint = deliveries.c.endpoint == endpoints.c.name
        pending = select(earliest).where(of_endpoint, deliveries.c.state == DeliveryState.PENDING).scalar_subquery()
        sending = select(ends).where(of_endpoint, deliveries.c.state == DeliveryState.SENDING).scalar_subquery()
        with reading(self._engine) as connection:
            times = [
                time
                for batch in in_batches(sorted(names))
                for row in connection.execute(select(pending, sending).where(_served(batch)))
                for time in row
                if time is not None
            ]
        return min(times, default=None)

    def release_abandoned(self, now: datetime) -> int:
        with reading(self._engine) as connection:
            under_way = _under_way(connection)
        abandoned = {token for token in set(under_way.values()) if is_abandoned(token)}
        ids = sorted(delivery for delivery, token in under_way.items() if token in abandoned)
        if not ids:
            return 0
        with writing(self._engine) as connection:
            return sum(_release(connection, batch, abandoned, now) for batch in in_batches(ids))

    def _claim_in(
        self,
        connection: Connection,
        names: Sequence[str],
        now: datetime,
        lease: timedelta,
        room: Mapping[str, int],
        total: int,
    ) -> list[Claimed]:
        token = make_token()
        # Whoever holds an endpoint's row counts and claims for it alone; SQLite has one writer anyhow.
        for batch in in_batches(sorted(names)):
            connection.execute(
                select(endpoints.c.name).where(_served(batch)).order_by(endpoints.c.name).with_for_update()
            )
        in_flight = _in_flight(connection, names, now)
        ids: list[int] = []
        for name in names:
            limit = min(room[name], self._per_endpoint - in_flight.get(name, 0), total - len(ids))
            if limit > 0:
                ids += _take(connection, name, limit, token, now, now + lease)
        return _read_claimed(connection, ids, token)


def _served(names: Sequence[str]) -> ColumnElement[bool]:
    return and_(endpoints.c.name.in_(names), endpoints.c.disabled_at.is_(None))


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at <= now),
        and_(deliveries.c.state == DeliveryState.SENDING, deliveries.c.lease_until <= now),
    )


def _with_work(connection: Connection, names: Sequence[str], now: datetime) -> list[str]:
    """Return those of the endpoints that have due deliveries, the one that has waited longest first."""
    of_endpoint = deliveries.c.endpoint == endpoints.c.name
    oldest = (
        select(func.min(deliveries.c.due_at))
        .where(of_endpoint, deliveries.c.state == DeliveryState.PENDING)
        .scalar_subquery()
    )
    lost = exists().where(of_endpoint, deliveries.c.state == DeliveryState.SENDING, deliveries.c.lease_until <= now)
    found: list[tuple[datetime, str]] = []
    for batch in in_batches(names):
        for name, due, expired in connection.execute(select(endpoints.c.name, oldest, lost).where(_served(batch))):
            if expired or (due is not None and due <= now):
                found.append((due or now, name))
    return [name for _, name in sorted(found)]


def _in_flight(connection: Connection, names: Sequence[str], now: datetime) -> dict[str, int]:
    counts: dict[str, int] = {}
    for batch in in_batches(names):
        query = (
            select(deliveries.c.endpoint, func.count())
            .where(
                deliveries.c.endpoint.in_(batch),
                deliveries.c.state == DeliveryState.SENDING,
                deliveries.c.lease_until > now,
            )
            .group_by(deliveries.c.endpoint)
        )
        counts.update((name, count) for name, count in connection.execute(query))
    return counts


def _take(connection: Connection, name: str, limit: int, token: str, now: datetime, until: datetime) -> list[int]:
    free = (
        select(deliveries.c.id)
        .where(deliveries.c.endpoint == name, _due(now), _is_served(name))
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
        .cte("free")  # evaluated once: PostgreSQL may run a plain subquery twice, past its limit
    )
    taken = (
        update(deliveries)
        .where(deliveries.c.id.in_(select(free.c.id)))
        .values(state=DeliveryState.SENDING, lease_until=until, claim_token=token)
        .returning(deliveries.c.id)
    )
    return list(connection.scalars(taken))


def _under_way(connection: Connection) -> dict[int, str]:
    """Return the claim tokens of what is being sent, by delivery."""
    found: dict[int, str] = {}
    # By endpoint, which the index begins with: the finished rows may be millions.
    for batch in in_batches(list(connection.scalars(select(endpoints.c.name)))):
        query = select(deliveries.c.id, deliveries.c.claim_token).where(
            deliveries.c.endpoint.in_(batch),
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.claim_token.is_not(None),
        )
        found.update((delivery, token) for delivery, token in connection.execute(query))
    return found


def _release(connection: Connection, ids: Sequence[int], tokens: Collection[str], now: datetime) -> int:
    # Whoever was faster has put another token there, or none; a row that is locked is being dealt with.
    held = (
        select(deliveries.c.id, deliveries.c.claim_token)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.SENDING)
        .order_by(deliveries.c.id)
        .with_for_update(skip_locked=True)
    )
    free = [delivery for delivery, token in connection.execute(held) if token in tokens]
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(free))
        .values(state=DeliveryState.PENDING, due_at=now, lease_until=None, claim_token=None)
    )
    return len(free)


def _is_served(name: str) -> ColumnElement[bool]:
    return exists().where(endpoints.c.name == name, endpoints.c.disabled_at.is_(None))


def _read_claimed(connection: Connection, ids: Sequence[int], token: str) -> list[Claimed]:
    query = (
        select(deliveries.c.id, deliveries.c.endpoint, deliveries.c.attempts, events)
        .join(events, events.c.id == deliveries.c.event_id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.due_at, deliveries.c.id)
    )
    return [
        Claimed(
            delivery_id=row[0],
            endpoint=row.endpoint,
            token=token,
            attempt=row.attempts + 1,
            message_id=row.message_id,
            event_type=row.type,
            payload=row.payload,
            payload_with_content=row.payload_with_content,
        )
        for row in connection.execute(query)
    ]


def _attempt_row(settlement: Settlement) -> dict[str, object]:
    attempt = settlement.attempt
    return {
        "delivery_id": settlement.claimed.delivery_id,
        "number": attempt.number,
        "started_at": attempt.started_at,
        "latency_ms": attempt.latency_ms,
        "status": attempt.status,
        "error": attempt.error,
        "excerpt": attempt.excerpt,
    }


def _settle_states(connection: Connection, settlements: Sequence[Settlement], now: datetime) -> None:
    ours = and_(
        deliveries.c.id == bindparam("delivery"),
        deliveries.c.state == DeliveryState.SENDING,
        deliveries.c.claim_token == bindparam("token"),
    )
    # What has arrived has arrived, whoever holds the lease by now.
    arrived = and_(deliveries.c.id == bindparam("delivery"), deliveries.c.state != DeliveryState.DELIVERED)
    values = {
        "state": bindparam("new_state"),
        "due_at": func.coalesce(bindparam("due", type_=deliveries.c.due_at.type), deliveries.c.due_at),
        "attempts": bindparam("number"),
        "last_status": bindparam("status"),
        "last_reason": bindparam("reason"),
        "finished_at": bindparam("finished", type_=deliveries.c.finished_at.type),
        "lease_until": None,
        "claim_token": None,
    }
    ordered = sorted(settlements, key=lambda settlement: settlement.claimed.delivery_id)
    delivered = [item for item in ordered if item.verdict.state is DeliveryState.DELIVERED]
    others = [item for item in ordered if item.verdict.state is not DeliveryState.DELIVERED]
    if delivered:
        rows = [_state_row(item, now) for item in delivered]
        connection.execute(update(deliveries).where(arrived).values(values), rows)
    if others:
        rows = [{**_state_row(item, now), "token": item.claimed.token} for item in others]
        connection.execute(update(deliveries).where(ours).values(values), rows)


def _state_row(settlement: Settlement, now: datetime) -> dict[str, object]:
    verdict = settlement.verdict
    return {
        "delivery": settlement.claimed.delivery_id,
        "new_state": verdict.state,
        "due": verdict.due_at,
        "number": settlement.attempt.number,
        "status": settlement.status,
        "reason": settlement.reason,
        "finished": None if verdict.state is DeliveryState.PENDING else now,
    }
