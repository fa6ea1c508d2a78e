"""What every engine does, whichever it is: the local one on both databases, and jobs on PostgreSQL."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.clock import utc_now
from core.db import open_engine, reading, writing
from notifier import jobs
from notifier.endpoints import EndpointBook
from notifier.limits import Rate
from notifier.model import DeliveryState
from notifier.store import Chosen, DeliveryBook
from notifier.upkeep import Upkeep, every
from tests.support.databases import PostgresCluster
from tests.support.dispatching import endpoint_at
from tests.support.engines import KINDS, defer_of, make_engine, prepare, publish, sending
from tests.support.receiver import Manner, Receiver, Reply, running_receiver
from tests.support.site import eventually


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if kind.endswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'feedbell.db'}"
    else:
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        url = cluster.empty_database()
    opened = open_engine(url)
    prepare(opened, kind)
    yield opened
    opened.dispose()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def sent(receiver: Receiver, under: str = "/") -> Counter[tuple[str, str]]:
    return Counter((one.path, one.headers["webhook-id"]) for one in receiver.received(under=under))


def counts(database: Engine) -> dict[str, int]:
    return {state.value: number for state, number in DeliveryBook(database).counts().items() if number}


def test_everything_is_sent_once(database: Engine, kind: str, receiver: Receiver) -> None:
    endpoints = [endpoint_at(receiver.url(f"/{n}"), f"e{n}") for n in range(10)]
    with sending(database, kind, endpoints) as engine:
        publish(database, kind, [one.name for one in endpoints], [f"{n}" for n in range(30)])
        engine.wake()
        eventually(lambda: counts(database) == {"delivered": 300})
    assert set(sent(receiver).values()) == {1}
    assert len(sent(receiver)) == 300


def test_what_waits_at_the_start_is_sent(database: Engine, kind: str, receiver: Receiver) -> None:
    endpoint = endpoint_at(receiver.url("/hook"))
    EndpointBook(database).sync([endpoint])
    # Made before there were jobs.
    publish(database, "local", ["a"], ["1", "2"])
    engine, transport = make_engine(database, kind, [endpoint])
    assert engine.run_until_idle(60).delivered == 2
    engine.stop(0)
    transport.close()
    assert counts(database) == {"delivered": 2}


def test_a_failure_is_tried_again_when_it_is_due(database: Engine, kind: str, receiver: Receiver) -> None:
    url = receiver.script("/hook", Reply(status=500), Reply(manner=Manner.RESET), Reply())
    with sending(database, kind, [endpoint_at(url)]) as engine:
        publish(database, kind, ["a"], ["1"])
        engine.wake()
        eventually(lambda: counts(database) == {"delivered": 1})
    first, second, third = receiver.received()
    assert (second.at - first.at, third.at - second.at) >= (0.2, 0.4)
    assert {one.headers["webhook-id"] for one in receiver.received()} == {"msg_post.published_1"}


def test_those_that_hang_do_not_hold_up_the_healthy(database: Engine, kind: str, receiver: Receiver) -> None:
    hanging = [
        replace(endpoint_at(receiver.script(f"/hang{n}", Reply(manner=Manner.HANG)), f"h{n}"), timeout=75.0)
        for n in range(10)
    ]
    healthy = [endpoint_at(receiver.url(f"/good{n}"), f"a{n}") for n in range(10)]
    endpoints = [*hanging, *healthy]
    EndpointBook(database).sync(endpoints)
    engine, transport = make_engine(database, kind, endpoints)
    engine.start()
    publish(database, kind, [one.name for one in endpoints], [f"{n}" for n in range(20)])
    engine.wake()
    # No request to those that hang has ended by then: their time is longer than the wait.
    receiver.await_requests(200, under="/good")
    engine.stop(0)
    transport.close()
    assert all(most <= 2 for most in receiver.most_in_flight.values())


def test_what_is_under_way_at_a_stop_comes_back(database: Engine, kind: str, receiver: Receiver) -> None:
    url = receiver.script("/hook", Reply(manner=Manner.HANG))
    endpoint, lease = replace(endpoint_at(url), timeout=3.0), timedelta(seconds=5)
    with sending(database, kind, [endpoint], lease=lease) as engine:
        publish(database, kind, ["a"], ["1", "2", "3"])
        engine.wake()
        receiver.await_requests(2)
        engine.stop(0)
    receiver.script("/hook", Reply())
    with sending(database, kind, [endpoint], lease=lease):
        eventually(lambda: counts(database) == {"delivered": 3})


def test_several_that_send_share_the_work(database: Engine, kind: str, receiver: Receiver) -> None:
    endpoints = [endpoint_at(receiver.url(f"/{n}"), f"e{n}") for n in range(20)]
    with sending(database, kind, endpoints, count=3) as engine:
        for batch in range(5):
            subjects = [f"{batch}-{n}" for n in range(10)]
            publish(database, kind, [one.name for one in endpoints], subjects)
            engine.wake()
        eventually(lambda: counts(database) == {"delivered": 1000})
    assert set(sent(receiver).values()) == {1}
    if kind.startswith("jobs"):
        # One machine at a time serves an endpoint, so that its own limit holds over all.
        assert all(most <= 2 for most in receiver.most_in_flight.values())


def test_a_limit_holds_over_all_that_send_and_the_rest_is_a_digest(
    database: Engine, kind: str, receiver: Receiver
) -> None:
    endpoint = endpoint_at(receiver.url("/hook"), rate=Rate(count=4, seconds=2, burst=2))
    with sending(database, kind, [endpoint], count=2) as engine:
        publish(database, kind, ["a"], [f"{n}" for n in range(50)])
        engine.wake()
        eventually(lambda: counts(database).keys() == {"delivered", "digested"})
    assert counts(database) == {"delivered": 2, "digested": 49}
    bodies = [one.body.decode() for one in receiver.received()]
    assert sum(body.count('"post":') for body in bodies) == 50


def test_a_replay_and_an_enabled_endpoint_are_taken_up(database: Engine, kind: str, receiver: Receiver) -> None:
    url = receiver.script("/hook", Reply(status=410))
    defer = defer_of(kind)
    with sending(database, kind, [endpoint_at(url)]) as engine:
        publish(database, kind, ["a"], ["1"])
        engine.wake()
        eventually(lambda: counts(database) == {"exhausted": 1})
        publish(database, kind, ["a"], ["2"])
        receiver.script("/hook", Reply())
        EndpointBook(database, defer).enable("a", utc_now())
        engine.wake()
        eventually(lambda: counts(database) == {"exhausted": 1, "delivered": 1})
        DeliveryBook(database, defer).replay(Chosen(states=[DeliveryState.EXHAUSTED]), utc_now())
        engine.wake()
        eventually(lambda: counts(database) == {"delivered": 2})


def test_upkeep_is_done_once_among_all_machines(postgres: PostgresCluster) -> None:
    database = open_engine(postgres.empty_database())
    prepare(database, "jobs")
    done: list[float] = []
    upkeep = Upkeep(name="count", cron=every(1), run=lambda: done.append(utc_now().timestamp()))
    limits = jobs.JobLimits(heartbeat=1.0, stalled_after=30.0, polling=0.2, upkeep=(upkeep,))
    engines = [make_engine(database, "jobs", [], limits=limits) for _ in range(3)]
    began = utc_now().timestamp()
    for engine, _ in engines:
        engine.start()
    eventually(lambda: len(done) >= 6)
    for engine, transport in engines:
        engine.stop(2)
        transport.close()
    database.dispose()
    # Three machines would have done it three times in each second.
    assert len(done) <= done[-1] - began + 2


def test_what_was_lost_between_rows_and_jobs_is_found(postgres: PostgresCluster, receiver: Receiver) -> None:
    database = open_engine(postgres.empty_database())
    prepare(database, "jobs")
    endpoint = endpoint_at(receiver.url("/hook"))
    EndpointBook(database).sync([endpoint])
    publish(database, "local", ["a"], ["1"])
    jobs.defer_all(database)
    jobs.defer_all(database)
    with reading(database) as connection:
        waiting: Any = connection.execute(text("SELECT queueing_lock, status FROM procrastinate_jobs")).all()
    assert waiting == [("endpoint:a", "todo")]
    database.dispose()


def test_a_job_that_waits_is_brought_forward_and_never_put_off(postgres: PostgresCluster) -> None:
    database = open_engine(postgres.empty_database())
    prepare(database, "jobs")
    now = utc_now()

    def waits() -> float:
        with reading(database) as connection:
            [at] = connection.scalars(text("SELECT scheduled_at FROM procrastinate_jobs"))
            return float(round((at - now).total_seconds()))

    for seconds, expected in ((3600, 3600), (7200, 3600), (60, 60), (600, 60)):
        with writing(database) as connection:
            jobs.deferrer()(connection, {"a": now + timedelta(seconds=seconds)})
        assert waits() == expected
    database.dispose()
