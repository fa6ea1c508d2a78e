"""Claiming deliveries in a transaction: as they are, or at an endpoint's own pace and in digests."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Row, Select, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from core.db import in_batches
from core.ids import new_id
from notifier.digest import DIGEST, digest_payload
from notifier.endpoints import load_states, save_bucket
from notifier.model import Claimed, DeliveryState, Endpoint
from notifier.pacing import Waiting, pace
from notifier.tables import deliveries, events

Capacity = Callable[[Endpoint, Sequence[str]], int]

_SEEN_AT_ONCE = 1000  # deliveries that one decision about the pace looks at
_KEPT_CHARACTERS = 16_000_000


class Claims:
    """Takes deliveries for who sends. Keeps the bodies of the last events: many endpoints get the same."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._bodies = _Bodies()

    def take(
        self, connection: Connection, endpoint: Endpoint, count: int, token: str, now: datetime, until: datetime
    ) -> list[Claimed]:
        """Claim the `count` deliveries that have been due longest and wait for no digest."""
        taken = connection.execute(
            _TAKE, {"name": endpoint.name, "now": now, "count": count, "until": until, "claim": token}
        ).all()
        return self._claimed(connection, endpoint, taken, token, until)

    def take_paced(
        self, connection: Connection, endpoint: Endpoint, count: int, token: str, now: datetime, until: datetime
    ) -> list[Claimed]:
        """Claim what the endpoint's rate allows, and make digests of what waits for one or is too much."""
        state = load_states(connection, [endpoint.name], lock=True)[endpoint.name]
        bucket = None if endpoint.rate is None else state.bucket(endpoint.rate, now)
        waiting = [_read_waiting(row) for row in connection.execute(_WAITING, {"name": endpoint.name, "now": now})]

        def capacity(group: Sequence[Waiting]) -> int:
            bodies = self._bodies.load(connection, [one.event_id for one in group])
            return self._capacity(endpoint, [bodies[one.event_id].payload for one in group])

        pace_now = pace(
            waiting,
            room=count,
            tokens=None if bucket is None else bucket.whole,
            overflow=endpoint.overflow,
            capacity=capacity,
        )
        singles = [one.delivery_id for one in pace_now.singles]
        taken = [
            row
            for batch in in_batches(singles)
            for row in connection.execute(_HOLD, {"ids": list(batch), "until": until, "claim": token})
        ]
        found = self._claimed(connection, endpoint, taken, token, until)
        for members in pace_now.digests:
            found.append(self._make_digest(connection, endpoint, members, token, now, until))
        if bucket is not None and found:
            save_bucket(connection, endpoint.name, bucket.after(len(found)))
        return found

    def _make_digest(
        self,
        connection: Connection,
        endpoint: Endpoint,
        members: Sequence[Waiting],
        token: str,
        now: datetime,
        until: datetime,
    ) -> Claimed:
        bodies = self._bodies.load(connection, [one.event_id for one in members])
        told = [(bodies[one.event_id].message_id, bodies[one.event_id].wanted_by(endpoint)) for one in members]
        message_id, payload = new_id("msg"), digest_payload(told, now)
        delivery_id = _insert_digest(connection, endpoint.name, message_id, payload, token, now, until)
        for batch in in_batches([one.delivery_id for one in members]):
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(batch))
                .values(state=DeliveryState.DIGESTED, digest_id=delivery_id, finished_at=now)
            )
        return Claimed(
            delivery_id=delivery_id,
            endpoint=endpoint.name,
            token=token,
            lease_until=until,
            attempt=1,
            message_id=message_id,
            event_type=DIGEST,
            payload=payload,
        )

    def _claimed(
        self, connection: Connection, endpoint: Endpoint, taken: Sequence[Row[Any]], token: str, until: datetime
    ) -> list[Claimed]:
        if not taken:
            return []
        bodies = self._bodies.load(connection, [row.event_id for row in taken])
        ordered = sorted(taken, key=lambda row: (row.due_at, row.id)) if len(taken) > 1 else taken
        return [
            Claimed(
                delivery_id=row.id,
                endpoint=endpoint.name,
                token=token,
                lease_until=until,
                attempt=row.attempts + 1,
                message_id=bodies[row.event_id].message_id,
                event_type=bodies[row.event_id].type,
                payload=bodies[row.event_id].wanted_by(endpoint),
            )
            for row in ordered
        ]


