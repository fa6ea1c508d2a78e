"""The dispatcher against a real receiver, on both databases."""

import gzip
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from standardwebhooks.webhooks import Webhook

from core.addresses import AddressPolicy
from core.exchange import Request
from core.transport import Transport
from notifier.channels.webhook import WebhookChannel
from notifier.courier import Courier
from notifier.endpoints import EndpointBook
from notifier.model import Delivery, DeliveryState, Endpoint, Message
from notifier.queue import DatabaseQueue
from notifier.signing import new_secret
from notifier.store import Chosen, DeliveryBook
from notifier.worker import Dispatcher, Tally
from tests.integration.notifier.conftest import SECRET, enqueue
from tests.support.certificates import make_certificate
from tests.support.dispatching import LOOPBACK, Hands, dispatching, endpoint_at
from tests.support.receiver import Manner, Receiver, Reply, running_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def only(store: Engine) -> Delivery:
    [delivery] = DeliveryBook(store).listing()
    return delivery


def test_a_delivery_arrives_signed(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    new = new_secret()
    endpoint = Endpoint(name="a", url=receiver.url("/hook"), secrets=(new, SECRET))
    with dispatching(store, endpoint, endpoint_at(receiver.url("/full"), "b", content=True), clock=clock) as dispatcher:
        enqueue(store, ["a", "b"], now=clock.now)
        assert dispatcher.run_until_idle(60) == Tally(delivered=2)
    [request] = receiver.received("/hook")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "msg_0"
    for secret in (new, SECRET):
        assert Webhook(secret).verify(request.body, dict(request.headers)) == {"n": "msg_0"}
    [full] = receiver.received("/full")
    assert full.body == b'{"n":"msg_0","content":true}'


def test_two_failures_and_a_success_are_three_attempts_of_one_message(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(status=500, body=b"broken\0"), Reply(status=404), Reply())
    with dispatching(store, endpoint_at(url), clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        for wait in (0, 5, 300):
            clock.now += timedelta(seconds=wait - 1)
            dispatcher.run_until_idle(60)
            before = len(receiver.received())
            clock.now += timedelta(seconds=1)
            dispatcher.run_until_idle(60)
            assert len(receiver.received()) == before + 1
    requests = receiver.received()
    assert {request.headers["webhook-id"] for request in requests} == {"msg_0"}
    times = [int(request.headers["webhook-timestamp"]) for request in requests]
    assert [time - times[0] for time in times] == [0, 5, 305]
    assert len({request.headers["webhook-signature"] for request in requests}) == 3
    delivery = only(store)
    assert (delivery.state, delivery.attempts, delivery.last_reason) == (DeliveryState.DELIVERED, 3, None)
    attempts = DeliveryBook(store).attempts(delivery.id)
    assert [(attempt.number, attempt.status, attempt.error) for attempt in attempts] == [
        (1, 500, "HTTP 500"),
        (2, 404, "HTTP 404"),
        (3, 200, None),
    ]
    assert attempts[0].excerpt == "broken"


def test_after_the_schedule_a_delivery_is_exhausted_and_kept(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(status=500))
    with dispatching(store, endpoint_at(url), clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        for _ in range(5):
            dispatcher.run_until_idle(60)
            clock.now += timedelta(days=1)
    assert len(receiver.received()) == 3
    assert (only(store).state, only(store).last_reason) == (DeliveryState.EXHAUSTED, "HTTP 500")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(manner=Manner.HANG), "timeout"),
        (Reply(manner=Manner.DRIP_STATUS), "timeout"),
        (Reply(manner=Manner.DRIP_HEADERS), "timeout"),
        (Reply(manner=Manner.DRIP_BODY), "timeout"),
        (Reply(manner=Manner.RESET), "connect"),
        (Reply(manner=Manner.GARBAGE), "protocol"),
        (Reply(manner=Manner.MANY_HEADERS), "protocol"),
        (Reply(status=301, headers={"Location": "/elsewhere"}), "HTTP 301"),
        (Reply(status=302, headers={"Location": "/elsewhere"}), "HTTP 302"),
        (Reply(status=307, headers={"Location": "/elsewhere"}), "HTTP 307"),
        (Reply(status=429), "HTTP 429"),
        (Reply(status=503), "HTTP 503"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.manner.value}-{value.status}",
)
def test_what_fails_is_tried_again_and_the_neighbour_is_served(
    store: Engine, receiver: Receiver, reply: Reply, reason: str
) -> None:
    clock = Hands()
    timeout = 0.4 if reason == "timeout" else 20
    bad = replace(endpoint_at(receiver.script("/bad", reply), "bad"), timeout=timeout)
    good = endpoint_at(receiver.url("/good"), "good")
    with dispatching(store, bad, good, clock=clock) as dispatcher:
        enqueue(store, ["bad", "good"], now=clock.now)
        assert dispatcher.run_until_idle(60) == Tally(delivered=1, retrying=1)
    [failed] = DeliveryBook(store).listing(Chosen(endpoint="bad"))
    assert (failed.state, failed.due_at) == (DeliveryState.PENDING, clock.now + timedelta(seconds=5))
    assert str(failed.last_reason).startswith(reason)
    assert receiver.received("/elsewhere") == []


@pytest.mark.parametrize("manner", [Manner.ENDLESS_BODY, Manner.GZIP_BOMB, Manner.SHORT_BODY])
def test_a_200_with_any_body_is_success(store: Engine, receiver: Receiver, manner: Manner) -> None:
    clock = Hands()
    with dispatching(store, endpoint_at(receiver.script("/hook", Reply(manner=manner))), clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        assert dispatcher.run_until_idle(60) == Tally(delivered=1)
    [attempt] = DeliveryBook(store).attempts(only(store).id)
    assert len(attempt.excerpt.encode()) <= 2048


def test_a_compressed_answer_is_kept_readable(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    reply = Reply(status=400, headers={"Content-Encoding": "gzip"}, body=gzip.compress("签名无效".encode()))
    with dispatching(store, endpoint_at(receiver.script("/hook", reply)), clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        dispatcher.run_until_idle(60)
    [attempt] = DeliveryBook(store).attempts(only(store).id)
    assert attempt.excerpt == "签名无效"


def test_gone_disables_the_endpoint_until_its_address_changes(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    gone = endpoint_at(receiver.script("/gone", Reply(status=410)))
    with dispatching(store, gone, clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        assert dispatcher.run_until_idle(60) == Tally(exhausted=1)
        enqueue(store, ["a"], prefix="later", now=clock.now)
        dispatcher.run_until_idle(60)
        assert len(receiver.received()) == 1
        assert "410" in str(EndpointBook(store).states()["a"].disabled_reason)
        moved = endpoint_at(receiver.url("/moved"))
        EndpointBook(store).sync([moved])
        dispatcher.configure([moved])
        dispatcher.run_until_idle(60)
    assert [request.headers["webhook-id"] for request in receiver.received("/moved")] == ["later_0"]


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("-1", 5), ("soon", 5), ("1000000000", 10), ("3", 5)])
def test_retry_after_is_obeyed(store: Engine, receiver: Receiver, header: str, seconds: int) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(status=429, headers={"Retry-After": header}))
    with dispatching(store, endpoint_at(url), clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        dispatcher.run_until_idle(60)
    assert only(store).due_at == clock.now + timedelta(seconds=seconds)


def test_a_private_address_is_refused_at_connect(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    with dispatching(store, endpoint_at(receiver.url()), clock=clock, policy=AddressPolicy()) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        assert dispatcher.run_until_idle(60) == Tally(retrying=1)
    assert receiver.received() == []
    assert only(store).last_reason == "refused-address: the address 127.0.0.1 is loopback"


def test_bad_tls_fails(store: Engine, tmp_path: Path) -> None:
    clock = Hands()
    context, _ = make_certificate(tmp_path)
    with (
        running_receiver(context) as receiver,
        dispatching(store, endpoint_at(receiver.url()), clock=clock) as dispatcher,
    ):
        enqueue(store, ["a"], now=clock.now)
        dispatcher.run_until_idle(60)
        assert receiver.received() == []
    assert str(only(store).last_reason).startswith("tls: TLS failed")


def test_hanging_endpoints_do_not_hold_up_the_healthy(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    hanging = [endpoint_at(receiver.script(f"/hang{n}", Reply(manner=Manner.HANG)), f"h{n}") for n in range(3)]
    healthy = [endpoint_at(receiver.url(f"/good{n}"), f"a{n}") for n in range(27)]
    with dispatching(store, *hanging, *healthy, clock=clock, places=8, deadline=80) as dispatcher:
        enqueue(store, [endpoint.name for endpoint in hanging + healthy], 10, now=clock.now)
        dispatcher.start()
        # No hanging request has ended by the time the healthy have everything: their deadline is longer than the wait.
        receiver.await_requests(27 * 10, under="/good")
    assert all(most <= 2 for most in receiver.most_in_flight.values())
    assert len(receiver.received(under="/hang")) <= 6


def test_many_endpoints_that_gave_no_answer_leave_half_of_the_places(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    hanging = [endpoint_at(receiver.script(f"/hang{n}", Reply(manner=Manner.HANG)), f"a{n}") for n in range(6)]
    healthy = endpoint_at(receiver.url("/good"), "z")
    with dispatching(
        store, *(replace(e, timeout=0.2) for e in hanging), clock=clock, places=4, deadline=80
    ) as dispatcher:
        enqueue(store, [endpoint.name for endpoint in hanging], now=clock.now)
        assert dispatcher.run_until_idle(60) == Tally(retrying=6)
        EndpointBook(store).sync([healthy])
        dispatcher.configure([*hanging, healthy])
        clock.now += timedelta(seconds=5)
        enqueue(store, ["z"], 30, prefix="later", now=clock.now)
        dispatcher.start()
        receiver.await_requests(30, under="/good")
        assert len(receiver.received(under="/hang")) <= 6 + 2


def test_it_wakes_for_new_work_and_for_retries(store: Engine, receiver: Receiver) -> None:
    class Ticking(Hands):
        def __call__(self) -> datetime:
            return datetime.now(UTC)

    clock = Ticking()
    url = receiver.script("/hook", Reply(status=500), Reply())
    with dispatching(store, endpoint_at(url), clock=clock, schedule=(0.3,)) as dispatcher:
        dispatcher.start()
        enqueue(store, ["a"], now=clock())
        dispatcher.wake()
        receiver.await_requests(2)
        dispatcher.stop(20)
    assert only(store).state is DeliveryState.DELIVERED


def test_what_is_under_way_at_a_stop_is_settled_or_comes_back(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    url = receiver.script("/hook", Reply(manner=Manner.HANG))
    with dispatching(store, endpoint_at(url), clock=clock) as dispatcher:
        enqueue(store, ["a"], now=clock.now)
        dispatcher.start()
        receiver.await_requests(1)
        dispatcher.stop(0)
        assert only(store).state is DeliveryState.SENDING
    receiver.script("/hook", Reply())
    clock.now += timedelta(seconds=91)
    with dispatching(store, endpoint_at(url), clock=clock) as dispatcher:
        assert dispatcher.run_until_idle(60) == Tally(delivered=1)
    assert {request.headers["webhook-id"] for request in receiver.received()} == {"msg_0"}


def test_a_bug_in_a_channel_costs_one_attempt(
    store: Engine, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(WebhookChannel):
        def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Request:
            if message.id == "msg_0":
                raise KeyError(endpoint.url)
            return super().request(message, endpoint, at)

    clock = Hands()
    endpoint = endpoint_at(receiver.url("/secret-path"))
    EndpointBook(store).sync([endpoint])
    enqueue(store, ["a"], 3, now=clock.now)
    transport = Transport(policy=LOOPBACK)
    dispatcher = Dispatcher(
        queue=DatabaseQueue(store),
        endpoints=[endpoint],
        courier=Courier({"webhook": Broken()}),
        transport=transport,
        clock=clock,
    )
    with caplog.at_level(logging.INFO):
        assert dispatcher.run_until_idle(60) == Tally(delivered=2, retrying=1)
    dispatcher.stop(20)
    transport.close()
    assert "secret-path" not in caplog.text
    assert SECRET not in caplog.text


def test_each_attempt_is_one_line_without_secrets(
    store: Engine, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Hands()
    bad = endpoint_at(receiver.script("/secret-path", Reply(manner=Manner.GARBAGE)), "bad")
    good = endpoint_at(receiver.url("/secret-path-too"), "good")
    with caplog.at_level(logging.DEBUG), dispatching(store, bad, good, clock=clock) as dispatcher:
        enqueue(store, ["bad", "good"], now=clock.now)
        dispatcher.run_until_idle(60)
    lines = [record.getMessage() for record in caplog.records if record.name == "notifier.worker"]
    assert len(lines) == 2
    assert all(line.startswith("attempt endpoint=") for line in lines)
    for secret in ("secret-path", SECRET, "msg_0"):
        assert secret not in caplog.text


def test_two_dispatchers_send_each_message_once(store: Engine, receiver: Receiver) -> None:
    clock = Hands()
    endpoints = [endpoint_at(receiver.url(f"/{n}"), f"a{n}") for n in range(5)]
    with (
        dispatching(store, *endpoints, clock=clock) as first,
        dispatching(store, *endpoints, clock=clock) as second,
    ):
        enqueue(store, [endpoint.name for endpoint in endpoints], 40, now=clock.now)
        other = threading.Thread(target=lambda: first.run_until_idle(30))
        other.start()
        second.run_until_idle(30)
        other.join()
        first.run_until_idle(30)
    sent = [(request.path, request.headers["webhook-id"]) for request in receiver.received()]
    assert len(sent) == len(set(sent)) == 200
    assert all(most <= 4 for most in receiver.most_in_flight.values())
