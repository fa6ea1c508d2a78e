"""Upstream feeds with the installed program: from the command line to a webhook, and killed in between."""

import json
import random
import re
import time
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from tests.support.planet import SITE, Item, numbered, rss
from tests.support.program import Program
from tests.support.receiver import Receiver, Reply
from tests.support.site import LOOPBACK, copy_of_sample, endpoint, eventually, titles, write

_SEED = 20_261_127


def _reply(*items: Item) -> Reply:
    return Reply(body=rss(*items), headers={"Content-Type": "application/rss+xml", "ETag": f'"{len(items)}"'})


def test_from_a_list_to_a_feed(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    receiver.script("/a.xml", _reply(*numbered(2, 1)))
    receiver.script("/b.xml", Reply(status=404))
    write(tmp_path, {"feedbell.toml": LOOPBACK + SITE})
    feed = f'<outline text="A" xmlUrl="{receiver.url("/a.xml")}"/>'
    opml = f'<opml version="2.0"><body><outline text="Folder">{feed}</outline></body></opml>'
    write(tmp_path, {"list.opml": opml})
    assert program.call("sources", "import", "list.opml", "--folders-as-categories", cwd=tmp_path).code == 0
    assert "1 added" in program.call("sources", "add", receiver.url("/b.xml"), cwd=tmp_path).out
    assert "0 added" in program.call("sources", "add", receiver.url("/b.xml"), cwd=tmp_path).out
    once = program.call("once", cwd=tmp_path)
    # One of both is a failure: partial, said once, with its name.
    assert (once.code, once.out.count("404")) == (1, 1), once.out
    assert titles(tmp_path / "_feedbell/feeds/category/Folder.atom") == ["n2", "n1"]
    status = program.call("status", "--json", cwd=tmp_path).json()
    found = {one["name"]: one for one in status["upstreams"]}
    assert found["A"]["etag"] == '"2"'
    assert found["A"]["failures"] == 0
    assert found["127.0.0.1"]["failures"] == 1
    answered, following = found["A"]["answered_at"], found["A"]["next_poll_at"]
    # RFC 3339, section 5.6.
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", time) for time in (answered, following))
    assert datetime.fromisoformat(following) > datetime.fromisoformat(answered)
    told = program.call("status", cwd=tmp_path).out
    assert "ETag" in told
    assert "127.0.0.1: the server answered 404" in told
    exported = etree.fromstring(program.call("sources", "export", cwd=tmp_path).out.encode())
    assert [one.get("xmlUrl") for one in exported.iter("outline")] == [receiver.url("/a.xml"), receiver.url("/b.xml")]


def test_a_folder_stays_a_source_when_feeds_are_added(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    receiver.script("/a.xml", _reply(*numbered(1)))
    write(site, {"feedbell.toml": LOOPBACK})
    assert program.call("sources", "add", receiver.url("/a.xml"), cwd=site).code == 0
    assert program.call("once", cwd=site).code == 0
    listed = program.call("posts", "--json", cwd=site).json()
    assert {post["source"] for post in listed} == {"site", "127.0.0.1"}


@pytest.mark.parametrize(("database_url", "kills"), [("sqlite", 8), ("postgresql", 4)], indirect=["database_url"])
def test_kill_9_while_polling(
    program: Program, tmp_path: Path, receiver: Receiver, database_url: str, kills: int
) -> None:
    # However late the first poll comes, what it brings is no flood.
    pace = "poll_seconds = 1\nmax_new = 1000\n"
    source = f'[[sources]]\ntype = "feed"\nname = "a"\nurl = "{receiver.url("/a.xml")}"\n{pace}'
    retries = "[deliveries]\nretry_seconds = [1, 1, 1, 1, 1, 1, 1, 1]\n"
    hook = endpoint(receiver.url("/hook")).replace("\n\n[[sub", "\ntimeout_seconds = 1\n\n[[sub")
    write(tmp_path, {"feedbell.toml": f"{LOOPBACK}{SITE}{retries}[feeds]\ncount = 1000\n{source}{hook}"})
    receiver.script("/a.xml", _reply(*numbered(0)))
    options = ("--database", database_url)
    assert program.call(*options, "once", cwd=tmp_path).code == 0
    chance = random.Random(_SEED)
    run = (*options, "run", "--no-serve")
    count = 0
    for _ in range(kills):
        with program.running(*run, cwd=tmp_path, log=tmp_path / "log") as running:
            give_up = time.monotonic() + chance.uniform(0.8, 2.5)  # the point in time is the test's input
            while time.monotonic() < give_up:
                count += 1
                receiver.script("/a.xml", _reply(*numbered(*range(count, -1, -1))))
                time.sleep(0.1)
            running.kill()
    expected = {f"n{number}" for number in range(1, count + 1)}
    with program.running(*run, cwd=tmp_path, log=tmp_path / "log"):
        eventually(lambda: expected <= _told(receiver).keys(), 60)
    found = _told(receiver)
    assert found.keys() == expected
    # Each under one id, however often it came.
    assert all(len(ids) == 1 for ids in found.values())
    assert set(titles(tmp_path / "_feedbell/feeds/all.atom")) == expected | {"n0"}


def _told(receiver: Receiver) -> dict[str, set[str]]:
    """Return the message ids by title of what came to the webhook."""
    found: dict[str, set[str]] = {}
    for request in receiver.received("/hook"):
        title = json.loads(request.body)["data"]["post"]["title"]
        found.setdefault(title, set()).add(request.headers["webhook-id"])
    return found
