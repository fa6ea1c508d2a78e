"""Requests with a body: what a receiver gets of one, and how it is read within bounds of size and time."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from core.errors import EnvironmentFault
from core.log import log_event
from feedbell.web.answer import Answer

_log = logging.getLogger(__name__)

_THREADS = 8  # of their own: who waits in a receiver takes none from the readers of files
_MOST_HELD = 64_000_000  # bytes of bodies in memory
_LINGERING = 2.0  # seconds for who is refused in the middle of a body
_PLAIN = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request to a receiver. The query may hold secrets, and so may the body."""

    method: str
    path: str  # below the prefix: empty, or what follows its slash
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # decoded, in order, blank values as well
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)


# Called in a thread: it may wait for a database. What it raises is a bug, answered with 500.
Receiver = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A receiver and what it takes: another method is answered with 405, a larger body with 413, a slow one with 408.

    `seconds` bound the whole time in which the body may come.
    """

    receive: Receiver = field(repr=False)
    methods: tuple[str, ...] = ("POST",)
    max_bytes: int = 65_536
    seconds: float = 20.0


# By prefix: `/hub` is this path alone, `/websub/` every path below it.
Intakes = Mapping[str, Intake]


def plain(status: int, text: str, **fields: str) -> Answer:
    """Return an answer that tells a developer something; `_` in the names of fields stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Answer(status, {**_PLAIN, **named}, f"{text}\n".encode() if text else b"")


class Reception:
    """Finds the receiver of a request, reads the body, and lets it answer. What it takes may change at any time."""

    def __init__(self, intakes: Intakes) -> None:
        self.intakes = intakes
        self._limiter: CapacityLimiter | None = None
        self._held = 0  # bytes

    def find(self, path: str) -> tuple[Intake, str] | None:
        """Return who takes a path, and the path below its prefix; None for nobody."""
        for prefix, intake in self.intakes.items():
            if path == prefix or (prefix.endswith("/") and path.startswith(prefix)):
                return intake, path[len(prefix) :]
        return None

    async def answer(self, intake: Intake, path: str, scope: Scope, receive: Receive) -> Answer | None:
        """Answer a request; None if who asked has gone."""
        if scope["method"] not in intake.methods:
            return plain(405, f"Use {' or '.join(intake.methods)}.", allow=", ".join(intake.methods))
        chunks: list[bytes] = []
        try:
            refused = await self._read(intake, scope, receive, chunks)
            if refused is not None:
                return refused if isinstance(refused, Answer) else None
            return await self._call(intake.receive, _call(scope, path, b"".join(chunks)))
        finally:
            self._held -= sum(map(len, chunks))

    async def _read(
        self, intake: Intake, scope: Scope, receive: Receive, chunks: list[bytes]
    ) -> Answer | Literal["gone"] | None:
        """Read the body into `chunks`; return the answer to one that cannot be taken, or that who sends it has gone."""
        came, size = 0, _announced(scope)
        try:
            async with asyncio.timeout(intake.seconds):
                while size <= intake.max_bytes:
                    if self._held > _MOST_HELD:
                        return plain(
                            503, "There is too much to do; come again soon.", retry_after="5", connection="close"
                        )
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return "gone"
                    chunks.append(message.get("body", b""))
                    came += len(chunks[-1])
                    self._held += len(chunks[-1])
                    size = max(size, came)
                    if not message.get("more_body", False) and size <= intake.max_bytes:
                        return None
        except TimeoutError:
            return plain(408, f"The request did not come within {intake.seconds:g} seconds.", connection="close")
        return plain(413, f"A body may have {intake.max_bytes} bytes here.", connection="close")

    async def _call(self, receiver: Receiver, call: Call) -> Answer:
        if self._limiter is None:
            self._limiter = CapacityLimiter(_THREADS)  # it belongs to the loop that runs now
        return await to_thread.run_sync(partial(_safely, receiver, call), limiter=self._limiter)


def _safely(receiver: Receiver, call: Call) -> Answer:
    try:
        return receiver(call)
    except EnvironmentFault as error:
        log_event(_log, "receiver.unable", logging.ERROR, reason=error)
        return plain(503, "This cannot be done at the moment; come again soon.", retry_after="30")
    # The edge: one bad request must not end the server. The error's own words may be secret.
    except Exception as error:  # noqa: BLE001
        last = traceback.extract_tb(error.__traceback__)[-1]
        log_event(_log, "receiver.failed", logging.ERROR, error=type(error).__name__, at=f"{last.name}:{last.lineno}")
        return plain(500, "Something is wrong with this server; it is not your request's fault.")


def _call(scope: Scope, path: str, body: bytes) -> Call:
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Call(method=scope["method"], path=path, query=tuple(query), headers=Headers(scope=scope), body=body)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def drain(scope: Scope, receive: Receive) -> None:
    """Read on for a moment what nobody wants: an answer is lost on who still sends when the connection is closed."""
    if any(name == b"expect" for name, _ in scope["headers"]):
        return  # they wait for our word, and have it
    try:
        async with asyncio.timeout(_LINGERING):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
