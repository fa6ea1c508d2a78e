"""A busy site's month, replayed: no reader misses a post, and closed pages of archives stay as they are."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.archive import Follower, read
from tests.support.replay import SETTINGS, START, Reader, everybody, replay
from tests.support.site import Flow

FEEDS = ("feeds/all", "feeds/category/busy", "feeds/category/small8")
CAP = 1_000_000


def flow_of(folder: Path, database_url: str, settings: str) -> Flow:
    return Flow(folder, database_url, f"[feeds]\n{settings}\n")


def closed_pages(out: Path, last: dict[str, bytes]) -> dict[str, bytes]:
    """Return the closed pages of the whole site's archive; what was closed is looked at again."""
    folder = out / "feeds/archive/all"
    found = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
    newest = max((int(name.partition(".")[0]) for name in found), default=0)
    closed = {name: content for name, content in found.items() if int(name.partition(".")[0]) < newest}
    assert {name: closed.get(name) for name in last} == last
    return closed


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("settings", "leaves"), [("50 entries or 48 hours", False), ("automatic", True)])
def test_no_reader_misses_a_post(tmp_path: Path, settings: str, leaves: bool) -> None:
    """`leaves`: what is moved after three days goes out of the site."""
    days = 30
    flow = flow_of(tmp_path, f"sqlite:///{tmp_path}/replay.db", SETTINGS[settings])
    readers = [
        (feed, name, reader)
        for feed, format_ in zip(FEEDS, ("rss", "json", "atom"), strict=True)
        for name, reader in everybody(f"{feed}.{format_}", days).items()
        if name != "two weeks away"
    ]
    closed: dict[str, bytes] = {}
    for now in replay(flow, [reader for *_, reader in readers], days, leaves=leaves):
        if (now - START) % timedelta(days=1) < timedelta(hours=3):
            closed = closed_pages(flow.out, closed)
            assert all(path.stat().st_size <= CAP for path in flow.out.rglob("*.*") if path.is_file())
    assert {(feed, name): len(reader.missed) for feed, name, reader in readers} == {
        (feed, name): 0 for feed, name, _ in readers
    }
    assert len(closed) > 3 * 10
    for feed in FEEDS:
        by_format = [Follower(flow.out).poll(f"{feed}.{format_}").entries for format_ in ("rss", "atom", "json")]
        assert by_format[0] == by_format[1] == by_format[2]
    flow.close()


@pytest.mark.timeout(900)
def test_ten_entries_lose_most_of_them(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, f"sqlite:///{tmp_path}/replay.db", SETTINGS["10 entries"])
    readers = everybody("feeds/all.atom", 6)
    for _ in replay(flow, list(readers.values()), 6):
        assert len(read(flow.out / "feeds/all.atom").entries) == 10
    missed = {name: len(reader.missed) for name, reader in readers.items()}
    assert missed["two weeks away, follows archives"] == 0
    assert 50 < missed["hourly"] < missed["six-hourly"] < missed["daily"] < missed["two weeks away"]
    flow.close()


def test_three_days_on_either_database(tmp_path: Path, database_url: str) -> None:
    flow = flow_of(tmp_path, database_url, "")
    readers = [Reader(f"{feed}.atom", timedelta(days=1), follows=True) for feed in FEEDS]
    for _ in replay(flow, readers, 4):
        pass
    assert [reader.missed for reader in readers] == [set(), set(), set()]
    flow.close()
