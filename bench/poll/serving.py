"""The server of the feeds as seen by the bench: started, told which round it is, asked what it answered."""

import http.client
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.notify.kept import Start, answers, await_ready, folder_for, free_port, kept
from bench.notify.messages import host

_PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the server answered."""

    full: int
    unchanged: int
    hung: int


class Serving:
    """A server that runs."""

    def __init__(self, port: int) -> None:
        self._port = port

    def urls(self, feeds: int) -> list[str]:
        """Return the addresses of the first feeds, each at a host of its own."""
        return [f"http://{host(number)}:{self._port}/feed/{number}" for number in range(feeds)]

    def begin(self, round_: int) -> None:
        """Let what came in a round be there, and count anew."""
        self._ask(f"/round/{round_}")
        self._ask("/counted")

    def hang(self) -> None:
        """Let some feeds say nothing from now on."""
        self._ask("/hang/1")

    def counted(self) -> Counted:
        """Return what was answered since the round began or this was asked."""
        found = json.loads(self._ask("/counted"))
        return Counted(full=found.get("200", 0), unchanged=found.get("304", 0), hung=found.get("hung", 0))

    def _ask(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def serving(hung_every: int) -> Iterator[Serving]:
    """Run the server."""
    port = free_port()
    with folder_for("feeds") as folder:
        command: list[str | Path] = [sys.executable, "-m", "bench.poll.server", str(port), str(hung_every)]
        start = Start(command=command, folder=folder, env={"PYTHONPATH": str(_PROJECT)})
        with kept(start) as running:
            await_ready(running, lambda: answers("127.0.0.1", port))
            yield Serving(port)
