"""`python -m bench.poll.server PORT HUNG_EVERY`: serve the feeds, each at a host of its own, and count what is asked.

`/round/N` lets what came in round N be there, `/hang/1` lets every so many feeds say nothing, `/counted` tells as JSON
what was answered since it was asked last.
"""

import asyncio
import json
import resource
import sys
from collections import Counter

from bench.poll.documents import document, etag, media_type, modified

_HEAD = (
    "HTTP/1.1 {status}\r\nServer: bench\r\nDate: Thu, 01 May 2025 00:00:00 GMT\r\nContent-Type: {type}\r\n"
    "ETag: {etag}\r\nLast-Modified: {modified}\r\nContent-Length: {length}\r\n\r\n"
)


class State:
    """What all connections share."""

    def __init__(self, hung_every: int) -> None:
        self.hung_every = hung_every
        self.round = 0
        self.hanging = False
        self.counted: Counter[str] = Counter()

    def answer(self, path: str, known: str) -> bytes | None:
        """Return what is said to a request, or None for nothing."""
        _, what, number = [*path.split("/", 2), ""][:3]
        if what == "feed":
            return self._feed(int(number), known)
        found = {}
        if what == "round":
            self.round = int(number)
        elif what == "hang":
            self.hanging = number == "1"
        else:
            found, self.counted = dict(self.counted), Counter()
        body = json.dumps(found)
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    def _feed(self, feed: int, known: str) -> bytes | None:
        if self.hanging and feed % self.hung_every == 0:
            self.counted["hung"] += 1
            return None
        tag = etag(feed, self.round)
        status, body = ("304 Not Modified", b"") if known == tag else ("200 OK", document(feed, self.round))
        self.counted[status[:3]] += 1
        head = _HEAD.format(
            status=status, type=media_type(feed), etag=tag, modified=modified(feed, self.round), length=len(body)
        )
        # An answer without a body has no length of it.
        return (head if body else head.replace("Content-Length: 0\r\n", "")).encode() + body


class Connection(asyncio.Protocol):
    """One connection; requests have no body."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while b"\r\n\r\n" in self._got:
            head, _, self._got = self._got.partition(b"\r\n\r\n")
            request, *lines = head.decode("latin-1").split("\r\n")
            known = next((line[14:].strip() for line in lines if line[:14].lower() == "if-none-match:"), "")
            answer = self._state.answer(request.split(" ", 2)[1], known)
            assert self._transport is not None
            if answer is not None and not self._transport.is_closing():
                self._transport.write(answer)


async def main(port: int, hung_every: int) -> None:
    """Serve until we are stopped, at every address of the loopback."""
    state = State(hung_every)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(state), "0.0.0.0", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
