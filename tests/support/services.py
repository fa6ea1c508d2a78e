"""Receivers that behave as the services document: eight chat services by HTTP, and an SMTP server."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from core.exchange import HttpResult, Mail, Request
from core.http import HttpClient
from notifier.model import Endpoint
from tests.support import service_rules
from tests.support.service_rules import RULES, Answer, Mood, Posted, Shown

AT = datetime.fromtimestamp(service_rules.NOW, UTC)
_PLACES: dict[str, dict[str, Any]] = {
    "slack": {"url": "/services/T0/B0/secretsecret"},
    "discord": {"url": "/api/webhooks/1234/secretsecret"},
    "telegram": {"url": "", "secrets": (service_rules.TELEGRAM_TOKEN,), "options": {"chat_id": "-100200300"}},
    "teams": {"url": "/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sig=secretsecret"},
    "feishu": {"url": "/open-apis/bot/v2/hook/secretsecret", "secrets": (service_rules.FEISHU_SECRET,)},
    "dingtalk": {"url": "/robot/send?access_token=secretsecret", "secrets": (service_rules.DINGTALK_SECRET,)},
    "wecom": {"url": "/cgi-bin/webhook/send?key=secretsecret"},
    "ntfy": {"url": "/posts", "secrets": (service_rules.NTFY_TOKEN,)},
    "email": {"options": {"to": "reader@example.org, Zweite <b@bücher.example>", "from": "编辑部 <news@example.org>"}},
}
SERVICES = tuple(_PLACES)
# Nothing of these may stand in what we keep of an answer.
SECRETS = (
    "secretsecret",
    service_rules.TELEGRAM_TOKEN,
    service_rules.FEISHU_SECRET,
    service_rules.DINGTALK_SECRET,
    service_rules.NTFY_TOKEN,
)


def endpoint(channel: str, base: str = "https://service.example", **changes: Any) -> Endpoint:
    """An endpoint that a channel takes, at the service's place below `base`."""
    place = _PLACES[channel]
    url = "smtp://mail.example.org:25" if channel == "email" else base + place["url"]
    values = {"secrets": place.get("secrets", ()), "options": MappingProxyType(place.get("options", {})), **changes}
    return Endpoint(**{"name": "desk", "channel": channel, "url": url, **values})


@dataclass(slots=True)
class Service:
    """One service: `mood` is how it answers from now on, `answers` what it said so far."""

    name: str
    base: str = ""
    mood: Mood = Mood.WELL
    answers: list[Answer] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def endpoint(self) -> Endpoint:
        return endpoint(self.name, self.base)

    @property
    def shown(self) -> Shown | None:
        """What readers see of the last message; None if it was not taken."""
        return self.answers[-1].shown

    def carry(self, request: Request | Mail, client: HttpClient) -> HttpResult:
        """Send what a channel made, as the dispatcher would."""
        if isinstance(request, Mail):
            return self._mail(request)
        headers = dict(line.split(": ", 1) for line in request.headers)
        return client.post(request.url, request.body, headers)

    def _mail(self, mail: Mail) -> HttpResult:
        host, port = urlsplit(self.base).hostname or "", urlsplit(self.base).port or 0
        with smtplib.SMTP(host, port, timeout=20) as smtp:
            code, text = smtp.ehlo()
            code, text = smtp.mail(mail.sender)
            for recipient in mail.recipients:
                code, text = smtp.rcpt(recipient)
                if code != 250:
                    break
            else:
                code, text = smtp.data(mail.body)
        return HttpResult(status=code, error=None, reason="", retry_after=None, excerpt=text, latency_ms=1)


@contextmanager
def running_service(name: str) -> Iterator[Service]:
    """Run a service on a free port of 127.0.0.1."""
    service = Service(name)
    with _mail_server(service) if name == "email" else _web_server(service):
        yield service


@contextmanager
def _web_server(service: Service) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            posted = Posted(path=path, query=query, headers=headers, body=body)
            answer = RULES[service.name](posted, service.mood)
            service.answers.append(answer)
            service.bodies.append(body)
            self.send_response(answer.status)
            for key, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(answer.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _mail_server(service: Service) -> Iterator[None]:
    moods = {Mood.LIMITED: "451 4.7.1 Too many messages, try later", Mood.GONE: "550 5.1.1 User unknown"}

    class Handler:
        async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
            if service.mood in moods:
                return moods[service.mood]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
            if service.mood is Mood.REJECTING:
                return "554 5.7.1 Looks like spam"
            content = envelope.content
            assert isinstance(content, bytes)
            service.bodies.append(content)
            service.answers.append(Answer(status=250, body=b"", shown=mail_shown(content)))
            return "250 OK"

    bound = socket.create_server(("127.0.0.1", 0))

    class Bound(Controller):
        def _create_server(self) -> Any:
            return self.loop.create_server(self._factory_invoker, sock=bound)

    controller = Bound(Handler(), hostname="127.0.0.1", port=bound.getsockname()[1])
    controller.start()
    service.base = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield
    finally:
        controller.stop()


def mail_shown(content: bytes) -> Shown:
    """What a mail reader shows of the HTML, and of the subject."""
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    part = mail.get_body(("html", "plain"))
    assert part is not None
    reader = _HtmlReader()
    reader.feed(part.get_content())
    reader.close()
    reader.shown.text = f"{mail['subject']}\n{reader.shown.text}"
    return reader.shown


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = Shown()
        self.linked = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = ("html", "head", "meta", "title", "body", "div", "h1", "p", "ul", "li", "a", "img")
        assert tag in known, f"a tag that nobody meant: {tag}"
        if tag == "a":
            self.shown.links.append(("", dict(attrs)["href"] or ""))
            self.linked = True
        elif tag == "img":
            self.shown.pictures.append(dict(attrs)["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.linked = self.linked and tag != "a"

    def handle_data(self, data: str) -> None:
        self.shown.text += data
        if self.linked:
            text, href = self.shown.links[-1]
            self.shown.links[-1] = (text + data, href)
