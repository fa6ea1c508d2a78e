"""Subscribers that others wrote, each in a process of its own: they get the bytes and know the signature."""

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, ClassVar

import pytest

from feedbell.notifying import Sending
from tests.support.certificates import make_certificate
from tests.support.ports import free_port
from tests.support.site import eventually
from tests.support.tls_front import tls_front
from tests.support.websub import HubSite

SUPPORT = Path(__file__).parents[2] / "support"


class Judge:
    """A subscriber at work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line)

    def says(self, *events: str) -> dict[str, Any]:
        """Return what it says next, which are these events in some order, by their names."""
        found = [json.loads(self._said.get(timeout=45)) for _ in events]
        by_name = {one.pop("event"): one for one in found}
        assert set(by_name) == set(events), found
        return by_name

    def go_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()


@contextmanager
def judging(*command: str | Path, env: Mapping[str, str] | None = None) -> Iterator[Judge]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(list(map(str, command)), env={**os.environ, **(env or {})}, **pipes) as process:
        try:
            yield Judge(process)
        finally:
            process.kill()


@contextmanager
def hub_at_work(site: HubSite) -> Iterator[Sending]:
    """Let the hub verify, and who sends send, until the end."""
    sending = site.flow.app.notifying.make_engine()
    run = site.flow.app.websub.running(sending.refresh)
    assert run is not None
    sending.engine.start()
    run.start()
    try:
        yield sending
    finally:
        run.stop()
        sending.stop(5)


def change(site: HubSite, sending: Sending, title: str) -> bytes:
    """Change a feed and return what it is then."""
    assert site.change(title) == 1
    sending.engine.wake()
    return site.file()


class _Static(SimpleHTTPRequestHandler):
    # Without a charset Flask-WebSub cannot read the document.
    extensions_map: ClassVar[dict[str, str]] = {
        ".atom": "application/atom+xml; charset=utf-8",
        ".rss": "application/rss+xml; charset=utf-8",
    }

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.mark.parametrize("secret", ["", "s3cret"])
def test_pubsubhubbub_of_npm(tmp_path: Path, database_url: str, secret: str) -> None:
    node = shutil.which("node")
    assert node is not None
    assert (SUPPORT / "npm/node_modules/pubsubhubbub").is_dir(), "run `make npm-readers`"
    site = HubSite(tmp_path, database_url)
    script = SUPPORT / "npm/subscribe.mjs"
    try:
        with hub_at_work(site) as sending, judging(node, script, site.topic(), site.hub_url, secret) as judge:
            assert judge.says("asked", "subscribe") == {"asked": {"error": None}, "subscribe": {"topic": site.topic()}}
            eventually(site.subscriptions)
            body = change(site, sending, "News")
            got = judge.says("feed")["feed"]
            assert base64.b64decode(got["body"]) == body
            assert (got["topic"], got["hub"]) == (site.topic(), site.hub_url)
            assert got["type"] == "application/atom+xml; charset=utf-8"
            judge.go_on()
            said = judge.says("asked", "unsubscribe")
            assert said == {"asked": {"error": None}, "unsubscribe": {"topic": site.topic()}}
            eventually(lambda: not site.subscriptions())
            assert site.change("Again") == 0
    finally:
        site.close()


def test_flask_websub(tmp_path: Path, database_url: str) -> None:
    """It sends a secret over TLS alone, so a proxy stands before our server as it would elsewhere."""
    context, certificate = make_certificate(tmp_path)
    port = free_port()
    site = HubSite(tmp_path, database_url, public_url=f"https://127.0.0.1:{port}/")
    trust = {"REQUESTS_CA_BUNDLE": str(certificate)}
    script = SUPPORT / "flask_subscriber.py"
    feed = f"https://127.0.0.1:{port}/feeds/all.atom"
    try:
        with (
            tls_front(context, port, site.port),
            hub_at_work(site) as sending,
            judging(sys.executable, script, feed, tmp_path, env=trust) as judge,
        ):
            # By the headers of the feed, at an address that is not the topic's.
            found = judge.says("discovered")["discovered"]
            assert found == {"hub_url": f"https://127.0.0.1:{port}/hub", "topic_url": site.topic()}
            assert judge.says("subscribe") == {"subscribe": {"topic": site.topic()}}
            (first,) = eventually(site.subscriptions)
            assert first.secret
            # It drops silently whatever has another signature than it computes itself.
            body = change(site, sending, "News")
            assert base64.b64decode(judge.says("feed")["feed"]["body"]) == body
            site.flow.clock.now += timedelta(minutes=30)
            judge.go_on()
            assert judge.says("subscribe") == {"subscribe": {"topic": site.topic()}}
            eventually(lambda: site.subscriptions()[0].lease_until > first.lease_until)
            body = change(site, sending, "Again")
            assert base64.b64decode(judge.says("feed")["feed"]["body"]) == body
            judge.go_on()
            assert judge.says("unsubscribe") == {"unsubscribe": {"topic": site.topic()}}
            eventually(lambda: not site.subscriptions())
    finally:
        site.close()


def test_flask_websub_finds_the_hub_in_the_document(tmp_path: Path) -> None:
    """Where a static server sets no `Link` header."""
    site = HubSite(tmp_path, f"sqlite:///{tmp_path}/hub.db")
    script = SUPPORT / "flask_subscriber.py"
    static = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Static, directory=str(site.flow.out)))
    threading.Thread(target=static.serve_forever, daemon=True).start()
    try:
        for format_ in ("atom", "rss"):
            feed = f"http://127.0.0.1:{static.server_address[1]}/feeds/all.{format_}"
            with hub_at_work(site), judging(sys.executable, script, feed, tmp_path) as judge:
                expected = {"hub_url": site.hub_url, "topic_url": site.topic("all", format_)}
                assert judge.says("discovered")["discovered"] == expected
                judge.says("subscribe")
    finally:
        static.shutdown()
        static.server_close()
        site.close()
