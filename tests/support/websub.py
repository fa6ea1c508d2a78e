"""A site with a hub of its own at work, and subscribers with real callbacks."""

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from feedbell.cli.receivers import receivers_of
from feedbell.web.server import FeedServer
from feedbell.websub.running import HubRun
from notifier.worker import Tally
from tests.support.ports import free_port
from tests.support.site import Flow, eventually, post

SITE = "https://site.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A request to a callback."""

    method: str
    path: str  # with its query, as it came
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def fields(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)


@dataclass(slots=True)
class Callback:
    """What a subscriber answers: to questions the challenge, or what `verified` says; to content `status`."""

    status: int = 200
    verified: tuple[int, Mapping[str, str], bytes] | None = None
    came: list[Came] = field(default_factory=list)
    waits: threading.Event | None = None  # before it answers a question

    def asked(self) -> list[Came]:
        return [one for one in list(self.came) if one.method == "GET"]

    def got(self) -> list[Came]:
        return [one for one in list(self.came) if one.method == "POST"]


class Subscribers:
    """Callbacks by their paths; one that nobody made is answered with 404."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.callbacks: dict[str, Callback] = {}

    def make(self, path: str = "/callback", **more: Any) -> tuple[str, Callback]:
        """Return the URL of a new callback, and the callback."""
        made = self.callbacks[urlsplit(path).path] = Callback(**more)
        return self.base + path, made

    def answer(self, came: Came) -> tuple[int, Mapping[str, str], bytes]:
        callback = self.callbacks.get(urlsplit(came.path).path)
        if callback is None:
            return 404, {}, b""
        callback.came.append(came)
        if came.method == "POST":
            return callback.status, {}, b"thanks"
        if callback.waits is not None:
            callback.waits.wait(20)
        challenge = came.fields.get("hub.challenge", [""])[0].encode()
        return callback.verified or (200, {"Content-Type": "text/plain"}, challenge)


@contextmanager
def running_subscribers() -> Iterator[Subscribers]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            came = Came(method=self.command, path=self.path, headers=headers, body=body)
            status, fields, answer = subscribers.answer(came)
            self.send_response(status)
            for name, value in {**fields, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 1024

    server = Server(("127.0.0.1", 0), Handler)
    subscribers = Subscribers(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield subscribers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class HubSite:
    """A site whose feeds have a hub. Time stands still unless `flow.clock` is moved; the test lets the hub work."""

    def __init__(
        self, folder: Path, database_url: str, settings: str = "", hub: str = "", public_url: str | None = None
    ) -> None:
        self.port = free_port()
        self.public_url = public_url or f"http://127.0.0.1:{self.port}/"
        self.hub_url = f"{self.public_url}hub"
        self.flow = Flow(folder, database_url)
        self._server: FeedServer | None = None
        self._runs: list[HubRun] = []
        self.configure(settings, hub)
        self.flow.write(one=post("One", categories="[news]"), two=post("Two", categories="[other]"))
        self.flow.run()

    def configure(self, settings: str = "", hub: str = "") -> None:
        """Start anew with other settings."""
        self.flow.configure(f'public_url = "{self.public_url}"\n[hub]\nenabled = true\n{hub}\n{settings}')
        app = self.flow.app
        if self._server is None:
            self._server = FeedServer(
                app.out,
                "127.0.0.1",
                self.port,
                xml_format="atom",
                receivers=receivers_of(app),
                hub_links=app.websub.links,
            )
            self._server.start()
        self._server.receive(receivers_of(app))

    def topic(self, feed: str = "all", format_: str = "atom") -> str:
        return f"{SITE}/feeds/{feed}.{format_}"

    def file(self, feed: str = "all", format_: str = "atom") -> bytes:
        return (self.flow.out / f"feeds/{feed}.{format_}").read_bytes()

    def ask(self, mode: str, callback: str, topic: str | None = None, **more: str) -> tuple[int, str]:
        """Send a request to the hub; `more` are parameters without `hub.`."""
        fields = {"hub.mode": mode, "hub.callback": callback, "hub.topic": topic or self.topic()}
        fields |= {f"hub.{name}": value for name, value in more.items()}
        return self.send(urlencode(fields).encode())

    def send(
        self, body: bytes, content_type: str = "application/x-www-form-urlencoded", method: str = "POST"
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                method, "/hub", body=body, headers={"Content-Type": content_type} if content_type else {}
            )
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def run(self) -> HubRun:
        """Return the hub at work, without its thread."""
        if not self._runs:
            made = self.flow.app.websub.running(lambda: None)
            assert made is not None
            self._runs.append(made)
        return self._runs[-1]

    def verify(self) -> None:
        """Let the hub do all that it can do now."""
        run = self.run()

        def is_done() -> bool:
            run.turn()
            now = f"due_at <= {int(self.flow.clock.now.timestamp() * 1_000_000)}"
            return not self.flow.rows(f"SELECT 1 FROM hub_requests WHERE {now}")

        eventually(is_done)

    def subscribe(self, callback: str, topic: str | None = None, **more: str) -> None:
        """Subscribe, and be sure of it."""
        assert self.ask("subscribe", callback, topic, **more)[0] == 202
        self.verify()

    def deliver(self) -> Tally:
        """Send what is due."""
        sending = self.flow.app.notifying.make_engine()
        try:
            return sending.engine.run_until_idle(60)
        finally:
            sending.stop(0)

    def change(self, title: str = "News", name: str = "one", category: str = "news") -> int:
        """Change a post and publish; return how many deliveries that makes."""
        self.flow.write(**{name: post(title, categories=f"[{category}]")})
        return self.flow.run()[1]

    def subscriptions(self) -> list[Any]:
        return self.flow.rows("SELECT * FROM hub_subscriptions ORDER BY id")

    def requests(self) -> list[Any]:
        return self.flow.rows("SELECT * FROM hub_requests ORDER BY id")

    def close_runs(self) -> None:
        """Let the hub end; the next one begins anew."""
        while self._runs:
            self._runs.pop().stop()

    def close(self) -> None:
        self.close_runs()
        if self._server is not None:
            self._server.stop()
        self.flow.close()