def _insert_digest(
    connection: Connection, name: str, message_id: str, payload: str, token: str, now: datetime, until: datetime
) -> int:
    """Make an event of a digest and its delivery, claimed already; return the delivery's id."""
    event_id = _insert(
        connection,
        insert(events).values(
            message_id=message_id,
            type=DIGEST,
            subject=name,
            occurred_at=now,
            released_at=now,
            facts='{"values":{},"text":""}',
            payload=payload,
        ),
    )
    return _insert(
        connection,
        insert(deliveries).values(
            event_id=event_id,
            endpoint=name,
            state=DeliveryState.SENDING,
            due_at=now,
            created_at=now,
            lease_until=until,
            claim_token=token,
        ),
    )


def _insert(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None  # both tables have one
    return int(key[0])


class _Body:
    __slots__ = ("_with_content", "message_id", "payload", "size", "type")

    def __init__(self, row: Row[Any]) -> None:
        self.message_id: str = row.message_id
        self.type: str = row.type
        self.payload: str = row.payload or ""
        self._with_content: str | None = row.payload_with_content
        self.size = len(self.payload) + len(self._with_content or "") + 200

    def wanted_by(self, endpoint: Endpoint) -> str:
        return self._with_content or self.payload if endpoint.content else self.payload


class _Bodies:
    """The bodies of events, of which the last used are kept. A released event's body never changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Body] = OrderedDict()
        self._size = 0

    def load(self, connection: Connection, event_ids: Sequence[int]) -> dict[int, _Body]:
        found: dict[int, _Body] = {}
        missing: list[int] = []
        for event_id in dict.fromkeys(event_ids):
            body = self._kept.get(event_id)
            if body is None:
                missing.append(event_id)
            else:
                self._kept.move_to_end(event_id)
                found[event_id] = body
        for batch in in_batches(missing):
            for row in connection.execute(_bodies(batch)):
                found[row.id] = body = _Body(row)
                self._kept[row.id] = body
                self._size += body.size
        while self._size > _KEPT_CHARACTERS:
            _, dropped = self._kept.popitem(last=False)
            self._size -= dropped.size
        return found


def _bodies(event_ids: Sequence[int]) -> Select[Any]:
    return select(
        events.c.id, events.c.message_id, events.c.type, events.c.payload, events.c.payload_with_content
    ).where(events.c.id.in_(event_ids))


def _read_waiting(row: Any) -> Waiting:
    return Waiting(
        delivery_id=row.id,
        event_id=row.event_id,
        due_at=row.due_at,
        digest=row.digest,
        fresh=row.attempts == 0 and row.type != DIGEST,
    )


_FREE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.endpoint == bindparam("name"),
        deliveries.c.state == DeliveryState.PENDING,
        deliveries.c.due_at <= bindparam("now", type_=deliveries.c.due_at.type),
        deliveries.c.digest.is_(None),
    )
    .order_by(deliveries.c.due_at)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
    .cte("free")  # evaluated once: PostgreSQL may run a plain subquery twice, past its limit
)
_HELD = {
    "state": DeliveryState.SENDING,
    "lease_until": bindparam("until", type_=deliveries.c.lease_until.type),
    "claim_token": bindparam("claim"),
}
_READ = (deliveries.c.id, deliveries.c.event_id, deliveries.c.attempts, deliveries.c.due_at)
_TAKE = update(deliveries).where(deliveries.c.id.in_(select(_FREE.c.id))).values(_HELD).returning(*_READ)
_HOLD = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)), deliveries.c.state == DeliveryState.PENDING)
    .values(_HELD)
    .returning(*_READ)
)
_WAITING = (
    select(
        deliveries.c.id,
        deliveries.c.event_id,
        deliveries.c.due_at,
        deliveries.c.digest,
        deliveries.c.attempts,
        events.c.type,
    )
    .join(events, events.c.id == deliveries.c.event_id)
    .where(
        deliveries.c.endpoint == bindparam("name"),
        deliveries.c.state == DeliveryState.PENDING,
        deliveries.c.due_at <= bindparam("now", type_=deliveries.c.due_at.type),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(_SEEN_AT_ONCE)
    .with_for_update(skip_locked=True, of=deliveries)
)
