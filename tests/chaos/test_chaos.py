"""Workers are killed while posts arrive and receivers misbehave: who is healthy gets every post, under one id."""

import random
import time
from collections import Counter, defaultdict
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from core.db import open_engine, reading
from notifier.endpoints import EndpointBook
from notifier.model import Endpoint
from tests.chaos.conftest import database_for
from tests.support.databases import PostgresCluster
from tests.support.dispatching import endpoint_at
from tests.support.engines import defer_of, prepare, publish
from tests.support.ports import free_port
from tests.support.receiver import Manner, Receiver, Reply
from tests.support.site import eventually
from tests.support.workers import WorkerProcess

SEED = 20_240_501
KILLS = 50
FRAME = 24 + 4096  # bytes that a page takes in SQLite's write-ahead log
OK = Reply()


def healthy_endpoints(receiver: Receiver, chance: random.Random) -> list[Endpoint]:
    """Endpoints that take everything in the end, each in its own way."""
    ways: dict[str, list[Reply]] = {
        "plain": [OK],
        "other": [OK],
        "slow": [Reply(delay=0.15)],
        "fails": [chance.choice([OK, Reply(status=500), Reply(status=503)]) for _ in range(60)],
        "resets": [chance.choice([OK, Reply(manner=Manner.RESET), Reply(manner=Manner.CLOSE)]) for _ in range(60)],
        "busy": [chance.choice([OK, Reply(status=429, headers={"Retry-After": "1"})]) for _ in range(40)],
        "hangs now and then": [chance.choice([OK, OK, OK, Reply(manner=Manner.HANG)]) for _ in range(30)],
    }
    return [
        endpoint_at(receiver.script(f"/healthy/{number}", *replies, OK), f"healthy-{number}")
        for number, replies in enumerate(ways.values())
    ]


def hopeless_endpoints(receiver: Receiver) -> list[Endpoint]:
    refusing = f"http://127.0.0.1:{free_port()}/"
    return [
        endpoint_at(receiver.script("/hopeless/hang", Reply(manner=Manner.HANG)), "hopeless-hang"),
        endpoint_at(receiver.script("/hopeless/drip", Reply(manner=Manner.DRIP_HEADERS)), "hopeless-drip"),
        endpoint_at(receiver.script("/hopeless/gone", Reply(status=410)), "hopeless-gone"),
        endpoint_at(refusing, "hopeless-refusing"),
    ]


def in_flight(database: Engine, pid: int) -> int:
    """Count what a process had claimed and not settled."""
    query = text("SELECT count(*) FROM deliveries WHERE state = 'sending' AND claim_token LIKE :token")
    with reading(database) as connection:
        return int(connection.scalar(query, {"token": f"%:{pid}:%"}) or 0)


def crash(cluster: PostgresCluster) -> None:
    """Kill a server process with SIGKILL: all connections are cut, and the server recovers from its log."""
    with psycopg.connect(cluster.url(), autocommit=True) as admin:
        query = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
        )
        row = admin.execute(query).fetchone()
        assert row is not None
        cluster.kill(row[0])
        eventually(lambda: is_cut(admin))
    eventually(lambda: answers(cluster))


def is_cut(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def answers(cluster: PostgresCluster) -> bool:
    try:
        psycopg.connect(cluster.url()).close()
    except psycopg.OperationalError:
        return False
    return True


def settled(database: Engine, healthy: list[str], posts: int) -> bool:
    query = text("SELECT endpoint, count(*) AS number FROM deliveries WHERE state = 'delivered' GROUP BY endpoint")
    with reading(database) as connection:
        found = {row.endpoint: row.number for row in connection.execute(query)}
    return all(found.get(name) == posts for name in healthy)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("kind", "workers"), [("local on sqlite", 2), ("jobs on postgresql", 3)])
