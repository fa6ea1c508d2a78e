"""The program is killed again and again while posts arrive: nothing is lost, nothing comes twice under another id."""

import os
import random
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.support.program import Program
from tests.support.receiver import Receiver
from tests.support.site import LOOPBACK, SECRET, copy_of_sample, endpoint, eventually, parse_all, post, write

_POSTS = 200
_SEED = 20_240_501


class Writer:
    """Writes posts into a folder at a steady pace, some in place and some by renaming."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._pause = seconds / _POSTS
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        for number in range(_POSTS):
            content = post(f"Post {number}", categories=f"category-{number % 7}", tags=f"tag-{number % 3}")
            place = self._folder / f"2024-05-01-post-{number}.md"
            if number % 2:
                with open(place, "w") as file:
                    file.write(content[:30])
                    file.flush()
                    file.write(content[30:])
            else:
                temporary = self._folder / f".{number}.tmp"
                temporary.write_text(content)
                os.replace(temporary, place)
            self._stop.wait(self._pause)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("database_url", "kills"), [("sqlite", 10), ("postgresql", 10)], indirect=["database_url"])
def test_kill_9_at_any_time(
    program: Program, tmp_path: Path, receiver: Receiver, database_url: str, kills: int
) -> None:
    site = copy_of_sample(tmp_path)
    out = site / "_feedbell"
    # What is under way when the program is killed is sent again at the next start.
    hook = endpoint(receiver.url("/hook")).replace("\n\n[[sub", "\ntimeout_seconds = 1\n\n[[sub")
    retries = "\n[deliveries]\nretry_seconds = [1, 1, 1, 1, 1, 1, 1, 1]\n"
    write(site, {"feedbell.toml": LOOPBACK + retries + hook})
    options = ("--database", database_url)
    assert program.call(*options, "once", cwd=site).code == 0
    chance = random.Random(_SEED)
    run = (*options, "run", "--no-serve")
    with Writer(site / "_posts", seconds=kills * 1.5):
        for _ in range(kills):
            with program.running(*run, cwd=site, log=tmp_path / "log") as running:
                time.sleep(chance.uniform(0.5, 2.5))  # the point in time is the test's input
                assert running.alive(), running.said()
                running.kill()
            parse_all(out)
    with program.running(*run, cwd=site, log=tmp_path / "log") as running:
        expected = {f"https://finews.withounder.com/category-{n % 7}/2024/05/01/post-{n}" for n in range(_POSTS)}
        messages = eventually(lambda: _complete(receiver, expected), 120)
        # A mistaken second notice would wait in the database, under way to us.
        eventually(lambda: "0 pending, 0 sending" in program.call(*options, "status", cwd=site).out)
        assert running.stop() == 0
    parse_all(out)
    messages = _messages(receiver)
    assert set(messages) == expected
    assert {post_: len(ids) for post_, ids in messages.items()} == dict.fromkeys(expected, 1)
    listed = program.call(*options, "posts", "--limit", "1000", "--json", cwd=site).json()
    assert len(listed) == len({one["id"] for one in listed}) == _POSTS + 5


def _complete(receiver: Receiver, expected: set[str]) -> dict[str, set[str]] | None:
    messages = _messages(receiver)
    return messages if set(messages) >= expected else None


def _messages(receiver: Receiver) -> dict[str, set[str]]:
    """Return post id to message ids; every signature is verified, and every notice must be of a new post."""
    found: dict[str, set[str]] = defaultdict(set)
    verifier = Webhook(SECRET)
    for request in receiver.received():
        if len(request.body) < int(request.headers["content-length"]):
            continue  # killed in the middle of sending
        body: Any = verifier.verify(request.body, dict(request.headers))
        assert body["type"] == "post.published"
        found[body["data"]["post"]["id"]].add(request.headers["webhook-id"])
    return found
