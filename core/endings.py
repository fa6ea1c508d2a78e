"""Told to end: SIGINT and SIGTERM, noticed whatever the main thread is doing."""

import signal
import socket
import threading
from collections.abc import Callable
from typing import NoReturn

_ENDINGS = (signal.SIGINT, signal.SIGTERM)


def on_ending(end: Callable[[], None]) -> None:
    """Call `end`, in a thread of its own, each time that the process is told to end. For the main thread, once.

    Handlers in Python run in the main thread, between two of its steps. One whose signal comes to another thread, or
    right before the main one waits for a lock, runs when that wait is over; and it must touch no lock that it may have
    interrupted. The byte that the interpreter writes at once (`signal.set_wakeup_fd`) waits for nobody.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in _ENDINGS:
        # Without a handler the interpreter writes nothing.
        signal.signal(number, lambda *_: None)
    threading.Thread(target=_await, args=[ours, theirs, end], name="ending", daemon=True).start()


def _await(ours: socket.socket, theirs: socket.socket, end: Callable[[], None]) -> NoReturn:
    # For ever, also for whoever loses patience: were the other end closed, the next signal would be written elsewhere.
    while True:
        if ours.recv(1)[0] in _ENDINGS:
            end()
