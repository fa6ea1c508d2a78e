"""The HTTP server of `feedbell run` and `feedbell serve`, through changes of the settings."""

from feedbell.cli.context import say
from feedbell.web.server import FeedServer
from feedbell.wiring import App


class Served:
    """The server; started anew only when settings change where and what it serves."""

    def __init__(self, host: str | None, port: int | None, *, wanted: bool) -> None:
        self._host = host
        self._port = port
        self._wanted = wanted
        self._serving: tuple[str, str, int, str] | None = None
        self._server: FeedServer | None = None

    def follow(self, app: App) -> None:
        """Serve what the settings say. Raises EnvironmentFault if the address is taken."""
        if not self._wanted:
            return
        settings = app.settings.serve
        host = self._host or settings.host
        port = settings.port if self._port is None else self._port
        xml_format = app.inherited.format if app.inherited else "atom"
        serving = (str(app.out), host, port, xml_format)
        if self._serving == serving:
            return
        self.stop()
        self._server = FeedServer(app.out, host, port, xml_format=xml_format)
        self._server.start()
        self._serving = serving
        say(f"serving on {self._server.url}")

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop()
            self._server = None
