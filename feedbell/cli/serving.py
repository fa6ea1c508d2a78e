"""The HTTP server of `feedbell run` and `feedbell serve`, through changes of the settings."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Protocol

from feedbell.cli.context import say
from feedbell.metrics.counts import Counts
from feedbell.readiness import Check
from feedbell.web.receiver import Intakes
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
    """The server; started anew only when settings change where and what it serves.

    `receivers` says who takes requests with bodies under an app's settings: these may change while it serves.
    """

    def __init__(
        self,
        host: str | None,
        port: int | None,
        watched: Watched,
        receivers: Callable[[App], Intakes] = lambda app: {},
    ) -> None:
        self._host = host
        self._port = port
        self._watched = watched
        self._receivers = receivers
        self._serving: tuple[object, ...] | None = None
        self._server: FeedServer | None = None

    def follow(self, app: App) -> None:
        """Serve what the settings say. Raises EnvironmentFault if the address is taken."""
        settings = app.settings.serve
        host = self._host or settings.host
        port = settings.port if self._port is None else self._port
        # They name endpoints, which are nobody's business but the owner's.
        metrics = is_loopback(host) if settings.metrics is None else settings.metrics
        serving = (str(app.out), host, port, app.xml_format, metrics, app.websub.links)
        if self._serving == serving and self._server is not None:
            self._server.receive(self._receivers(app))
            return
        self.stop()
        watched = self._watched
        pages = status_pages(watched.checks, watched.metrics if metrics else None)
        self._server = FeedServer(
            app.out,
            host,
            port,
            xml_format=app.xml_format,
            pages=pages,
            answered=watched.counts.responses,
            receivers=self._receivers(app),
            hub_links=app.websub.links,
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
