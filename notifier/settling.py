"""Writing down what came of attempts: thousands of rows in a few statements."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.engine import Connection

from core.db import RowStatement, microseconds
from notifier.courier import Settlement
from notifier.model import DeliveryState
from notifier.tables import attempts, deliveries

_Row = tuple[object, ...]


def record(connection: Connection, settlements: Sequence[Settlement], now: datetime) -> None:
    """Record the attempts, and what follows from them for their deliveries, in the caller's transaction."""
    # In one order, whoever settles: two that lock the same rows must not wait for each other.
    ordered = sorted(settlements, key=lambda settlement: settlement.claimed.delivery_id)
    arrived = [item for item in ordered if item.verdict.state is DeliveryState.DELIVERED]
    failed = [item for item in ordered if item.verdict.state is not DeliveryState.DELIVERED]
    in_arrays = connection.dialect.name == "postgresql"
    record_attempts, record_arrived = (
        (_attempts_in_arrays, _arrived_in_arrays) if in_arrays else (_ATTEMPTS.execute, _ARRIVED.execute)
    )
    record_attempts(connection, [_attempt_row(item) for item in ordered])
    if arrived:
        record_arrived(connection, [_arrived_row(item, now) for item in arrived])
    if failed:
        connection.execute(_FAILED, [_failed_row(item, now) for item in failed])


def _attempts_in_arrays(connection: Connection, rows: Sequence[_Row]) -> None:
    # An array a column, at a tenth of what a statement a row costs here and in the server.
    connection.exec_driver_sql(
        "INSERT INTO attempts (delivery_id, number, started_at, latency_ms, status, error, excerpt)"
        " SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::int[], %s::int[], %s::text[], %s::text[])",
        _columns(rows),
    )


def _arrived_in_arrays(connection: Connection, rows: Sequence[_Row]) -> None:
    connection.exec_driver_sql(
        "UPDATE deliveries SET state = given.state, attempts = given.number, lease_until = NULL, claim_token = NULL,"
        " last_status = given.status, last_reason = NULL, finished_at = given.finished FROM unnest("
        "%s::text[], %s::int[], %s::text[], %s::text[], %s::int[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])"
        " AS given(state, number, no_lease, no_token, status, no_reason, finished, id, delivered)"
        " WHERE deliveries.id = given.id AND deliveries.state <> given.delivered",
        _columns(rows),
    )


def _columns(rows: Sequence[_Row]) -> tuple[list[object], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))


_ATTEMPTS = RowStatement(
    lambda connection: insert(attempts),
    ("delivery_id", "number", "started_at", "latency_ms", "status", "error", "excerpt"),
)


def _attempt_row(settlement: Settlement) -> tuple[object, ...]:
    attempt = settlement.attempt
    return (
        settlement.claimed.delivery_id,
        attempt.number,
        microseconds(attempt.started_at),
        attempt.latency_ms,
        attempt.status,
        attempt.error,
        attempt.excerpt,
    )


# What has arrived has arrived, whoever holds the lease by now.
_ARRIVED = RowStatement(
    lambda connection: (
        update(deliveries)
        .where(deliveries.c.id == bindparam("delivery"), deliveries.c.state != bindparam("delivered"))
        .values(
            state=bindparam("new_state"),
            attempts=bindparam("number"),
            lease_until=None,
            claim_token=None,
            last_status=bindparam("status"),
            last_reason=None,
            finished_at=bindparam("finished"),
        )
    ),
    ("new_state", "number", "lease_until", "claim_token", "status", "last_reason", "finished", "delivery", "delivered"),
)


def _arrived_row(settlement: Settlement, now: datetime) -> _Row:
    attempt, delivered = settlement.attempt, DeliveryState.DELIVERED.value
    status, at = settlement.outcome.status, microseconds(now)
    return (delivered, attempt.number, None, None, status, None, at, settlement.claimed.delivery_id, delivered)


_FAILED = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery"),
        deliveries.c.state == DeliveryState.SENDING,
        deliveries.c.claim_token == bindparam("token"),
    )
    .values(
        state=bindparam("new_state"),
        due_at=func.coalesce(bindparam("due", type_=deliveries.c.due_at.type), deliveries.c.due_at),
        attempts=bindparam("number"),
        last_status=bindparam("status"),
        last_reason=bindparam("reason"),
        finished_at=bindparam("finished", type_=deliveries.c.finished_at.type),
        lease_until=None,
        claim_token=None,
    )
)


def _failed_row(settlement: Settlement, now: datetime) -> dict[str, object]:
    verdict = settlement.verdict
    return {
        "delivery": settlement.claimed.delivery_id,
        "token": settlement.claimed.token,
        "new_state": verdict.state,
        "due": verdict.due_at,
        "number": settlement.attempt.number,
        "status": settlement.outcome.status,
        "reason": verdict.disable_reason or settlement.attempt.error,
        "finished": None if verdict.state is DeliveryState.PENDING else now,
    }
