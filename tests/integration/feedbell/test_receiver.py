"""Requests with a body over real sockets: how large and slow they may be, and who answers them."""

import http.client
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EnvironmentFault
from feedbell.web.answer import Answer
from feedbell.web.receiver import Call, Intake, plain
from feedbell.web.server import FeedServer

SMALL, SECONDS = 1000, 1.0


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def server(tmp_path: Path, calls: list[Call]) -> Iterator[FeedServer]:
    (tmp_path / "hub").write_text("a file")
    (tmp_path / "hub.txt").write_text("a file")

    def note(call: Call) -> Answer:
        calls.append(call)
        return plain(202, "taken", x_seen="yes")

    def fail(call: Call) -> Answer:
        raise ValueError("s3cret")

    def unable(call: Call) -> Answer:
        raise EnvironmentFault("the database is away")

    receivers = {
        "/hub": Intake(receive=note, max_bytes=SMALL, seconds=SECONDS),
        "/websub/": Intake(receive=note, methods=("GET", "POST"), max_bytes=5_000_000),
        "/fails": Intake(receive=fail),
        "/unable": Intake(receive=unable),
    }
    made = FeedServer(tmp_path, "127.0.0.1", 0, xml_format="atom", answered=Counter(), receivers=receivers)
    made.start()
    yield made
    made.stop()


def port_of(server: FeedServer) -> int:
    return int(server.url.rpartition(":")[2].rstrip("/"))


def ask(server: FeedServer, method: str, path: str, body: bytes | Iterator[bytes] | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=30)
    try:
        connection.request(method, path, body=body, encode_chunked=isinstance(body, Iterator), headers={"X-A": "b"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_call_is_what_was_asked(server: FeedServer, calls: list[Call]) -> None:
    assert ask(server, "POST", "/hub?a=1&b=&a=%E6%96%87", b"x" * SMALL) == (202, b"taken\n")
    assert ask(server, "GET", "/websub/to/ken?hub.mode=denied") == (202, b"taken\n")
    first, second = calls
    assert (first.method, first.path, first.body) == ("POST", "", b"x" * SMALL)
    assert first.query == (("a", "1"), ("b", ""), ("a", "文"))
    assert first.headers["x-a"] == "b"
    assert (second.method, second.path, second.body) == ("GET", "to/ken", b"")


def test_other_paths_and_methods(server: FeedServer, calls: list[Call]) -> None:
    assert ask(server, "GET", "/hub")[0] == 405
    assert ask(server, "PUT", "/hub", b"x")[0] == 405
    assert ask(server, "GET", "/hub.txt") == (200, b"a file")
    assert ask(server, "POST", "/hub.txt", b"x")[0] == 405
    assert ask(server, "POST", "/hub/below", b"x")[0] == 405
    assert not calls


def test_a_large_body_is_refused_with_and_without_its_length(server: FeedServer, calls: list[Call]) -> None:
    assert ask(server, "POST", "/hub", b"x" * (SMALL + 1))[0] == 413
    assert ask(server, "POST", "/hub", iter([b"x" * 600, b"x" * 401]))[0] == 413
    # The answer arrives although who sends is far from done.
    assert ask(server, "POST", "/hub", b"x" * 3_000_000)[0] == 413
    assert ask(server, "POST", "/hub", iter([b"x" * 100_000] * 30))[0] == 413
    assert not calls
    assert ask(server, "POST", "/websub/a", b"x" * 3_000_000)[0] == 202
    assert len(calls[0].body) == 3_000_000


@pytest.mark.parametrize("head", [b"Content-Length: 900", b"Transfer-Encoding: chunked"])
def test_a_slow_body_has_a_total_time(server: FeedServer, calls: list[Call], head: bytes) -> None:
    stopped = threading.Event()
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=30) as connection:
        connection.sendall(b"POST /hub HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n")

        def drip() -> None:
            while not stopped.wait(0.1):
                try:
                    connection.sendall(b"1\r\nx\r\n")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert connection.recv(12) == b"HTTP/1.1 408"
        finally:
            stopped.set()
            dripping.join()
    assert not calls


def test_who_goes_in_the_middle_harms_nobody(server: FeedServer, calls: list[Call]) -> None:
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=30) as connection:
        connection.sendall(b"POST /hub HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx")
    assert ask(server, "POST", "/hub", b"x")[0] == 202
    assert len(calls) == 1


def test_who_waits_for_our_word_gets_it(server: FeedServer) -> None:
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=30) as connection:
        head = b"POST /hub HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % (SMALL + 1))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in answer


def test_errors_tell_nothing(server: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, body = ask(server, "POST", "/fails", b"x")
    assert status == 500
    assert b"s3cret" not in body
    assert b"Traceback" not in body
    assert "receiver.failed" in caplog.text
    assert "ValueError" in caplog.text
    assert "s3cret" not in caplog.text
    assert "Traceback" not in caplog.text
    assert ask(server, "POST", "/unable", b"x")[0] == 503


def test_receivers_change_while_it_serves(server: FeedServer, calls: list[Call]) -> None:
    server.receive({"/other": Intake(receive=lambda call: plain(200, "other"))})
    assert ask(server, "POST", "/other", b"x") == (200, b"other\n")
    assert ask(server, "POST", "/hub", b"x")[0] == 405
    assert ask(server, "GET", "/hub") == (200, b"a file")
