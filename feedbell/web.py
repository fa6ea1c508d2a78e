"""Serve the output folder over HTTP."""

import logging
import os
import socket
import threading
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import EnvironmentFault

_MEDIA_TYPES = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
}
_NAMED = {"opml.xml": _MEDIA_TYPES[".opml"]}


class _FeedHeaders:
    """Names the media type of feeds, and lets pages of other sites read them."""

    def __init__(self, app: ASGIApp, xml_format: str) -> None:
        self._app = app
        self._types = {**_MEDIA_TYPES, ".xml": _MEDIA_TYPES[f".{xml_format}"]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206):
                name = Path(scope["path"]).name
                media_type = _NAMED.get(name) or self._types.get(Path(name).suffix)
                if media_type is not None:
                    headers = [(key, value) for key, value in message["headers"] if key != b"content-type"]
                    headers += [(b"content-type", media_type.encode()), (b"access-control-allow-origin", b"*")]
                    message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_named if scope["type"] == "http" else send)


class _Files(StaticFiles):
    """Static files without the ones whose name begins with a dot."""

    async def check_config(self) -> None:
        """Mind nothing: the folder may come later, or come again."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        if any(part.startswith(".") for part in path.split("/")):
            return "", None
        return super().lookup_path(path)


async def _home(request: Request) -> Response:
    return RedirectResponse("feeds/")


def application(out: Path, xml_format: str) -> Starlette:
    """Return an application that serves the files below `out`, with the index page at `/feeds/`.

    `xml_format` (`rss` or `atom`) is what a feed is that ends in .xml.
    """
    return Starlette(
        routes=[
            Route("/", _home),
            Mount("/", _Files(directory=out, html=True, check_dir=False)),
        ],
        middleware=[Middleware(_FeedHeaders, xml_format=xml_format)],
    )


class FeedServer:
    """The HTTP server in a thread of its own."""

    def __init__(self, out: Path, host: str, port: int, *, xml_format: str) -> None:
        self._listener = _listen(host, port)
        self.url = f"http://{_shown(host)}:{self._listener.getsockname()[1]}/"
        config = uvicorn.Config(
            application(out, xml_format),
            log_config=None,
            access_log=False,
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
