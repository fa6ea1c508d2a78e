"""What hubs send, with the installed program: subscribed to, killed in between, and told of by webhook."""

import json
from pathlib import Path

from tests.support.hub import Hub, running_hub
from tests.support.planet import SITE, Item, numbered, rss
from tests.support.ports import free_port
from tests.support.program import Program
from tests.support.receiver import Receiver, Reply
from tests.support.site import LOOPBACK, endpoint, eventually, write


def serve(receiver: Receiver, hub: Hub, *items: Item) -> bytes:
    """Let the feed have these items; return its bytes."""
    head = f'<atom:link rel="hub" href="{hub.url}"/><atom:link rel="self" href="{receiver.url("/a.xml")}"/>'
    body = rss(*items, head=head)
    receiver.script("/a.xml", Reply(body=body, headers={"Content-Type": "application/rss+xml"}))
    return body


def told(receiver: Receiver) -> set[str]:
    return {json.loads(one.body)["data"]["post"]["title"] for one in receiver.received("/hook")}


def test_killed_between_request_and_verification_and_between_content_and_feed(
    program: Program, tmp_path: Path, receiver: Receiver, database_url: str
) -> None:
    port, log = free_port(), tmp_path / "log"
    public = f'public_url = "http://127.0.0.1:{port}/"\n'
    source = f'[[sources]]\ntype = "feed"\nname = "a"\nurl = "{receiver.url("/a.xml")}"\n'
    write(tmp_path, {"feedbell.toml": f"{LOOPBACK}{public}{SITE}{source}{endpoint(receiver.url('/hook'))}"})
    options = ("--database", database_url)
    run = (*options, "run", "--port", str(port))

    def lease() -> dict[str, object]:
        found: dict[str, object] = program.call(*options, "status", "--json", cwd=tmp_path).json()["leases"]["a"]
        return found

    with running_hub() as hub:
        hub.manners.verifies = False
        serve(receiver, hub, *numbered(1))
        with program.running(*run, cwd=tmp_path, log=log) as running:
            eventually(lambda: hub.asked)
            running.kill()
        assert lease()["state"] == "requested"
        with program.running(*run, cwd=tmp_path, log=log) as running:
            running.await_said("watching(?s:.*)watching")
            assert hub.verify(hub.asked[0]).status == 200
            assert lease()["state"] == "active"
            polls = len(receiver.received("/a.xml"))
            body = serve(receiver, hub, *numbered(2, 1))
            assert hub.distribute(receiver.url("/a.xml"), body) == [202]
            eventually(lambda: told(receiver) == {"n2"})
            # It came from the hub alone.
            assert len(receiver.received("/a.xml")) == polls
            body = serve(receiver, hub, *numbered(3, 2, 1))
            assert hub.distribute(receiver.url("/a.xml"), body) == [202]
            running.kill()
        with program.running(*run, cwd=tmp_path, log=log) as running:
            # What was taken is not lost, however little became of it.
            eventually(lambda: told(receiver) == {"n2", "n3"})
            status = program.call(*options, "status", cwd=tmp_path).out
            assert running.stop() == 0
    found = lease()
    assert not {"secret", "token", "callback"} & found.keys()
    said = log.read_text() + status + json.dumps(found)
    secret, callback = hub.asked[0].fields["hub.secret"], hub.asked[0].callback
    assert secret not in said
    assert callback.rpartition("/")[2] not in said
    assert "active until" in " ".join(status.split())


def test_settings_that_change_while_it_runs(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    port = free_port()
    public = f'public_url = "http://127.0.0.1:{port}/"\n'
    source = f'[[sources]]\ntype = "feed"\nname = "{{}}"\nurl = "{receiver.url("/a.xml")}"\n'
    without = f"{LOOPBACK}{SITE}{source.format('a')}"
    write(tmp_path, {"feedbell.toml": without})
    with running_hub() as hub:
        serve(receiver, hub, *numbered(1))
        with program.running("run", "--port", str(port), cwd=tmp_path, log=tmp_path / "log") as running:
            running.await_said("watching")
            write(tmp_path, {"feedbell.toml": public + without})
            eventually(lambda: hub.subscriptions)
            [(topic, callback)] = hub.subscriptions
            # Another name is another source: the one is given back, the other subscribed to.
            write(tmp_path, {"feedbell.toml": f"{public}{LOOPBACK}{SITE}{source.format('b')}"})
            eventually(lambda: hub.subscriptions and (topic, callback) not in hub.subscriptions)
            # Without an address nobody is there any more.
            write(tmp_path, {"feedbell.toml": without})
            running.await_said("(?s:.*settings-changed){3}")
            eventually(lambda: hub.distribute(topic, b"x") == [405])
            assert running.stop() == 0
