"""The hub of the installed program: killed at the worst moments, beside workers, and sending from a timer."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.databases import PostgresCluster
from tests.support.ports import free_port
from tests.support.program import Program, Running
from tests.support.site import LOOPBACK, copy_of_sample, eventually, post, write
from tests.support.websub import Subscribers, running_subscribers

TOPIC = "https://finews.withounder.com/feeds/all.atom"


@pytest.fixture
def subscribers() -> Iterator[Subscribers]:
    with running_subscribers() as running:
        yield running


def make_site(folder: Path, port: int, more: str = "") -> Path:
    site = copy_of_sample(folder)
    hub = f'public_url = "http://127.0.0.1:{port}/"\n{more}[hub]\nenabled = true\n'
    write(site, {"feedbell.toml": f"{LOOPBACK}{hub}[deliveries]\nretry_seconds = [1, 1, 1, 1, 1, 1]\n"})
    return site


def ask(port: int, mode: str, callback: str, **more: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    fields = {"hub.mode": mode, "hub.topic": TOPIC, "hub.callback": callback}
    fields |= {f"hub.{name}": value for name, value in more.items()}
    connection.request("POST", "/hub", urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
    status = connection.getresponse().status
    connection.close()
    return status


def subscriptions(program: Program, *options: str, site: Path) -> int:
    found: int = program.call(*options, "status", "--json", cwd=site).json()["hub_subscriptions"]
    return found


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_killed_between_the_request_and_its_verification_and_before_the_content_arrived(
    program: Program, tmp_path: Path, database_url: str, subscribers: Subscribers
) -> None:
    port = free_port()
    site = make_site(tmp_path, port)
    options = ("--database", database_url)
    run = (*options, "run", "--port", str(port))
    never = threading.Event()
    url, callback = subscribers.make(waits=never)
    with program.running(*run, cwd=site, log=tmp_path / "log") as running:
        running.await_said("watching")
        assert ask(port, "subscribe", url, secret="s3cret") == 202
        eventually(callback.asked)
        running.kill()
    never.set()
    callback.waits = None
    assert subscriptions(program, *options, site=site) == 0
    callback.status = 503
    with program.running(*run, cwd=site, log=tmp_path / "log") as running:
        running.await_said("watching")
        # What who was killed had claimed is free, and the request is verified.
        eventually(lambda: subscriptions(program, *options, site=site) == 1, 90)
        write(site, {"_posts/2024-05-01-one.md": post("One")})
        eventually(callback.got)
        running.kill()
    callback.status = 200
    tried = len(callback.got())
    with program.running(*run, cwd=site, log=tmp_path / "log") as running:
        got = eventually(lambda: callback.got()[tried:], 90)
        assert got[-1].body == (site / "_feedbell/feeds/all.atom").read_bytes()
        assert b"One" in got[-1].body
        assert got[-1].headers["x-hub-signature"].startswith("sha256=")
        told_of_secrets(running, url)
        assert running.stop() == 0


def told_of_secrets(running: Running, url: str) -> None:
    """A callback is an address that nobody should know, and a secret is one."""
    assert "s3cret" not in running.said()
    assert url not in running.said()
    assert "/callback" not in running.said()


def test_content_from_a_timer_and_no_more_hub(program: Program, tmp_path: Path, subscribers: Subscribers) -> None:
    port = free_port()
    site = make_site(tmp_path, port)
    url, callback = subscribers.make()
    with program.running("run", "--port", str(port), cwd=site, log=tmp_path / "log") as running:
        running.await_said("watching")
        assert ask(port, "subscribe", url) == 202
        running.await_said("hub.subscribe .*confirmed=True")
        assert running.stop() == 0
    shown = program.call("status", cwd=site)
    assert "hub: 1 subscriptions to feeds" in shown.out
    assert url not in shown.out
    write(site, {"_posts/2024-05-01-one.md": post("One")})
    assert program.call("once", cwd=site).code == 0
    (got,) = callback.got()
    assert got.body == (site / "_feedbell/feeds/all.atom").read_bytes()
    listed = program.call("deliveries", "--json", cwd=site)
    assert [(one["endpoint"], one["state"]) for one in json.loads(listed.out)] == [("websub:1", "delivered")]
    assert url not in listed.out
    # Without the hub nobody is told, and the feeds do not name it.
    write(site, {"feedbell.toml": LOOPBACK, "_posts/2024-05-01-two.md": post("Two")})
    assert program.call("once", cwd=site).code == 0
    assert len(callback.got()) == 1
    assert b'rel="hub"' not in (site / "_feedbell/feeds/all.atom").read_bytes()


def test_workers_leave_the_feeds_to_who_has_them(
    program: Program, tmp_path: Path, subscribers: Subscribers, postgres: PostgresCluster
) -> None:
    port = free_port()
    ping, hub = subscribers.make("/ping", status=204)
    settings = make_site(tmp_path, port)
    text = (settings / "feedbell.toml").read_text().replace("enabled = true", f'enabled = true\nping = ["{ping}"]')
    write(settings, {"feedbell.toml": text})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, {"feedbell.toml": text})
    options = ("--database", postgres.empty_database())
    assert program.call(*options, "once", cwd=settings).code == 0
    url, callback = subscribers.make()
    publisher = (*options, "run", "--port", str(port), "--no-send")
    with (
        program.running(*options, "worker", cwd=elsewhere, log=tmp_path / "worker") as worker,
        program.running(*publisher, cwd=settings, log=tmp_path / "run") as running,
    ):
        running.await_said("watching")
        worker.await_said("sending")
        assert ask(port, "subscribe", url) == 202
        running.await_said("hub.subscribe .*confirmed=True")
        write(settings, {"_posts/2024-05-01-one.md": post("One")})
        got = eventually(callback.got)
        assert b"One" in got[0].body
        # What needs no feed the worker sends.
        eventually(hub.got)
        worker.await_said("attempt endpoint=hub:127.0.0.1")
        running.await_said("attempt endpoint=websub:1")
        assert "websub:" not in worker.said()
        assert worker.stop() == 0
        assert running.stop() == 0


def test_a_hub_needs_an_address(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": "[hub]\nenabled = true\n"})
    ended = program.call("once", cwd=site)
    assert (ended.code, "hub.enabled needs public_url" in ended.err) == (2, True)


def test_the_hub_comes_and_goes_with_the_settings(program: Program, tmp_path: Path, subscribers: Subscribers) -> None:
    port = free_port()
    site = make_site(tmp_path, port)
    with_hub = (site / "feedbell.toml").read_text()
    write(site, {"feedbell.toml": LOOPBACK})
    url, callback = subscribers.make()
    with program.running("run", "--port", str(port), cwd=site, log=tmp_path / "log") as running:
        running.await_said("watching")
        assert ask(port, "subscribe", url) == 405
        write(site, {"feedbell.toml": with_hub}, age=0)
        # The server starts anew in between.
        eventually(lambda: asked_again(port, url) == 202)
        running.await_said("hub.subscribe .*confirmed=True")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("HEAD", "/feeds/all.atom")
        assert f'<http://127.0.0.1:{port}/hub>; rel="hub"' in (connection.getresponse().headers["Link"] or "")
        connection.close()
        write(site, {"_posts/2024-05-01-one.md": post("One")})
        eventually(lambda: any(b"One" in got.body for got in callback.got()))
        write(site, {"feedbell.toml": LOOPBACK}, age=0)
        eventually(lambda: asked_again(port, url) == 405)
        assert running.stop() == 0


def asked_again(port: int, url: str) -> int | None:
    try:
        return ask(port, "subscribe", url)
    except OSError:
        return None
