"""A hub that we have not written, flask-websub's, in a process of its own: it takes us as a subscriber."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.support.listening import RSS, Listening, running_listening
from tests.support.planet import Item, numbered, rss
from tests.support.receiver import Reply
from tests.support.site import eventually

_SCRIPT = Path(__file__).parents[2] / "support/flask_hub.py"


class FlaskHub:
    def __init__(self, us: Listening, port: int) -> None:
        self.us = us
        self.base = f"http://127.0.0.1:{port}"
        # It fetches what it sends, from the address that the feed gives as its own.
        self.topic = us.planet.server.url("/a")

    def ask(self, path: str) -> str:
        with urlopen(f"{self.base}{path}", timeout=30) as answer:
            return answer.read().decode()

    def callbacks(self) -> list[str]:
        found: list[str] = json.loads(self.ask(f"/callbacks?topic={quote(self.topic, safe='')}"))
        return found

    def publish(self) -> None:
        self.ask(f"/publish?topic={quote(self.topic, safe='')}")

    def serve(self, *items: Item, hub: bool = True) -> None:
        links = {"Link": f'<{self.base}/hub>; rel="hub", <{self.topic}>; rel="self"'} if hub else {}
        self.us.planet.answer("a", Reply(body=rss(*items), headers={"Content-Type": RSS, **links}))

    def turn_until(self, state: str) -> None:
        self.us.subscriber.turn()
        eventually(lambda: self.us.state() == state)


@contextmanager
def running_flask_hub(us: Listening, folder: Path, algorithm: str) -> Iterator[FlaskHub]:
    with open(folder / "hub.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, _SCRIPT, folder / "hub.db", algorithm],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (folder / "hub.log").read_text()
        yield FlaskHub(us, int(line))
    finally:
        process.communicate(timeout=30)


@pytest.fixture
def us(tmp_path: Path, database_url: str) -> Iterator[Listening]:
    with running_listening(tmp_path, database_url) as made:
        yield made


@pytest.mark.parametrize("algorithm", ["sha1", "sha512"])
def test_the_whole_life_of_a_subscription(us: Listening, tmp_path: Path, algorithm: str) -> None:
    with running_flask_hub(us, tmp_path, algorithm) as hub:
        hub.serve(*numbered(1))
        us.configure()
        us.planet.run()
        hub.turn_until("active")
        [callback] = eventually(hub.callbacks)
        assert us.lease().lease_until == us.planet.clock.now + timedelta(days=10)
        # It sends what is new, signed by its own lights.
        hub.serve(*numbered(2, 1))
        hub.publish()
        assert us.take_pushes() == 1
        assert us.planet.events() == [("published", "n2")]
        assert us.lease().rejected == 0
        # Renewal: a second callback, and then the first is given back.
        us.later(days=9)
        hub.turn_until("active")
        eventually(lambda: len(hub.callbacks()) == 2)
        us.later(minutes=2)
        us.subscriber.turn()
        [other] = eventually(lambda: len(found := hub.callbacks()) == 1 and found)
        assert other != callback
        # The feed leaves the hub.
        hub.serve(*numbered(3, 2, 1), hub=False)
        us.planet.run()
        us.subscriber.turn()
        eventually(lambda: not hub.callbacks())
        eventually(lambda: not us.leases())


def test_it_refuses(us: Listening, tmp_path: Path) -> None:
    with running_flask_hub(us, tmp_path, "sha256") as hub:
        hub.ask("/refuse")
        hub.serve(*numbered(1))
        us.configure()
        us.planet.run()
        hub.turn_until("denied")
        assert us.lease().reason == "the hub refuses: not here"
        assert not hub.callbacks()


def test_it_forgets_whose_subscription_has_ended(us: Listening, tmp_path: Path) -> None:
    with running_flask_hub(us, tmp_path, "sha256") as hub:
        hub.serve(*numbered(1))
        us.configure()
        us.planet.run()
        hub.turn_until("active")
        eventually(hub.callbacks)
        us.later(days=11)
        hub.publish()
        eventually(lambda: not hub.callbacks())