def test_fifty_kills(
    kind: str, workers: int, tmp_path: Path, receiver: Receiver, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(SEED)
    url = database_for(kind, tmp_path, request)
    database = open_engine(url)
    healthy, hopeless = healthy_endpoints(receiver, chance), hopeless_endpoints(receiver)
    endpoints = [*healthy, *hopeless]
    EndpointBook(database, defer_of(kind)).sync(endpoints)
    running = [WorkerProcess(url, kind, endpoints) for _ in range(workers)]
    posts = killed_in_flight = 0
    for kill in range(KILLS):
        count = chance.randint(1, 4)
        publish(database, kind, [one.name for one in endpoints], [f"{posts + n}" for n in range(count)])
        posts += count
        time.sleep(chance.uniform(0.05, 0.6))  # the moment of the kill is the test's input
        if kind.startswith("jobs") and kill in (15, 35):
            crash(request.getfixturevalue("cluster"))
            database.dispose()  # its connections are gone
        victim = chance.randrange(workers)
        assert running[victim].alive
        running[victim].kill()
        killed_in_flight += in_flight(database, running[victim].pid)
        running[victim] = WorkerProcess(url, kind, endpoints)
    eventually(lambda: settled(database, [one.name for one in healthy], posts), 120)
    for worker in running:
        worker.kill()
    check(receiver, database, healthy, posts, killed_in_flight)
    states = EndpointBook(database).states()
    assert states["hopeless-gone"].disabled_at is not None
    database.dispose()


def given_up(database: Engine) -> Counter[tuple[str, str]]:
    """Count, by endpoint and message id, the attempts that a worker waited for no longer, though they may have come."""
    query = text(
        "SELECT d.endpoint, e.message_id FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
        " JOIN events e ON e.id = d.event_id WHERE a.error LIKE 'timeout%'"
    )
    with reading(database) as connection:
        return Counter((row.endpoint, row.message_id) for row in connection.execute(query))


def check(receiver: Receiver, database: Engine, healthy: list[Endpoint], posts: int, killed_in_flight: int) -> None:
    """Every post came to every healthy endpoint, under one id, and twice at most what was in flight at a kill.

    What a worker did not wait for, on a machine that stood still, comes again too.
    """
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    times: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    for one in receiver.received(under="/healthy"):
        post = one.body.decode().rpartition('"post":"')[2].partition('"')[0]
        ids[one.path, post].add(one.headers["webhook-id"])
        (times if one.answered else refused)[one.path, post] += 1
    expected = {(f"/healthy/{n}", f"{post}") for n in range(len(healthy)) for post in range(posts)}
    assert set(ids) == expected
    assert {len(found) for found in ids.values()} == {1}
    names = {f"/healthy/{n}": one.name for n, one in enumerate(healthy)}
    messages = {key: found.pop() for key, found in ids.items()}
    late = given_up(database)
    twice = sum(max(0, count - 1 - late[names[key[0]], messages[key]]) for key, count in times.items())
    print(f"{posts} posts to {len(healthy)} healthy endpoints: {twice} came again, {killed_in_flight} were in flight")
    assert twice <= killed_in_flight


@pytest.mark.timeout(200)
def test_a_worker_that_was_frozen_past_its_lease_does_no_harm(
    tmp_path: Path, receiver: Receiver, request: pytest.FixtureRequest
) -> None:
    kind = "jobs on postgresql"
    url = database_for(kind, tmp_path, request)
    database = open_engine(url)
    endpoints = [endpoint_at(receiver.script(f"/healthy/{n}", Reply(delay=0.2)), f"healthy-{n}") for n in range(6)]
    EndpointBook(database, defer_of(kind)).sync(endpoints)
    running = [WorkerProcess(url, kind, endpoints, lease=6.0) for _ in range(3)]
    names = [one.name for one in endpoints]
    publish(database, kind, names, [f"{n}" for n in range(20)])
    eventually(lambda: any(in_flight(database, worker.pid) for worker in running))
    victim = next(worker for worker in running if in_flight(database, worker.pid))
    victim.freeze()
    held = in_flight(database, victim.pid)
    # The others take over what the frozen one held, once it was not heard of for long enough.
    eventually(lambda: settled(database, names, 20), 60)
    victim.thaw()
    publish(database, kind, names, [f"{n}" for n in range(20, 40)])
    eventually(lambda: settled(database, names, 40), 60)
    assert victim.alive
    for worker in running:
        worker.kill()
    check(receiver, database, endpoints, 40, held)
    database.dispose()


@pytest.mark.timeout(200)
def test_a_full_disk_loses_nothing_and_repeats_nothing(tmp_path: Path, receiver: Receiver) -> None:
    kind = "local on sqlite"
    path = tmp_path / "feedbell.db"
    url = f"sqlite:///{path}"
    database = open_engine(url)
    prepare(database, kind)
    endpoints = [endpoint_at(receiver.url(f"/healthy/{n}"), f"healthy-{n}") for n in range(5)]
    EndpointBook(database).sync(endpoints)
    names = [one.name for one in endpoints]
    publish(database, kind, names, [f"{n}" for n in range(200)])
    # Its files may grow a little more, and then no more: as on a disk that is full.
    log = path.with_name("feedbell.db-wal")
    largest = log.stat().st_size + 200_000
    worker = WorkerProcess(url, kind, endpoints, largest_file=largest)
    eventually(lambda: log.stat().st_size > largest - FRAME)
    time.sleep(1.0)  # in which it goes on failing
    assert receiver.received(under="/healthy")
    assert not settled(database, names, 200)
    assert worker.alive
    worker.give_disk()
    eventually(lambda: settled(database, names, 200), 60)
    worker.kill()
    check(receiver, database, endpoints, 200, 0)
    database.dispose()
