"""`python -m bench.notify.slow PORT ENDPOINTS SECONDS|None`: answer requests after so many seconds, or never."""

import asyncio
import resource
import sys

from bench.notify.messages import hosts

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Slow(asyncio.Protocol):
    """One connection; a request is over when as many bytes came as its Content-Length says."""

    seconds: float | None = None

    def __init__(self) -> None:
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, blank, rest = self._got.partition(b"\r\n\r\n")
        if not blank:
            return
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
        if len(rest) >= length:
            self._got = rest[length:]
            if self.seconds is not None:
                asyncio.get_running_loop().call_later(self.seconds, self._answer)

    def _answer(self) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(_ANSWER)


async def main(port: int, endpoints: int, seconds: float | None) -> None:
    """Serve until we are stopped."""
    Slow.seconds = seconds
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Slow, hosts(endpoints), port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), None if sys.argv[3] == "None" else float(sys.argv[3])))
