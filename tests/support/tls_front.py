"""TLS in front of a plain server on the loopback, as a proxy would have it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def tls_front(context: ssl.SSLContext, listen_on: int, port: int) -> Iterator[None]:
    """Let connections to a port come out at another, without their TLS."""
    listener = socket.create_server(("127.0.0.1", listen_on))

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_carry, args=[context, plain, port], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _carry(context: ssl.SSLContext, plain: socket.socket, port: int) -> None:
    with (
        suppress(OSError),
        context.wrap_socket(plain, server_side=True) as front,
        socket.create_connection(("127.0.0.1", port)) as back,
    ):
        back_way = threading.Thread(target=_copy, args=[back, front], daemon=True)
        back_way.start()
        _copy(front, back)
        back_way.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
