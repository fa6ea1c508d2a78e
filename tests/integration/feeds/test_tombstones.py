"""Atom feeds say which posts were withdrawn (RFC 6721), for a while."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from tests.support.site import Flow, post

_GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
START = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url)
    made.clock.now = START
    made.write(a=post("A", categories="[x]"), b=post("B", categories="[x]"), c=post("C", categories="[y]"))
    made.run()
    yield made
    made.close()


def gone(flow: Flow, feed: str = "feeds/all") -> dict[str, str]:
    """Return when each entry went, by the end of its id."""
    tree = etree.parse(flow.out / f"{feed}.atom").getroot()
    return {found.get("ref").rpartition("/")[2]: found.get("when") for found in tree.iter(_GONE)}


def test_a_withdrawn_post_is_named_in_the_feeds_that_it_stood_in(flow: Flow) -> None:
    flow.clock.now = START + timedelta(hours=1)
    flow.path("a").unlink()
    flow.run()
    assert gone(flow) == gone(flow, "feeds/category/x") == {"a": "2024-06-01T21:00:00+08:00"}
    assert gone(flow, "feeds/category/y") == {}
    assert b"2024-06-01T21:00:00+08:00</updated>" in (flow.out / "feeds/all.atom").read_bytes()
    assert b"deleted-entry" not in (flow.out / "feeds/all.rss").read_bytes()
    assert flow.titles() == ["C", "B"]


def test_a_post_that_is_back_is_gone_no_more(flow: Flow) -> None:
    text = flow.path("a").read_text()
    flow.path("a").unlink()
    flow.run()
    flow.clock.now = START + timedelta(hours=1)
    flow.write(a=text)
    flow.run()
    assert gone(flow) == {}
    assert "A" in flow.titles()


def test_after_a_month_nobody_needs_to_know(flow: Flow) -> None:
    for day, name in ((0, "a"), (20, "c")):
        flow.clock.now = START + timedelta(days=day)
        flow.path(name).unlink()
        flow.run()
    assert gone(flow).keys() == {"a", "c"}
    flow.clock.now = START + timedelta(days=31)
    flow.write(d=post("D", categories="[x]"))
    flow.run()
    assert gone(flow).keys() == {"c"}
    # That feed has seen nothing since.
    assert gone(flow, "feeds/category/y").keys() == {"c"}
    assert len(flow.rows("SELECT 1 FROM tombstones")) == 2


def test_a_setting_keeps_silent(flow: Flow) -> None:
    flow.configure("[feeds]\ntombstone_days = 0\n")
    flow.path("a").unlink()
    flow.run()
    assert gone(flow) == {}


def test_a_folder_that_loses_thousands_leaves_room_for_posts(flow: Flow) -> None:
    flow.configure("[feeds]\nmax_bytes = 50000\n", "settle_ms = 0\nhold_share = 1\n")
    flow.write(**{f"p{number}": post(f"P{number}") for number in range(200)})
    flow.run()
    for number in range(200):
        flow.path(f"p{number}").unlink()
    flow.run()
    assert 5 <= len(gone(flow)) <= 20
    assert flow.titles() == ["C", "B", "A"]
    assert (flow.out / "feeds/all.atom").stat().st_size < 10_000
