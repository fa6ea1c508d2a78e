"""Several programs on one PostgreSQL database: who publishes, who sends, and how a site gets there."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.db import open_engine
from tests.support.databases import PostgresCluster
from tests.support.program import Program
from tests.support.receiver import Receiver, Reply
from tests.support.scraping import ask_json
from tests.support.site import LOOPBACK, copy_of_sample, endpoint, eventually, post, write


def titles(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["data"]["post"]["title"] for one in receiver.received()]


def test_workers_send_what_the_publisher_made_and_go_on_when_one_is_killed(
    program: Program, tmp_path: Path, receiver: Receiver, postgres: PostgresCluster
) -> None:
    site = copy_of_sample(tmp_path)
    settings = LOOPBACK + endpoint(receiver.url("/hook"))
    write(site, {"feedbell.toml": settings})
    # A worker has the configuration and nothing else of the site.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, {"feedbell.toml": settings})
    options = ("--database", postgres.empty_database())
    early = program.call(*options, "worker", cwd=elsewhere)
    assert (early.code, "feedbell once" in early.err) == (2, True)
    assert program.call(*options, "once", cwd=site).code == 0
    worker = (*options, "worker", "--watch-port", "0")
    with (
        program.running(*options, "run", "--no-serve", "--no-send", cwd=site, log=tmp_path / "run") as publisher,
        program.running(*worker, cwd=elsewhere, log=tmp_path / "first") as first,
        program.running(*worker, cwd=elsewhere, log=tmp_path / "second") as second,
    ):
        publisher.await_said("watching")
        first.await_said("sending to 1 endpoints")
        second.await_said("sending to 1 endpoints")
        write(site, {"_posts/2024-05-01-one.md": post("One")})
        receiver.await_requests(1, seconds=30)
        first.kill()
        write(site, {"_posts/2024-05-01-two.md": post("Two"), "_posts/2024-05-01-three.md": post("Three")})
        # A job that the killed one held is taken over when nothing was heard of it for long enough.
        eventually(lambda: set(titles(receiver)) == {"One", "Two", "Three"}, 90)
        # What the killed one was just sending may come again, under the same id.
        came = {one.headers["webhook-id"]: json.loads(one.body)["data"]["post"]["title"] for one in receiver.received()}
        assert sorted(came.values()) == ["One", "Three", "Two"]
        url = next(line for line in second.said().splitlines() if "watched on" in line).split()[-1]
        eventually(lambda: ask_json(f"{url}readyz")[1]["ready"])
        metrics = urlopen(f"{url}metrics").read().decode()
        assert 'channel="webhook"' in metrics
        assert second.stop() == 0
        assert publisher.stop() == 0


def test_a_worker_wants_postgresql(program: Program, tmp_path: Path) -> None:
    write(tmp_path, {"feedbell.toml": LOOPBACK})
    ended = program.call("worker", cwd=tmp_path)
    assert ended.code == 2
    assert "feedbell migrate --to" in ended.err


def test_a_site_moves_to_postgresql_with_everything_it_remembers(
    program: Program, tmp_path: Path, receiver: Receiver, postgres: PostgresCluster
) -> None:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": LOOPBACK + endpoint(receiver.script("/hook", Reply(status=500)))})
    assert program.call("once", cwd=site).code == 0
    write(site, {"_posts/2024-05-01-one.md": post("One"), "_posts/2024-05-01-two.md": post("Two")})
    assert program.call("once", cwd=site).code == 0
    before = {name: program.call(*name, "--json", cwd=site).json() for name in (("posts",), ("deliveries",))}
    tried = len(receiver.received())
    assert tried >= 2
    url = postgres.empty_database()
    moved = program.call("migrate", "--to", url, cwd=site)
    assert moved.code == 0, moved.err
    assert "rows copied" in moved.out
    # A second time it is in use.
    again = program.call("migrate", "--to", url, cwd=site)
    assert (again.code, "in use" in again.err) == (2, True)
    options = ("--database", url)
    after = {name: program.call(*options, *name, "--json", cwd=site).json() for name in before}
    assert after == before
    receiver.script("/hook", Reply())
    feeds = sorted((file, file.read_bytes()) for file in (site / "_feedbell").rglob("*.atom"))

    def sent() -> bool:
        program.call(*options, "once", cwd=site)
        return sorted(set(titles(receiver)[tried:])) == ["One", "Two"]

    eventually(sent, 60)
    # The same feeds, byte by byte, and new rows do not collide with those that were copied.
    assert sorted((file, file.read_bytes()) for file in (site / "_feedbell").rglob("*.atom")) == feeds
    write(site, {"_posts/2024-05-01-three.md": post("Three")})
    eventually(lambda: program.call(*options, "once", cwd=site).code == 0 and "Three" in titles(receiver), 60)
    ids = {one.headers["webhook-id"] for one in receiver.received()}
    assert len(ids) == 3
    database = open_engine(url)
    database.dispose()


@pytest.mark.parametrize("digest", [(), ("--digest", "3")])
def test_a_preview_shows_the_message_and_sends_nothing(
    program: Program, tmp_path: Path, receiver: Receiver, digest: tuple[str, ...]
) -> None:
    site = copy_of_sample(tmp_path)
    template = '\ntemplate = """{"news": {{ item.title | tojson }}}"""\n\n[[sub'
    write(site, {"feedbell.toml": LOOPBACK + endpoint(receiver.url("/hook")).replace("\n\n[[sub", template)})
    assert program.call("once", cwd=site).code == 0
    shown = program.call("endpoints", "preview", "receiver", *digest, cwd=site)
    assert shown.code == 0, shown.err
    newest = program.call("posts", "--limit", "1", "--json", cwd=site).json()[0]["title"]
    if digest:
        assert len(json.loads(shown.out)["data"]["events"]) == 3
    else:
        assert json.loads(shown.out) == {"news": newest}
    assert receiver.received() == []
