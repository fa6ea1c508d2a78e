"""Upstream feeds that hang, and many that one host answers for, with the program's own polling and a real server."""

import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from feedbell.poll import Polled
from feedbell.site import Options, find_place
from feedbell.wiring import App
from tests.support.planet import numbered, rss
from tests.support.raw_server import RawServer, http, raw_server, redirect

SETTINGS = 'allow_networks = ["127.0.0.0/8"]\n[site]\nurl = "https://planet.example"\n[polling]\nat_once = {at_once}\n'


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


def poll(folder: Path, feeds: Mapping[str, str], *, at_once: int, more: str = "") -> list[Polled]:
    sources = (f'[[sources]]\ntype = "feed"\nname = "{name}"\nurl = "{url}"\n' for name, url in feeds.items())
    (folder / "feedbell.toml").write_text("".join([SETTINGS.format(at_once=at_once), more, "\n", *sources]))
    options = Options(config=folder / "feedbell.toml", database=f"sqlite:///{folder}/feedbell.db")
    app = App(find_place(options), options)
    try:
        return app.pipeline.poll_upstreams()
    finally:
        app.close()


def test_feeds_that_hang_hold_up_no_other(tmp_path: Path, server: RawServer) -> None:
    """Two are asked at once, and the first four say nothing."""
    lock = threading.Lock()
    waiting = 10
    all_asked = threading.Event()
    was_in_time: list[bool] = []

    def hang(_: socket.socket) -> None:
        was_in_time.append(all_asked.wait(30))

    def answer(connection: socket.socket) -> None:
        nonlocal waiting
        with lock:
            waiting -= 1
        if not waiting:
            all_asked.set()
        connection.sendall(http(rss(*numbered(1, 2)), "Content-Type: application/rss+xml", "Connection: close"))

    server.answer("/hang", hang)
    server.answer("/feed", answer)
    feeds = {f"a{number}": server.url("/hang", f"127.0.1.{number + 1}") for number in range(4)}
    feeds |= {f"b{number}": server.url("/feed", f"127.0.2.{number + 1}") for number in range(10)}
    polled = poll(tmp_path, feeds, at_once=2, more="deadline_seconds = 120")
    assert was_in_time
    assert all(was_in_time)
    assert {one.source for one in polled if one.error} == {f"a{number}" for number in range(4)}
    assert {one.source for one in polled if not one.error} == {f"b{number}" for number in range(10)}


def test_a_host_that_others_redirect_to_gets_no_more_than_two_requests_at_once(
    tmp_path: Path, server: RawServer
) -> None:
    now, most = 0, 0
    lock = threading.Lock()

    def answer(connection: socket.socket) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.1)
        with lock:
            now -= 1
        connection.sendall(http(rss(*numbered(1)), "Content-Type: application/rss+xml", "Connection: close"))

    server.answer("/feed", answer)
    server.answer("/elsewhere", redirect(server.url("/feed", "127.0.3.1")))
    feeds = {f"a{number}": server.url("/elsewhere", f"127.0.1.{number + 1}") for number in range(10)}
    polled = poll(tmp_path, feeds, at_once=10)
    assert [one.error for one in polled] == [None] * 10
    assert most == 2
