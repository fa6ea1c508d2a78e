"""What a killed process had claimed is free again at once, on both databases; what others hold stays theirs."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from unittest.mock import ANY

import pytest
from sqlalchemy import Engine, select, update

from core.claimant import is_abandoned, make_token
from core.db import open_engine, reading, writing
from notifier.model import DeliveryState
from notifier.queue import DatabaseQueue
from notifier.store import DeliveryBook
from notifier.tables import deliveries
from notifier.worker import Tally
from tests.integration.notifier.conftest import LEASE, NOW, claim, enqueue, know
from tests.support.dispatching import Hands, dispatching, endpoint_at
from tests.support.receiver import running_receiver

SOON = NOW + timedelta(seconds=1)


def _claim_and_wait(url: str, pipe: Connection) -> None:
    engine = open_engine(url)
    claimed = claim(DatabaseQueue(engine), "a", count=2)
    engine.dispose()
    pipe.send([item.token for item in claimed])
    pipe.recv()


class Claimer:
    """A process that has claimed both places of the endpoint `a`."""

    def __init__(self, url: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_claim_and_wait, args=(url, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert self._pipe.poll(60)
        self.tokens: list[str] = self._pipe.recv()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill it, and leave it as the system does until its parent asks for it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def reap(self) -> None:
        self._process.join(60)
        self._pipe.close()


@contextmanager
def claiming(url: str) -> Iterator[Claimer]:
    claimer = Claimer(url)
    yield claimer
    claimer.kill()
    claimer.reap()


@pytest.fixture
def killed(store: Engine, database_url: str) -> Claimer:
    know(store, "a")
    enqueue(store, ["a"], 3)
    with claiming(database_url) as claimer:
        assert len(claimer.tokens) == 2
    return claimer


def put_token(store: Engine, token: str) -> None:
    with writing(store) as connection:
        connection.execute(update(deliveries).where(deliveries.c.state == "sending").values(claim_token=token))


def states(store: Engine) -> list[str]:
    return [delivery.state for delivery in DeliveryBook(store).listing()]


def test_claims_of_a_killed_process_are_due_at_once(store: Engine, killed: Claimer) -> None:
    queue = DatabaseQueue(store)
    assert [item.delivery_id for item in claim(queue, "a", now=SOON, count=2)] == [3]
    assert queue.release_abandoned(SOON) == 2
    with reading(store) as connection:
        columns = deliveries.c
        query = select(columns.state, columns.attempts, columns.due_at, columns.lease_until, columns.claim_token)
        rows = connection.execute(query.order_by(columns.id)).all()
    assert rows == [("pending", 0, SOON, None, None)] * 2 + [("sending", 0, NOW, SOON + LEASE, ANY)]
    again = claim(queue, "a", now=SOON, count=2)
    assert [item.attempt for item in again] == [1, 1]
    assert queue.release_abandoned(SOON) == 0


def test_a_process_that_nobody_has_asked_for_yet_is_dead(store: Engine, database_url: str) -> None:
    know(store, "a")
    enqueue(store, ["a"], 3)
    claimer = Claimer(database_url)
    claimer.kill()
    assert DatabaseQueue(store).release_abandoned(SOON) == 2
    claimer.reap()


def test_claims_of_a_live_process_are_not_touched(store: Engine, database_url: str) -> None:
    know(store, "a")
    enqueue(store, ["a"], 3)
    with claiming(database_url) as claimer:
        assert DatabaseQueue(store).release_abandoned(SOON) == 0
        assert states(store).count("sending") == 2
        assert claimer.tokens[0].split(":")[-3] == str(claimer.pid)


def test_our_own_claims_are_not_touched(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"], 3)
    queue = DatabaseQueue(store)
    assert len(claim(queue, "a", now=NOW, count=2)) == 2
    assert queue.release_abandoned(SOON) == 0


@pytest.mark.parametrize("field", [0, 1, 2], ids=["host", "boot", "namespace"])
def test_claims_of_another_machine_wait_for_their_lease(store: Engine, killed: Claimer, field: int) -> None:
    fields = killed.tokens[0].split(":")
    fields[field] += "0"
    put_token(store, ":".join(fields))
    assert DatabaseQueue(store).release_abandoned(SOON) == 0
    assert states(store).count("sending") == 2


@pytest.mark.parametrize("token", ["", "0f" * 16, "a:b", ":0:0:", "::::::", "x:y:z:1:99999999999999999999:u"])
def test_a_token_that_tells_no_process_is_not_abandoned(token: str) -> None:
    assert not is_abandoned(token)


def test_a_process_that_started_at_another_time_is_another_process() -> None:
    fields = make_token().split(":")
    assert not is_abandoned(":".join(fields))
    fields[-2] = str(int(fields[-2]) - 1)
    assert is_abandoned(":".join(fields))


def test_several_that_release_at_once_release_each_row_once(store: Engine, killed: Claimer) -> None:
    start = threading.Barrier(4)
    counts: list[int] = []

    def release() -> None:
        queue = DatabaseQueue(store)
        start.wait()
        counts.append(queue.release_abandoned(SOON))

    threads = [threading.Thread(target=release) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 2
    assert states(store) == ["pending"] * 3


def test_a_new_dispatcher_sends_what_the_killed_one_held(store: Engine, killed: Claimer) -> None:
    clock = Hands()
    with running_receiver() as receiver, dispatching(store, endpoint_at(receiver.url()), clock=clock) as dispatcher:
        assert dispatcher.run_until_idle(60) == Tally(delivered=3)
    assert states(store) == [DeliveryState.DELIVERED] * 3
