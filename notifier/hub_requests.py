"""Requests to a hub that await a word from, or to, their callback. They outlive restarts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.engine import Connection

from core.claimant import is_abandoned
from core.db import insert_ignoring_conflicts
from notifier.tables import hub_requests


class Mode(StrEnum):
    """What a callback is asked or told."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRequest:
    """What is to be verified, or to be said. `topic` is the feed's own address, `topic_asked` what was written."""

    id: int = 0  # the store gives it
    mode: Mode
    topic: str
    topic_asked: str
    callback: str = field(repr=False)
    callback_host: str
    secret: str | None = field(default=None, repr=False)
    lease_seconds: int | None = None
    reason: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many requests wait beside the one that is asked for."""

    in_all: int
    of_host: int


def put(connection: Connection, wanted: Sequence[HubRequest], now: datetime) -> None:
    """Let requests wait. Each replaces, under another id, what waits of its topic and callback: the last one counts."""
    for one in wanted:
        same = (hub_requests.c.topic == one.topic, hub_requests.c.callback == one.callback)
        connection.execute(delete(hub_requests).where(*same))
        connection.execute(
            # Of two that come at the very same time either is the last.
            insert_ignoring_conflicts(connection, hub_requests).values(
                mode=one.mode,
                topic=one.topic,
                topic_asked=one.topic_asked,
                callback=one.callback,
                callback_host=one.callback_host,
                secret=one.secret,
                lease_seconds=one.lease_seconds,
                reason=one.reason,
                created_at=now,
                due_at=now,
            )
        )


def waiting(connection: Connection, topic: str, callback: str, host: str) -> Waiting:
    """Return how many requests wait beside this one."""
    others = (hub_requests.c.topic != topic) | (hub_requests.c.callback != callback)
    count = select(func.count()).select_from(hub_requests).where(others)
    return Waiting(
        in_all=connection.scalar(count) or 0,
        of_host=connection.scalar(count.where(hub_requests.c.callback_host == host)) or 0,
    )


def claim(
    connection: Connection, token: str, now: datetime, until: datetime, limit: int, not_hosts: Sequence[str] = ()
) -> list[HubRequest]:
    """Take what has been due longest, but for some hosts; nobody else gets it until the claim ends."""
    free = or_(hub_requests.c.claimed_until.is_(None), hub_requests.c.claimed_until <= now)
    due = (
        select(hub_requests.c.id)
        .where(hub_requests.c.due_at <= now, free, hub_requests.c.callback_host.not_in(not_hosts))
        .order_by(hub_requests.c.due_at, hub_requests.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = (
        update(hub_requests)
        .where(hub_requests.c.id.in_(select(due.c.id)))
        .values(claimed_until=until, claimed_by=token)
        .returning(*hub_requests.c)
    )
    return sorted(map(_read, connection.execute(taken)), key=lambda one: one.id)


def put_off(connection: Connection, id_: int, due_at: datetime, *, tried: bool) -> None:
    """Let go of a claimed request until a time."""
    connection.execute(
        update(hub_requests)
        .where(hub_requests.c.id == id_)
        .values(
            due_at=due_at,
            claimed_until=None,
            claimed_by=None,
            attempts=hub_requests.c.attempts + (1 if tried else 0),
        )
    )


def release_abandoned(connection: Connection) -> None:
    """Let others have what killed processes of this machine had claimed."""
    tokens = connection.scalars(
        select(hub_requests.c.claimed_by).where(hub_requests.c.claimed_by.is_not(None)).distinct()
    )
    if ended := [token for token in tokens if token and is_abandoned(token)]:
        connection.execute(
            update(hub_requests).where(hub_requests.c.claimed_by.in_(ended)).values(claimed_until=None, claimed_by=None)
        )


def take(connection: Connection, id_: int) -> bool:
    """Forget a request that was dealt with; return whether it still waited, and no later one had replaced it."""
    return connection.execute(delete(hub_requests).where(hub_requests.c.id == id_)).rowcount > 0


def next_due(connection: Connection, not_hosts: Sequence[str] = ()) -> datetime | None:
    """Return when there is something to do, but for some hosts, or a claim ends."""
    others = hub_requests.c.callback_host.not_in(not_hosts)
    claimed = hub_requests.c.claimed_until.is_not(None)
    due: datetime | None = connection.scalar(select(func.min(hub_requests.c.due_at)).where(~claimed, others))
    ends: datetime | None = connection.scalar(select(func.min(hub_requests.c.claimed_until)).where(claimed, others))
    return min((moment for moment in (due, ends) if moment is not None), default=None)


def _read(row: Row[Any]) -> HubRequest:
    return HubRequest(
        id=row.id,
        mode=Mode(row.mode),
        topic=row.topic,
        topic_asked=row.topic_asked,
        callback=row.callback,
        callback_host=row.callback_host,
        secret=row.secret,
        lease_seconds=row.lease_seconds,
        reason=row.reason,
        attempts=row.attempts,
    )
