"""Many requests at once: bounded, side by side, over kept connections."""

import resource
import threading
from collections.abc import Iterator

import pytest

from core.addresses import AddressPolicy
from core.exchange import HttpError, HttpResult, Request
from core.transport import Transport
from tests.support.receiver import Manner, Receiver, Reply, running_receiver

LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def transport() -> Iterator[Transport]:
    opened = Transport(policy=LOOPBACK, in_flight=200)
    yield opened
    opened.close()


def finish(transport: Transport) -> dict[int, HttpResult]:
    ended: dict[int, HttpResult] = {}
    while transport.under_way:
        ended.update(transport.poll(20))
    return ended


def test_each_result_belongs_to_its_request(transport: Transport, receiver: Receiver) -> None:
    for number in range(100):
        url = receiver.script(f"/{number}", Reply(status=400 + number, body=str(number).encode()))
        transport.submit(Request(url=url, body=f"body {number}".encode(), headers=(f"x-number: {number}",)), number)
    assert transport.free == 100
    ended = finish(transport)
    assert {number: (result.status, result.excerpt) for number, result in ended.items()} == {
        number: (400 + number, str(number).encode()) for number in range(100)
    }
    came = {request.path: (request.headers["x-number"], request.body) for request in receiver.received()}
    assert came == {f"/{number}": (str(number), f"body {number}".encode()) for number in range(100)}


def test_those_that_hang_hold_up_nobody(transport: Transport, receiver: Receiver) -> None:
    for number in range(100):
        url = receiver.script(f"/hang/{number}", Reply(manner=Manner.HANG))
        transport.submit(Request(url=url, body=b"", deadline=60), number)
    for number in range(100, 150):
        transport.submit(Request(url=receiver.url(f"/good/{number}"), body=b""), number)
    ended: dict[int, HttpResult] = {}
    while len(ended) < 50:
        ended.update(transport.poll(20))
    assert sorted(ended) == list(range(100, 150))
    assert transport.under_way == 100


def test_connections_are_used_again(transport: Transport, receiver: Receiver) -> None:
    receiver.script("/", Reply(body=b""))
    for _ in range(5):
        assert transport.exchange(Request(url=receiver.url(), body=b"")).status == 200
    assert len({request.peer for request in receiver.received()}) == 1


def test_a_socket_whose_number_had_another_before_is_watched(transport: Transport, receiver: Receiver) -> None:
    # Each answer closes its connection, so that numbers of sockets come back at once.
    receiver.script("/", Reply(headers={"Connection": "close"}))
    for round_ in range(20):
        for number in range(20):
            transport.submit(Request(url=receiver.url(), body=b"x" * 200_000, deadline=10), (round_, number))
        assert {result.status for result in finish(transport).values()} == {200}


def test_descriptors_beyond_what_select_can_take_are_no_trouble(receiver: Receiver) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    transport = Transport(policy=LOOPBACK, in_flight=1200, deadline=120, connect_timeout=120)
    try:
        with running_receiver() as other:
            for number in range(1100):
                home = (receiver, other)[number % 2]
                transport.submit(Request(url=home.script("/hang", Reply(manner=Manner.HANG)), body=b""), number)
            transport.submit(Request(url=receiver.url("/good"), body=b""), "good")
            ended: list[tuple[object, HttpResult]] = []
            while not ended:
                ended = transport.poll(20)
            assert [(tag, result.status) for tag, result in ended] == [("good", 200)]
    finally:
        transport.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_another_thread_can_wake_it(transport: Transport) -> None:
    threading.Timer(0.05, transport.wake).start()
    assert transport.poll(60) == []


def test_a_hanging_name_server_or_host_ends_with_the_connection_s_own_time() -> None:
    # A listener that takes no more connections: the kernel drops what is beyond its queue.
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(4)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        transport = Transport(policy=LOOPBACK, connect_timeout=0.3)
        result = transport.exchange(Request(url=f"http://127.0.0.1:{port}/", body=b""))
        transport.close()
        for one in held:
            one.close()
    assert (result.error, result.reason) == (
        HttpError.CONNECT,
        "cannot connect: no connection within the time allowed",
    )
