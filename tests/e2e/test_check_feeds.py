"""`feedbell check` asks upstream feeds, and keeps nothing of what they say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.planet import SITE, Item, rss
from tests.support.program import Program
from tests.support.receiver import Manner, Receiver, Reply, running_receiver
from tests.support.site import LOOPBACK, copy_of_sample, write

RULES = '[feeds.category]\nonly = ["Bonds", "Sahres"]\n'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def source(receiver: Receiver, name: str) -> str:
    return f'[[sources]]\nname = "{name}"\ntype = "feed"\nurl = "{receiver.url(f"/{name}")}?token=hush"\n'


def settings(receiver: Receiver, *names: str) -> str:
    return f"{LOOPBACK}{SITE}{RULES}[polling]\ndeadline_seconds = 5\n" + "".join(
        source(receiver, name) for name in names
    )


def test_feeds_that_cannot_be_read_are_named(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    well = rss(Item(title="a", categories=("Bonds",)), Item(title="b"))
    receiver.script("/well?token=hush", Reply(body=well))
    receiver.script("/down?token=hush", Reply(status=503))
    receiver.script("/sign-in?token=hush", Reply(body=b"<html><title>Sign in</title></html>"))
    receiver.script("/torn?token=hush", Reply(body=well[: well.rindex(b"</item>") - 20]))
    receiver.script("/hung?token=hush", Reply(manner=Manner.HANG))
    write(tmp_path, {"feedbell.toml": settings(receiver, "well", "down", "sign-in", "torn", "hung")})
    ended = program.call("check", "--json", cwd=tmp_path)
    found = ended.json()
    problems = {
        (one["reason"].split("'")[1], one["code"], one["severity"])
        for one in found["problems"]
        if one["code"].startswith("feed-")
    }
    assert problems == {
        ("down", "feed-unreadable", "error"),
        ("sign-in", "feed-unreadable", "error"),
        ("hung", "feed-unreadable", "error"),
        ("torn", "feed-notice", "warning"),
    }
    assert {one["path"] for one in found["problems"]} == {"feedbell.toml"}
    assert ended.code == 1
    # Two of the one that is well, and the whole one of the torn one's.
    assert found["posts"] == 3
    # The other category is met by a post of a feed.
    [idle] = [one["reason"] for one in found["problems"] if one["code"] == "rule-takes-nothing"]
    assert "'Sahres'" in idle
    assert [path.name for path in tmp_path.iterdir()] == ["feedbell.toml"]
    assert "hush" not in ended.out + ended.err


def test_feeds_beside_folders_and_without_a_network(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    alone = program.call("check", "--json", cwd=site).json()
    receiver.script("/well?token=hush", Reply(body=rss(Item(title="a"))))
    write(site, {"feedbell.toml": f'{LOOPBACK}{RULES}[[sources]]\npath = "."\n{source(receiver, "well")}'})
    offline = program.call("check", "--json", "--offline", cwd=site).json()
    assert receiver.received() == []
    # What was not asked may have what a rule takes.
    assert offline["posts"] == alone["posts"]
    assert [one["code"] for one in offline["problems"]] == [one["code"] for one in alone["problems"]]
    told = program.call("check", "--format", "github", cwd=site)
    assert f"{alone['posts'] + 1} posts" in told.out
    assert len(receiver.received()) == 1
