"""A value that many ask for: one reading, and nobody waits for one that hangs."""

import threading
from concurrent.futures import ThreadPoolExecutor

from core.fresh import Fresh


class Source:
    """Counts its readings; each waits until it may end."""

    def __init__(self) -> None:
        self.readings = 0
        self.may_end = threading.Event()
        self.may_end.set()
        self.under_way = threading.Semaphore(0)

    def read(self) -> int:
        self.readings += 1
        self.under_way.release()
        assert self.may_end.wait(60)
        return self.readings


def test_many_who_ask_cost_one_reading() -> None:
    source = Source()
    source.may_end.clear()
    fresh = Fresh(source.read, keep=3600, patience=60)
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(fresh.get) for _ in range(100)]
        assert source.under_way.acquire(timeout=60)
        source.may_end.set()
        assert {answer.result() for answer in answers} == {1}
    assert source.readings == 1


def test_it_is_read_anew_when_it_is_old() -> None:
    source = Source()
    fresh = Fresh(source.read, keep=0, patience=60)
    assert [fresh.get(), fresh.get()] == [1, 2]


def test_a_reading_that_hangs_holds_up_nobody_and_is_not_begun_again() -> None:
    source = Source()
    source.may_end.clear()
    fresh = Fresh(source.read, keep=3600, patience=0.01)
    assert [fresh.get() for _ in range(50)] == [None] * 50
    assert source.readings == 1
    source.may_end.set()
    patient = Fresh(source.read, keep=0, patience=60)
    assert patient.get() == 2


def test_a_reading_that_fails_can_be_tried_again() -> None:
    answers = iter([ValueError("no"), None, 5])

    def read() -> int | None:
        found = next(answers)
        if isinstance(found, ValueError):
            raise found
        return found

    fresh = Fresh(read, keep=0, patience=60)
    assert [fresh.get(), fresh.get(), fresh.get()] == [None, None, 5]
