"""One new post in a running Feedbell: until its feeds are on disk, and until a webhook receiver has it."""

import http.server
import json
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.builds import NEW, SETTLE, Place, feed_files, touch, write_new
from bench.children import peak_of, running, tail_of
from bench.corpus import MadePost

POSTS = 20
_WARMING = 2  # posts before the ones that count
_STARTED_WITHIN = 120.0  # seconds
_SEEN_WITHIN = 30.0
_LOOK_EVERY = 0.001
_REST = 0.4  # seconds from one post to the next, and a little more each time

_SETTINGS = """\
allow_networks = ["127.0.0.0/8"]

[[endpoints]]
name = "bench"
url = "http://127.0.0.1:{port}/hook"
secret = "{secret}"

[[subscriptions]]
endpoint = "bench"
events = ["post.published"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds from the end of the settle time, over some posts."""

    median: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency":
        """Sum up."""
        return cls(median=statistics.median(seconds) * 1000, worst=max(seconds) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What a running Feedbell did with new posts."""

    category: Latency  # until the RSS of the post's category holds it
    feeds: Latency  # until every feed that the post stands in holds it
    hook: Latency  # until the receiver has read the request
    burst: float  # seconds from the end of the settle time of a burst until the last of its feeds is on disk
    peak: float | None  # MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Seconds from the end of one post's settle time."""

    category: float
    feeds: float
    hook: float


class Hooks:
    """When a webhook of each post came, by the post's address."""

    def __init__(self) -> None:
        self._came: dict[str, float] = {}
        self._changed = threading.Condition()

    def take(self, body: bytes, at: float) -> None:
        """Note a request."""
        url = json.loads(body)["data"]["post"]["url"]
        with self._changed:
            self._came.setdefault(url, at)
            self._changed.notify_all()

    def wait_for(self, ident: str, until: float) -> float:
        """Return when the webhook of a post came. Raises SystemExit if it has not come by then."""
        with self._changed:
            while True:
                found = next((at for url, at in self._came.items() if ident in url), None)
                if found is not None:
                    return found
                if not self._changed.wait(max(until - time.perf_counter(), 0)):
                    raise SystemExit(f"no webhook came of post {ident}")


@contextmanager
def receiving() -> Iterator[tuple[int, Hooks]]:
    """Receive webhooks on a free port of the loopback."""
    hooks = Hooks()

    class Receiver(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            at = time.perf_counter()
            self.send_response(204)
            self.end_headers()
            hooks.take(body, at)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_port, hooks
        finally:
            server.shutdown()
            thread.join()


def measure_live(place: Place, first: int) -> Live:
    """Start `feedbell run` on a built site and write one post after the other, `first` being the first one's number."""
    log = place.folder / "run.log"
    with receiving() as (port, hooks):
        secret = subprocess.run(
            place.command("endpoints", "secret"), capture_output=True, text=True, timeout=60, check=True
        ).stdout.strip()
        place.configure(_SETTINGS.format(port=port, secret=secret))
        with running(place.command("run", "--port", "0"), log) as child:
            _await(lambda: b"watching" in log.read_bytes(), _STARTED_WITHIN, child, log)
            for number in range(first, first + _WARMING):
                _one(place, number, hooks)
            seen = []
            for number in range(POSTS):
                # Not in step with anything in the program that returns at a fixed pace.
                time.sleep(_REST + number * 0.0137)
                seen.append(_one(place, first + _WARMING + number, hooks))
            burst = _burst(place, first + _WARMING + POSTS)
            peak = peak_of(child.pid)
    return Live(
        category=Latency.of([one.category for one in seen]),
        feeds=Latency.of([one.feeds for one in seen]),
        hook=Latency.of([one.hook for one in seen]),
        burst=burst,
        peak=peak,
    )


def _await(true: Callable[[], bool], seconds: float, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.perf_counter() + seconds
    while not true():
        if child.poll() is not None or time.perf_counter() > until:
            raise SystemExit(f"feedbell run did not start:\n{tail_of(log)}")
        # The program that starts needs the core more than we do.
        time.sleep(0.02)


def _one(place: Place, number: int, hooks: Hooks) -> Seen:
    post = place.corpus.maker.post(number)
    files = {path: _state(place.out / path) for path in feed_files([post])}
    write_new(place.corpus, number)
    settled = time.perf_counter() + SETTLE
    changed = _await_feeds(place.out, files, [post], settled + _SEEN_WITHIN)
    hooked = hooks.wait_for(post.ident, settled + _SEEN_WITHIN)
    return Seen(
        category=changed[f"feeds/category/{post.term.slug}.rss"] - settled,
        feeds=max(changed.values()) - settled,
        hook=hooked - settled,
    )


def _burst(place: Place, first: int) -> float:
    corpus = place.corpus
    posts = [corpus.maker.post(first + number) for number in range(NEW)]
    before = {path: _state(place.out / path) for path in feed_files(posts)}
    touch(corpus)
    for number in range(NEW):
        write_new(corpus, first + number)
    settled = time.perf_counter() + SETTLE
    return max(_await_feeds(place.out, before, posts, settled + _SEEN_WITHIN).values()) - settled


def _await_feeds(
    out: Path, before: dict[str, tuple[int, int] | None], posts: Sequence[MadePost], until: float
) -> dict[str, float]:
    """Return when each file was first seen to hold its posts; files are read once all have changed: it takes time."""
    idents: dict[str, list[bytes]] = {path: [] for path in before}
    for post in posts:
        for path in feed_files([post]):
            idents[path].append(post.ident.encode())
    changed: dict[str, float] = {}
    states = dict(before)
    while True:
        for path in states.keys() - changed.keys():
            state = _state(out / path)
            if state != states[path]:
                changed[path], states[path] = time.perf_counter(), state
        if len(changed) == len(states):
            for path in [path for path in changed if not _holds(out / path, idents[path])]:
                del changed[path]
            if len(changed) == len(states):
                return changed
        if time.perf_counter() > until:
            raise SystemExit(f"posts did not reach {', '.join(sorted(states.keys() - changed.keys()))}")
        # Often enough for figures in milliseconds, and no load beside the program.
        time.sleep(_LOOK_EVERY)


def _holds(path: Path, idents: Sequence[bytes]) -> bool:
    content = path.read_bytes()
    return all(ident in content for ident in idents)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns
