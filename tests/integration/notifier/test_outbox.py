"""The outbox on both databases: events come back as they went in, and are released once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from core.db import reading, writing
from notifier import outbox
from notifier.model import Event, Release, Target
from notifier.tables import deliveries, events
from tests.integration.notifier.conftest import NOW, make_events


def add(engine: Engine, count: int) -> list[Event]:
    with writing(engine) as connection:
        outbox.add(connection, make_events(count))
    with reading(engine) as connection:
        return outbox.unreleased(connection, limit=count)


def releases_of(found: list[Event], *endpoints: str) -> list[Release]:
    return [
        Release(
            event_id=event.id or 0,
            payload="{}",
            payload_with_content=None,
            targets=tuple(Target(endpoint=name, due_at=NOW) for name in endpoints),
        )
        for event in found
    ]


def test_events_come_back_as_they_went_in_oldest_first(store: Engine) -> None:
    found = add(store, 3)
    assert [event.message_id for event in found] == ["msg_0", "msg_1", "msg_2"]
    assert found[0].facts == make_events(1)[0].facts
    assert found[0].occurred_at == NOW
    with reading(store) as connection:
        assert outbox.unreleased(connection, limit=2) == found[:2]
        assert outbox.unreleased(connection, up_to_id=found[0].id) == found[:1]
        assert outbox.newest_id(connection) == found[2].id


def test_a_message_id_is_used_once(store: Engine) -> None:
    add(store, 1)
    with pytest.raises(IntegrityError), writing(store) as connection:
        outbox.add(connection, make_events(1))


def test_a_burst_is_released_at_once_and_only_once(store: Engine) -> None:
    found = add(store, 1200)
    with writing(store) as connection:
        assert outbox.release(connection, releases_of(found, "a", "b"), NOW).deliveries == 2400
    with writing(store) as connection:
        assert outbox.release(connection, releases_of(found, "a", "b", "c"), NOW + timedelta(1)).deliveries == 0
    with reading(store) as connection:
        assert outbox.unreleased(connection) == []
        assert outbox.newest_id(connection) is None
        assert connection.scalar(select(func.count()).select_from(deliveries)) == 2400


def test_an_event_that_nobody_gets_keeps_no_payload(store: Engine) -> None:
    found = add(store, 1)
    with writing(store) as connection:
        assert outbox.release(connection, releases_of(found), NOW).deliveries == 0
    with reading(store) as connection:
        assert connection.execute(select(events.c.released_at, events.c.payload)).one() == (NOW, None)


def test_what_is_rolled_back_stays_in_the_outbox(store: Engine) -> None:
    found = add(store, 1)

    def crash() -> None:
        with writing(store) as connection:
            outbox.release(connection, releases_of(found, "a"), NOW)
            raise LookupError

    with pytest.raises(LookupError):
        crash()
    with reading(store) as connection:
        assert outbox.unreleased(connection) == found


def test_several_that_release_at_once_make_each_delivery_once(store: Engine) -> None:
    found = add(store, 300)
    start = threading.Barrier(4)
    made: list[int] = []

    def release() -> None:
        start.wait()
        for first in range(0, 300, 50):
            with writing(store) as connection:
                made.append(outbox.release(connection, releases_of(found[first : first + 50], "a"), NOW).deliveries)

    threads = [threading.Thread(target=release) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store) as connection:
        assert connection.scalar(select(func.count()).select_from(deliveries)) == 300
        assert outbox.unreleased(connection) == []
    assert sum(made) == 300
