"""A real WebSub hub on the loopback, as the W3C Recommendation describes one, that misbehaves as told."""

import hashlib
import hmac
import http.client
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to the hub."""

    path: str
    content_type: str
    fields: Mapping[str, str]

    @property
    def mode(self) -> str:
        return self.fields["hub.mode"]

    @property
    def callback(self) -> str:
        return self.fields["hub.callback"]

    @property
    def topic(self) -> str:
        return self.fields["hub.topic"]


@dataclass(slots=True, kw_only=True)
class Manners:
    """How the hub behaves from now on."""

    status: int = 202
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    verifies: bool = True  # at once, before it answers
    lease_seconds: str | None = "864000"  # what it grants; None: it does not say
    topic: str | None = None  # which it asks back about, if not the one that was asked for
    algorithm: str = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    status: int
    body: bytes
    content_type: str


class Hub:
    """A hub at `url`. A subscription is known by topic and callback, and holds its secret."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hub"
        self.manners = Manners()
        self.asked: list[Asked] = []
        self.subscriptions: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def modes(self) -> list[str]:
        """Return what was asked so far."""
        return [one.mode for one in self.asked]

    def take(self, asked: Asked) -> Manners:
        with self._lock:
            self.asked.append(asked)
            manners = self.manners
        if 200 <= manners.status < 300 and manners.verifies:
            self.verify(asked)
        return manners

    def verify(self, asked: Asked, **other: str) -> Answered:
        """Ask a subscriber whether it meant it (section 5.3); a subscription changes only if it says so.

        `other` are parameters that are sent instead, with `_` for the dot.
        """
        challenge = secrets.token_urlsafe(20) + " +&=ß"
        parameters = {
            "hub.mode": asked.mode,
            "hub.topic": self.manners.topic or asked.topic,
            "hub.challenge": challenge,
        }
        if self.manners.lease_seconds is not None:
            parameters["hub.lease_seconds"] = self.manners.lease_seconds
        parameters |= {name.replace("_", ".", 1): value for name, value in other.items()}
        answered = self.question(asked.callback, parameters)
        if 200 <= answered.status < 300 and answered.body == parameters["hub.challenge"].encode():
            key = (asked.topic, asked.callback)
            with self._lock:
                if asked.mode == "subscribe":
                    self.subscriptions[key] = asked.fields.get("hub.secret", "")
                else:
                    self.subscriptions.pop(key, None)
        return answered

    def deny(self, asked: Asked, reason: str | None = None) -> Answered:
        """Tell a subscriber that it gets nothing (section 5.2)."""
        self.subscriptions.pop((asked.topic, asked.callback), None)
        parameters = {"hub.mode": "denied", "hub.topic": asked.topic}
        return self.question(asked.callback, parameters | ({"hub.reason": reason} if reason is not None else {}))

    def question(self, callback: str, parameters: Mapping[str, str]) -> Answered:
        """Send a GET request to a callback, the parameters appended to its own query."""
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
        return _exchange("GET", callback + ("&" if "?" in callback else "?") + query, b"", {})

    def send(self, callback: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send content to a callback, and return the status of the answer."""
        return _exchange("POST", callback, body, headers).status

    def distribute(
        self, topic: str, body: bytes, headers: Mapping[str, str] | None = None, *, signature: str | None = "right"
    ) -> list[int]:
        """Send content to all subscribers of a topic (section 7), and return their answers.

        `signature` is sent as it is; "right" stands for the right one, None for none. Whoever says 410 is forgotten.
        """
        statuses = []
        for (subscribed, callback), secret in list(self.subscriptions.items()):
            if subscribed != topic:
                continue
            found = {"content-type": "application/rss+xml", "link": f'<{self.url}>; rel="hub", <{topic}>; rel="self"'}
            if signature is not None:
                found["x-hub-signature"] = self.sign(body, secret) if signature == "right" else signature
            statuses.append(self.send(callback, body, found | dict(headers or {})))
            if statuses[-1] == 410:
                del self.subscriptions[subscribed, callback]
        return statuses

    def sign(self, body: bytes, secret: str) -> str:
        digest = hmac.new(secret.encode(), body, getattr(hashlib, self.manners.algorithm)).hexdigest()
        return f"{self.manners.algorithm}={digest}"


def _exchange(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body=body or None, headers=dict(headers))
        answer = connection.getresponse()
        return Answered(status=answer.status, body=answer.read(), content_type=answer.headers.get("content-type", ""))
    except OSError:
        return Answered(status=0, body=b"", content_type="")
    finally:
        connection.close()


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Run a hub on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
            asked = Asked(path=self.path, content_type=self.headers["content-type"], fields=fields)
            manners = hub.take(asked)
            self.send_response(manners.status)
            for name, value in manners.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(manners.body)))
            self.end_headers()
            self.wfile.write(manners.body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub = Hub(server.server_address[1])
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
