"""Turns of hosts, with threads that ask a real server and with every order that Hypothesis thinks of."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import AddressPolicy
from core.http import HttpClient
from feeds.sources.upstream.hosts import HostTurns, Turn, host_of
from tests.support.raw_server import http, raw_server


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.ORG/Feed", "example.org"),
        ("http://example.org:8080/", "example.org"),
        ("http://example.org./", "example.org"),
        ("http://[::1]:80/", "::1"),
        ("http://[::1/", ""),
        ("nonsense", ""),
    ],
)
def test_a_host_is_the_same_whatever_its_port(url: str, host: str) -> None:
    assert host_of(url) == host


STEPS = [("add", "a"), ("add", "b"), ("add", "c"), ("take", ""), ("answered", ""), ("done", ""), ("later", "")]
STEPS += [("move", "a"), ("move", "b")]


class Time:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.sampled_from(STEPS), max_size=80))
def test_every_job_is_given_out_once_within_the_limits(steps: list[tuple[str, str]]) -> None:
    """Against a plain model: what may be taken is looked for among all jobs each time."""
    clock = Time()
    turns: HostTurns[int] = HostTurns(at_once=3, patience=2, clock=clock)
    waiting: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    running: list[tuple[Turn[int], float]] = []  # with the time at which it loses its place
    # At the end all that is left is taken and given back.
    for number, (step, host) in enumerate([*steps, *[("take", ""), ("done", "")] * len(steps)]):
        busy = Counter(turn.host for turn, _ in running)
        assert max(busy.values(), default=0) <= 2
        places = sum(until > clock.now for _, until in running)
        if step == "add":
            waiting[host].append(number)
            turns.add(host, number)
        elif step == "later":
            clock.now += 1
        elif step == "answered" and running:
            turns.answered(running[0][0])
            running[0] = running[0][0], float("inf")
        elif step == "move" and running and (busy[host] < 2 or running[-1][0].host == host):
            assert turns.move(running[-1][0], host, 0)
            assert running[-1][0].host == host
        elif step == "move" and running:
            assert not turns.move(running[-1][0], host, 0)
            assert running[-1][0].host is None
        elif step == "done" and running:
            turns.done(running.pop(0)[0])
        elif step == "take" and places < 3 and any(jobs and busy[host] < 2 for host, jobs in waiting.items()):
            turn = turns.next()
            assert turn is not None
            assert turn.host is not None
            assert turn.job == waiting[turn.host].pop(0)
            assert busy[turn.host] < 2
            running.append((turn, clock.now + 2))
    assert not any(waiting.values())


def test_hosts_take_turns() -> None:
    turns: HostTurns[int] = HostTurns()
    for host in ("a", "a", "a", "b", "c"):
        turns.add(host, 0)
    taken = [turns.next() for _ in range(4)]
    assert [turn.host for turn in taken if turn] == ["a", "b", "c", "a"]


def test_whoever_is_slow_keeps_its_place_for_a_moment_only() -> None:
    """Two places, and six hosts that never answer: all have been asked after two times the patience."""
    turns: HostTurns[int] = HostTurns(at_once=2, patience=0.1)
    asked: list[str] = []

    def ask() -> None:
        turn = turns.next()
        asked.append((turn and turn.host) or "")

    for number in range(6):
        turns.add(f"host-{number}", number)
    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(asked) == [f"host-{number}" for number in range(6)]


def test_a_redirected_turn_waits_for_a_place_at_the_other_host() -> None:
    turns: HostTurns[int] = HostTurns()
    for host in ("a", "b", "b", "b"):
        turns.add(host, 0)
    redirected, first, second = (turns.next() for _ in range(3))
    assert redirected
    assert first
    assert second
    moved: list[bool] = []
    thread = threading.Thread(target=lambda: moved.append(turns.move(redirected, "b", 20)))
    thread.start()
    turns.done(first)
    # Either the third job of `b` or the redirected one has the place now, and the other has the next one.
    turns.done(second)
    thread.join(20)
    assert moved == [True]
    assert (turns.next() or redirected).host == "b"


def test_a_closed_one_lets_every_thread_go() -> None:
    turns: HostTurns[int] = HostTurns()
    threads = [threading.Thread(target=turns.next) for _ in range(3)]
    for thread in threads:
        thread.start()
    turns.close()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    turns.add("a", 1)
    assert turns.next() is None


class AtOnce:
    """Answers that count how many are under way for a host. Each counts until just before it goes out."""

    def __init__(self) -> None:
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, host: str, seconds: float) -> Callable[[socket.socket], None]:
        def send(connection: socket.socket) -> None:
            with self._lock:
                self._now[host] += 1
                self.most[host] = max(self.most[host], self._now[host])
            time.sleep(seconds)
            with self._lock:
                self._now[host] -= 1
            connection.sendall(http(b"<rss/>", "Connection: close"))

        return send


def test_no_host_gets_more_than_two_requests_at_once_and_a_slow_one_holds_up_nobody() -> None:
    """Eight threads: `slow` has twenty jobs and comes first, so that it would take them all."""
    turns: HostTurns[str] = HostTurns()
    finished: list[str] = []
    at_once = AtOnce()
    with raw_server() as server:
        for host in ("slow", "one", "two", "three"):
            server.answer(f"/{host}", at_once.answer(host, 0.25 if host == "slow" else 0.02))
            for _ in range(20):
                turns.add(host, server.url(f"/{host}", f"{host}.test"))
        client = HttpClient(
            policy=AddressPolicy.parse(["127.0.0.0/8"]), resolver=lambda _: (ip_address("127.0.0.1"),), threads=8
        )

        def work() -> None:
            while turn := turns.next():
                assert client.get(turn.job, {}, max_bytes=1000).status == 200
                finished.append(turn.host or "")
                turns.done(turn)
                if len(finished) == 80:
                    turns.close()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        client.close()
    assert Counter(finished) == {"slow": 20, "one": 20, "two": 20, "three": 20}
    assert at_once.most == {"slow": 2, "one": 2, "two": 2, "three": 2}
    # The others are long done while `slow` still goes on, two by two.
    assert finished[-10:] == ["slow"] * 10
