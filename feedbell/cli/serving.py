"""The HTTP server of `feedbell run` and `feedbell serve`, through changes of the settings."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Protocol

from feedbell.cli.context import say
from feedbell.metrics.counts import Counts
from feedbell.readiness import Check
from feedbell.web.server import FeedServer
from feedbell.web.status import status_pages
from feedbell.wiring import App


class Watched(Protocol):
    """What the pages for those who watch are made of."""

    @property
    def counts(self) -> Counts:
        """Where answers are counted."""

    def checks(self) -> Mapping[str, Check]:
        """Return what must be well for the process to be ready."""

    def metrics(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that an `Accept` field asks for, and its media type."""


class Served:
    """The server; started anew only when settings change where and what it serves."""

    def __init__(self, host: str | None, port: int | None, watched: Watched) -> None:
        self._host = host
        self._port = port
        self._watched = watched
        self._serving: tuple[str, str, int, str, bool] | None = None
        self._server: FeedServer | None = None

    def follow(self, app: App) -> None:
        """Serve what the settings say. Raises EnvironmentFault if the address is taken."""
        settings = app.settings.serve
        host = self._host or settings.host
        port = settings.port if self._port is None else self._port
        xml_format = app.inherited.format if app.inherited else "atom"
        # They name endpoints, which are nobody's business but the owner's.
        metrics = is_loopback(host) if settings.metrics is None else settings.metrics
        serving = (str(app.out), host, port, xml_format, metrics)
        if self._serving == serving:
            return
        self.stop()
        watched = self._watched
        pages = status_pages(watched.checks, watched.metrics if metrics else None)
        self._server = FeedServer(
            app.out, host, port, xml_format=xml_format, pages=pages, answered=watched.counts.responses
        )
        self._server.start()
        self._serving = serving
        say(f"serving on {self._server.url}")

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop()
            self._server = None


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
