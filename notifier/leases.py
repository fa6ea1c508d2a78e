"""Rows of the queue by what holds them: what is due when, and what was claimed by who has ended since."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from core.claimant import is_abandoned
from core.db import in_batches
from notifier.model import DeliveryState
from notifier.tables import deliveries, endpoints


def due_times(connection: Connection, names: Sequence[str]) -> dict[str, datetime]:
    """Return the earliest time at which each endpoint has something to send or a lease ends."""
    of_endpoint = deliveries.c.endpoint == endpoints.c.name
    pending = (
        select(func.min(deliveries.c.due_at))
        .where(of_endpoint, deliveries.c.state == DeliveryState.PENDING)
        .scalar_subquery()
    )
    found: dict[str, datetime] = {}
    for batch in in_batches(names):
        query = select(endpoints.c.name, pending).where(endpoints.c.name.in_(batch))
        found.update((name, due) for name, due in connection.execute(query) if due is not None)
    return found


def with_digests(connection: Connection, names: Sequence[str], now: datetime) -> set[str]:
    """Return those of the endpoints for which something is due that waited for a digest."""
    return {
        name
        for batch in in_batches(names)
        for name in connection.scalars(
            select(deliveries.c.endpoint)
            .where(
                deliveries.c.endpoint.in_(batch),
                deliveries.c.digest.is_not(None),
                deliveries.c.state == DeliveryState.PENDING,
                deliveries.c.due_at <= now,
            )
            .distinct()
        )
    }


def abandoned(connection: Connection, now: datetime) -> tuple[list[int], set[str]]:
    """Return the deliveries that nobody sends any more, and the tokens of those who had claimed them."""
    ids: list[int] = []
    tokens: set[str] = set()
    judged: dict[str, bool] = {}
    # By endpoint, which the index begins with: the finished rows may be millions.
    for batch in in_batches(list(connection.scalars(select(endpoints.c.name)))):
        query = select(deliveries.c.id, deliveries.c.claim_token, deliveries.c.lease_until).where(
            deliveries.c.endpoint.in_(batch), deliveries.c.state == DeliveryState.SENDING
        )
        for delivery_id, token, lease_until in connection.execute(query):
            over = lease_until is None or lease_until <= now
            if not over and token not in judged:
                judged[token] = is_abandoned(token)
            if over or judged[token]:
                ids.append(delivery_id)
                tokens.add(token)
    return ids, tokens


def release(
    connection: Connection, ids: Sequence[int], tokens: Collection[str], due_at: datetime | None = None
) -> list[str]:
    """Let others claim these deliveries, as far as one of the tokens still holds them; return the endpoint of each."""
    # Whoever was faster has put another token there, or none; a row that is locked is being dealt with.
    held = (
        select(deliveries.c.id, deliveries.c.claim_token, deliveries.c.endpoint)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.SENDING)
        .order_by(deliveries.c.id)
        .with_for_update(skip_locked=True)
    )
    free = [row for row in connection.execute(held) if row.claim_token in tokens]
    values = {"state": DeliveryState.PENDING, "lease_until": None, "claim_token": None}
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_([row.id for row in free]))
        .values(values if due_at is None else {**values, "due_at": due_at})
    )
    return [row.endpoint for row in free]
