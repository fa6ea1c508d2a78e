"""A server on the loopback that answers with the very bytes it is told, and counts connections."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = bytes | Callable[[socket.socket], None]


class RawServer:
    """Answers each request on a path with the next of its answers, the last of which repeats for ever.

    The connection stays open after bytes, unless `closing` holds the path; a function does with it as it likes, and it
    is closed afterwards.
    """

    def __init__(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listening = listening
        self._tls = tls
        self.port: int = listening.getsockname()[1]
        self.scheme = "https" if tls else "http"
        self._answers: dict[str, list[Answer]] = {}
        self.closing: set[str] = set()
        self.requests: list[tuple[int, str]] = []  # the number of the connection, and the request as it came
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def answer(self, path: str, *answers: Answer, close: bool = False) -> str:
        """Set the answers on a path; returns its URL."""
        self._answers[path] = list(answers)
        (self.closing.add if close else self.closing.discard)(path)
        return self.url(path)

    def paths(self) -> list[str]:
        """Return the paths that were asked for."""
        return [request.split(" ", 2)[1] for _, request in self.requests]

    @property
    def open_connections(self) -> int:
        """How many connections nobody has closed."""
        return len(self._open)

    def stop(self) -> None:
        self._listening.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        self._open.add(connection)
        try:
            with suppress(OSError):
                if self._tls:
                    plain, connection = connection, self._tls.wrap_socket(connection, server_side=True)
                    self._open.discard(plain)
                    self._open.add(connection)
                while self._turn(connection, number):
                    pass
        finally:
            self._open.discard(connection)
            connection.close()

    def _turn(self, connection: socket.socket, number: int) -> bool:
        request = b""
        while b"\r\n\r\n" not in request:
            part = connection.recv(65536)
            if not part:
                return False
            request += part
        text = request.decode("latin-1")
        path = text.split(" ", 2)[1]
        with self._lock:
            self.requests.append((number, text))
            answers = self._answers.get(path, [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if not isinstance(answer, bytes):
            answer(connection)
            return False
        connection.sendall(answer)
        return path not in self.closing


@contextmanager
def raw_server(tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Run a server on a free port of all loopback addresses."""
    listening = socket.create_server(("0.0.0.0", 0), backlog=256)
    server = RawServer(listening, tls)
    thread = threading.Thread(target=server.accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        server.stop()
        thread.join()


def http(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an answer; its Content-Length is the body's unless `length` says otherwise."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return a redirect."""
    return http(b"moved", f"Location: {location}", status=f"{status} Moved")
