"""A database with the notifier's tables, and a way to put deliveries into it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from core.db import writing
from notifier import outbox
from notifier.endpoints import EndpointBook
from notifier.match import facts_of
from notifier.model import Claimed, Endpoint, Event, Release, Target, Want
from notifier.queue import DatabaseQueue
from notifier.tables import metadata
from tests.support.dispatching import SECRET

NOW = datetime(2022, 2, 23, 10, 46, 18, tzinfo=UTC)


@pytest.fixture
def store(engine: Engine) -> Engine:
    metadata.create_all(engine)
    return engine


def make_events(count: int, prefix: str = "msg") -> list[Event]:
    return [
        Event(
            message_id=f"{prefix}_{number}",
            type="post.published",
            subject=str(number),
            occurred_at=NOW,
            facts=facts_of("降准", category=["a", "b"]),
        )
        for number in range(count)
    ]


LEASE = timedelta(seconds=60)


def endpoint_named(name: str, **more: Any) -> Endpoint:
    return Endpoint(name=name, url=f"https://{name}.test/", secrets=(SECRET,), **more)


def claim(queue: DatabaseQueue, *names: str, now: datetime = NOW, count: int = 1000) -> list[Claimed]:
    return queue.claim([Want(endpoint=endpoint_named(name), count=count) for name in names], now, LEASE)


def know(engine: Engine, *names: str) -> None:
    EndpointBook(engine).sync([endpoint_named(name) for name in names])


def enqueue(engine: Engine, endpoints: Sequence[str], count: int = 1, prefix: str = "msg", now: datetime = NOW) -> None:
    """Put `count` new events into the outbox and release each to all the endpoints."""
    with writing(engine) as connection:
        outbox.add(connection, make_events(count, prefix))
        waiting = outbox.unreleased(connection, limit=10_000)
        releases = [
            Release(
                event_id=event.id or 0,
                payload=f'{{"n":"{event.message_id}"}}',
                payload_with_content=f'{{"n":"{event.message_id}","content":true}}',
                targets=tuple(Target(endpoint=name, due_at=now) for name in endpoints),
            )
            for event in waiting
        ]
        outbox.release(connection, releases, now)
