"""The delivery rows as a queue, on both databases."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from notifier.courier import Settlement
from notifier.endpoints import EndpointBook
from notifier.model import Attempt, Claimed, DeliveryState, Endpoint, Outcome, Verdict, Want
from notifier.queue import DatabaseQueue, Settled
from notifier.store import Chosen, DeliveryBook
from tests.integration.notifier.conftest import LEASE, NOW, SECRET, claim, endpoint_named, enqueue, know

DELIVERED = Verdict(state=DeliveryState.DELIVERED)
EXHAUSTED = Verdict(state=DeliveryState.EXHAUSTED)


def settlement(claimed: Claimed, verdict: Verdict, status: int = 200) -> Settlement:
    attempt = Attempt(
        number=claimed.attempt, started_at=NOW, latency_ms=12, status=status, error=None, excerpt="好" * 600
    )
    return Settlement(claimed=claimed, attempt=attempt, verdict=verdict, outcome=Outcome(status=status))


def settle(queue: DatabaseQueue, *settlements: Settlement, now: datetime = NOW) -> Settled:
    return queue.settle(settlements, now, 0.0)


def test_a_claim_holds_what_is_sent(store: Engine) -> None:
    know(store, "a", "b")
    enqueue(store, ["a", "b"])
    [claimed] = claim(DatabaseQueue(store), "a")
    assert (claimed.endpoint, claimed.message_id, claimed.event_type) == ("a", "msg_0", "post.published")
    assert (claimed.payload, claimed.attempt) == ('{"n":"msg_0"}', 1)
    [full] = DatabaseQueue(store).claim([Want(endpoint=endpoint_named("b", content=True), count=1)], NOW, LEASE)
    assert full.payload == '{"n":"msg_0","content":true}'


def test_no_more_is_claimed_than_is_wanted_and_the_oldest_first(store: Engine) -> None:
    know(store, "a", "b", "c")
    enqueue(store, ["a", "b", "c"], 10)
    wants = [Want(endpoint=endpoint_named(name), count=count) for name, count in (("a", 2), ("b", 3), ("c", 0))]
    found = DatabaseQueue(store).claim(wants, NOW, LEASE)
    assert Counter(claimed.endpoint for claimed in found) == {"a": 2, "b": 3}
    assert {claimed.message_id for claimed in found if claimed.endpoint == "b"} == {"msg_0", "msg_1", "msg_2"}


def test_what_is_not_due_disabled_or_unknown_is_not_claimed(store: Engine) -> None:
    know(store, "a", "b")
    enqueue(store, ["a", "b", "unknown"])
    EndpointBook(store).disable("b", "gone", NOW)
    queue = DatabaseQueue(store)
    assert claim(queue, "a", now=NOW - timedelta(microseconds=1)) == []
    assert [claimed.endpoint for claimed in claim(queue, "a", "b", "unknown")] == ["a"]
    assert queue.due_times([endpoint_named("b"), endpoint_named("unknown")], NOW) == {}


def test_many_that_claim_at_once_get_no_row_twice(store: Engine) -> None:
    know(store, "a", "b")
    enqueue(store, ["a", "b"], 250)
    start = threading.Barrier(4)
    taken: list[int] = []

    def drain() -> None:
        queue = DatabaseQueue(store)
        start.wait()
        while found := claim(queue, "a", "b", count=10):
            taken.extend(claimed.delivery_id for claimed in found)

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 500
    assert len(set(taken)) == 500


def test_an_expired_lease_can_be_claimed_again_with_the_same_message(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"])
    queue = DatabaseQueue(store)
    [lost] = claim(queue, "a")
    assert queue.release_abandoned(NOW + LEASE - timedelta(microseconds=1)) == 0
    assert claim(queue, "a", now=NOW + LEASE - timedelta(microseconds=1)) == []
    assert queue.release_abandoned(NOW + LEASE) == 1
    [again] = claim(queue, "a", now=NOW + LEASE)
    assert (again.message_id, again.delivery_id, again.attempt) == (lost.message_id, lost.delivery_id, 1)
    assert again.token != lost.token


def test_the_loser_of_a_lease_records_its_attempt_but_decides_nothing(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"])
    queue, book = DatabaseQueue(store), DeliveryBook(store)
    [lost] = claim(queue, "a")
    queue.release_abandoned(NOW + LEASE)
    [holder] = claim(queue, "a", now=NOW + LEASE)
    settle(queue, settlement(lost, EXHAUSTED, status=500))
    assert book.listing()[0].state is DeliveryState.SENDING
    settle(queue, settlement(holder, DELIVERED))
    assert book.listing()[0].state is DeliveryState.DELIVERED
    assert [attempt.status for attempt in book.attempts(holder.delivery_id)] == [500, 200]


def test_what_has_arrived_has_arrived_even_without_the_lease(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"])
    queue, book = DatabaseQueue(store), DeliveryBook(store)
    [lost] = claim(queue, "a")
    queue.release_abandoned(NOW + LEASE)
    [holder] = claim(queue, "a", now=NOW + LEASE)
    settle(queue, settlement(lost, DELIVERED))
    settle(queue, settlement(holder, EXHAUSTED, status=500))
    assert book.listing()[0].state is DeliveryState.DELIVERED


def test_settling_twice_changes_no_state(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"])
    queue, book = DatabaseQueue(store), DeliveryBook(store)
    later = Verdict(state=DeliveryState.PENDING, due_at=NOW + timedelta(seconds=5))
    [claimed] = claim(queue, "a")
    settle(queue, settlement(claimed, later, status=503))
    before = book.listing()
    settle(queue, settlement(claimed, EXHAUSTED, status=500))
    assert book.listing() == before
    assert (before[0].state, before[0].attempts, before[0].last_status) == (DeliveryState.PENDING, 1, 503)
    assert queue.due_times([endpoint_named("a")], NOW) == {"a": NOW + timedelta(seconds=5)}
    [again] = claim(queue, "a", now=NOW + timedelta(seconds=5))
    assert again.attempt == 2


def test_a_batch_settles_in_one_go(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"], 6)
    queue = DatabaseQueue(store)
    taken = claim(queue, "a")
    later = Verdict(state=DeliveryState.PENDING, due_at=NOW + timedelta(seconds=5))
    verdicts = [DELIVERED, EXHAUSTED, later] * 2
    settle(queue, *(settlement(c, v) for c, v in zip(taken, verdicts, strict=True)))
    counts = DeliveryBook(store).counts("a")
    assert counts == {
        DeliveryState.PENDING: 2,
        DeliveryState.SENDING: 0,
        DeliveryState.DELIVERED: 2,
        DeliveryState.EXHAUSTED: 2,
        DeliveryState.CANCELLED: 0,
        DeliveryState.DIGESTED: 0,
    }


def test_replaying_sends_finished_deliveries_again_under_the_same_id(store: Engine) -> None:
    know(store, "a")
    enqueue(store, ["a"], 2)
    queue, book = DatabaseQueue(store), DeliveryBook(store)
    exhausted, waiting = claim(queue, "a")
    settle(queue, settlement(replace(exhausted, attempt=10), EXHAUSTED, status=500))
    later = NOW + timedelta(days=1)
    assert book.replay(Chosen(ids=[exhausted.delivery_id, waiting.delivery_id, 999]), later) == [exhausted.delivery_id]
    [again] = claim(queue, "a", now=later)[:1]
    assert {again.attempt, exhausted.attempt} == {1}
    assert again.message_id in {exhausted.message_id, waiting.message_id}


def test_listing_filters(store: Engine) -> None:
    know(store, "a", "b")
    enqueue(store, ["a", "b"], 3)
    queue, book = DatabaseQueue(store), DeliveryBook(store)
    settle(queue, *(settlement(claimed, DELIVERED) for claimed in claim(queue, "a", count=2)))
    assert [d.endpoint for d in book.listing(Chosen(endpoint="a", states=[DeliveryState.DELIVERED]))] == ["a", "a"]
    assert len(book.listing(limit=4)) == 4
    first = book.listing()[-1]
    assert book.listing(Chosen(ids=[first.id])) == [first]
    assert (first.message_id, first.subject, first.finished_at) == ("msg_0", "0", NOW)
    waiting = book.listing(Chosen(states=[DeliveryState.PENDING]))
    assert len(book.cancel([delivery.id for delivery in waiting], NOW)) == 4
    assert book.counts()[DeliveryState.CANCELLED] == 4


def test_a_changed_address_enables_an_endpoint_again(store: Engine) -> None:
    book = EndpointBook(store)
    endpoint = Endpoint(name="a", url="https://a.test/", secrets=(SECRET,))
    book.sync([endpoint])
    book.disable("a", "it answered 410 Gone", NOW)
    book.sync([endpoint])
    assert book.states()["a"].disabled_at == NOW
    book.sync([replace(endpoint, url="https://a.test/new")])
    assert book.states()["a"].disabled_at is None
    book.disable("a", "again", NOW)
    assert book.enable("a", NOW)
    assert not book.enable("a", NOW)
