"""A real HTTP receiver on the loopback that records requests and misbehaves as told."""

import gzip
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Manner(StrEnum):
    """How the receiver answers."""

    ANSWER = "answer"  # status, headers, body
    HANG = "hang"  # takes the request and says nothing
    DRIP_STATUS = "drip-status"  # a byte of the status line at a time
    DRIP_HEADERS = "drip-headers"  # a whole header line at a time, endlessly
    DRIP_BODY = "drip-body"  # a byte of the body at a time
    RESET = "reset"  # TCP reset instead of an answer
    CLOSE = "close"  # closes instead of an answer
    GARBAGE = "garbage"  # bytes that are no HTTP
    MANY_HEADERS = "many-headers"
    ENDLESS_BODY = "endless-body"
    GZIP_BOMB = "gzip-bomb"
    SHORT_BODY = "short-body"  # less than its Content-Length says


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    manner: Manner = Manner.ANSWER
    delay: float = 0.0  # seconds before the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    at: float  # seconds since 1970
    peer: int = 0  # the port at the other end of the connection
    answered: bool = True  # whether the answer says success


class Receiver:
    """Answers 200 on every path unless scripted: `script(path, replies...)`, the last of which repeats for ever.

    The path `*` stands for all that have no script of their own.
    """

    def __init__(self, port: int, scheme: str) -> None:
        self._base = f"{scheme}://127.0.0.1:{port}"
        self.port = port
        self._scripts: dict[str, list[Reply]] = {}
        self._received: list[Received] = []
        self._in_flight: dict[str, int] = defaultdict(int)
        self.most_in_flight: dict[str, int] = defaultdict(int)
        self._changed = threading.Condition()
        self.closing = threading.Event()

    def url(self, path: str = "/") -> str:
        return self._base + path

    def script(self, path: str, *replies: Reply) -> str:
        """Set the replies on a path; returns its URL."""
        with self._changed:
            self._scripts[path] = list(replies)
        return self.url(path)

    def received(self, path: str | None = None, *, under: str = "/") -> list[Received]:
        """Return what came so far: on a path, or on all paths that start with `under`."""
        with self._changed:
            return [r for r in self._received if path in (None, r.path) and r.path.startswith(under)]

    def await_requests(
        self, count: int, path: str | None = None, *, under: str = "/", seconds: float = 60
    ) -> list[Received]:
        """Wait until `count` requests have come, and return them; raises AssertionError after `seconds`."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.received(path, under=under)) >= count, seconds)
        found = self.received(path, under=under)
        assert came, f"{len(found)} of {count} requests came within {seconds} s"
        return found

    def take(self, request: Received) -> Reply:
        with self._changed:
            self._in_flight[request.path] += 1
            self.most_in_flight[request.path] = max(self.most_in_flight[request.path], self._in_flight[request.path])
            replies = self._scripts.get(request.path) or self._scripts.get("*") or [Reply()]
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            answered = reply.manner is Manner.ANSWER and 200 <= reply.status < 300
            self._received.append(replace(request, answered=answered))
            self._changed.notify_all()
            return reply

    def leave(self, path: str) -> None:
        with self._changed:
            self._in_flight[path] -= 1

    def rest(self, seconds: float) -> bool:
        """Wait, but no longer than the receiver lives; returns whether it lives."""
        return not self.closing.wait(seconds)


@contextmanager
def running_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver on a free port of 127.0.0.1, over TLS if a context is given."""

    class Handler(_Handler):
        pass

    server = _Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver = Receiver(server.server_address[1], "https" if tls else "http")
    Handler.receiver = receiver
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are the point of these tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    receiver: Receiver

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.receiver.take(
            Received(path=self.path, headers=headers, body=body, at=time.time(), peer=self.client_address[1])
        )
        self.receiver.rest(reply.delay)
        if reply.manner is Manner.ANSWER:
            # Who has the answer may ask again before this thread goes on.
            self.receiver.leave(self.path)
        with suppress(OSError):
            self._answer(reply)
        if reply.manner is not Manner.ANSWER:
            self.receiver.leave(self.path)

    do_GET = do_POST

    def _answer(self, reply: Reply) -> None:
        if reply.manner is Manner.ANSWER:
            self._head(reply, {"Content-Length": str(len(reply.body))})
            self.wfile.write(reply.body)
            return
        self.close_connection = True
        {
            Manner.HANG: self._hang,
            Manner.DRIP_STATUS: self._drip_status,
            Manner.DRIP_HEADERS: self._drip_headers,
            Manner.DRIP_BODY: self._drip_body,
            Manner.RESET: self._reset,
            Manner.CLOSE: lambda _: None,
            Manner.GARBAGE: self._garbage,
            Manner.MANY_HEADERS: self._many_headers,
            Manner.ENDLESS_BODY: self._endless_body,
            Manner.GZIP_BOMB: self._gzip_bomb,
            Manner.SHORT_BODY: self._short_body,
        }[reply.manner](reply)

    def _head(self, reply: Reply, more: Mapping[str, str]) -> None:
        self.send_response(reply.status)
        for name, value in {**more, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _hang(self, _: Reply) -> None:
        while self.receiver.rest(0.05) and not self._peer_left():
            pass

    def _peer_left(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except ValueError:  # TLS sockets take no flags
            return False

    def _drip_status(self, _: Reply) -> None:
        for byte in b"HTTP/1.1 200 OK" * 1000:
            if not self.receiver.rest(0.02):
                return
            self.wfile.write(bytes([byte]))

    def _drip_headers(self, _: Reply) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        number = 0
        while self.receiver.rest(0.02):
            number += 1
            self.wfile.write(b"X-%d: 1\r\n" % number)

    def _drip_body(self, reply: Reply) -> None:
        self._head(reply, {"Content-Length": "100000"})
        while self.receiver.rest(0.02):
            self.wfile.write(b"x")

    def _reset(self, _: Reply) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _garbage(self, _: Reply) -> None:
        self.wfile.write(b"\x00\xff\xfe SSH-2.0 nonsense\r\n\r\n" * 10)

    def _many_headers(self, _: Reply) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(20_000)) + b"\r\n")

    def _endless_body(self, reply: Reply) -> None:
        self._head(reply, {"Transfer-Encoding": "chunked"})
        while self.receiver.rest(0):
            self.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    def _gzip_bomb(self, reply: Reply) -> None:
        bomb = gzip.compress(b"\0" * 64_000_000, 9)
        self._head(reply, {"Content-Encoding": "gzip", "Content-Length": str(len(bomb))})
        self.wfile.write(bomb)

    def _short_body(self, reply: Reply) -> None:
        self._head(reply, {"Content-Length": "1000"})
        self.wfile.write(b"short")
