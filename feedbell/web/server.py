"""The HTTP server in a thread of its own."""

import logging
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.errors import EnvironmentFault
from feedbell.web.answer import Page
from feedbell.web.files import NO_HUBS, Files
from feedbell.web.receiver import Intakes
from feedbell.websub.links import HubLinks

_PATIENCE = 20  # seconds that a request may take to come
_KEPT_ALIVE = 15


class _Impatient(HttpToolsProtocol):
    """Closes connections whose request does not come: who says a byte a minute must not hold one."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expected = self.loop.call_later(_PATIENCE, self._give_up)

    def on_headers_complete(self) -> None:
        self._expected.cancel()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing():
            self._expected = self.loop.call_later(_PATIENCE + _KEPT_ALIVE, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expected.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class FeedServer:
    """The HTTP server in a thread of its own."""

    def __init__(
        self,
        out: Path,
        host: str,
        port: int,
        *,
        xml_format: str,
        pages: Mapping[str, Page] | None = None,
        answered: Counter[int] | None = None,
        receivers: Intakes | None = None,
        hub_links: HubLinks = NO_HUBS,
    ) -> None:
        self._listener = _listen(host, port)
        self.url = f"http://{_shown(host)}:{self._listener.getsockname()[1]}/"
        self._files = Files(out, xml_format, pages, answered, receivers, hub_links)
        config = uvicorn.Config(
            self._files,
            http=_Impatient,
            loop="asyncio",  # uvloop is a little faster and lets some of many readers wait long
            ws="none",
            timeout_keep_alive=_KEPT_ALIVE,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,  # ours is exact
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="web", daemon=True
        )

    def start(self) -> None:
        """Start to answer."""
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        self._thread.start()

    def receive(self, receivers: Intakes) -> None:
        """Let these take requests with bodies from now on, by the prefixes of their paths."""
        self._files.receive(receivers)

    def stop(self) -> None:
        """Finish the answers under way, then close."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Now, not when the server thread comes to it: whoever reads our address may connect at once.
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise EnvironmentFault(
            f"cannot serve on {host}:{port}: {error.strerror}; choose another with --port or [serve] port"
        ) from error
    return listener
