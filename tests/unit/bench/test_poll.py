"""The benchmark of polling: feeds are what they should be, and the figures are reckoned as they should."""

import feedparser
import pytest

from bench.poll.documents import document, entries_of, etag, is_changed
from bench.poll.plan import Plan
from bench.poll.report import reaches, tables
from bench.poll.rounds import Round
from bench.poll.rows import Measured
from bench.poll.server import State


@pytest.mark.parametrize("feed", [6, 7])
def test_a_feed_shows_its_newest_fifty_entries(feed: int) -> None:
    found = {round_: feedparser.parse(document(feed, round_)) for round_ in (0, feed)}
    assert [one.bozo for one in found.values()] == [False, False]
    first, second = ([entry.id for entry in one.entries] for one in found.values())
    assert len(set(first)) == len(set(second)) == 50
    assert second[1:] == first[:-1]
    texts = [len(entry.content[0].value) for entry in found[0].entries]
    assert 1500 < min(texts) < max(texts) < 9000
    assert 100_000 < len(document(feed, 0)) < 400_000


def test_a_tenth_changes_in_each_round() -> None:
    assert [sum(is_changed(feed, round_) for feed in range(60)) for round_ in (1, 2, 12)] == [6, 6, 6]
    assert entries_of(3, 20) == 52
    assert etag(3, 2) == etag(3, 0) != etag(3, 3)


def test_the_server_answers_as_it_is_told() -> None:
    state = State(hung_every=20)
    full = state.answer("/feed/3", "") or b""
    assert full.startswith(b"HTTP/1.1 200 OK\r\n")
    assert full.endswith(b"\r\n\r\n" + document(3, 0))
    assert (state.answer("/feed/3", etag(3, 0)) or b"").startswith(b"HTTP/1.1 304 ")
    state.answer("/round/3", "")
    state.answer("/hang/1", "")
    assert (state.answer("/feed/3", etag(3, 0)) or b"").startswith(b"HTTP/1.1 200 ")
    assert state.answer("/feed/40", "") is None
    assert (state.answer("/counted", "") or b"").endswith(b'{"200": 2, "304": 1, "hung": 1}')
    assert (state.answer("/counted", "") or b"").endswith(b"{}")


def taken(wall: float, cpu: float) -> Round:
    return Round(feeds=100, wall=wall, cpu=cpu, peak=100, entries=5000)


def test_ratios_are_those_of_the_same_round() -> None:
    found = Measured(
        cold={"feedbell": taken(10, 9), "reader": taken(20, 18)},
        # In the second round the machine was half as fast.
        warm={
            "feedbell": [taken(1, 0.5), taken(2, 1), taken(1, 0.5)],
            "reader": [taken(5, 4), taken(10, 8), taken(6, 4)],
        },
        beside_hung={"feedbell": 2.0, "reader": 200.0},
    )
    assert [(round(reach.found, 3), reach.met) for reach in reaches(found)] == [(5, True), (0.125, True), (2, False)]
    lines = tables(Plan(feeds=100), found).splitlines()
    assert lines[0] == "100 feeds of 50 entries, 32 at once; the median of 3 warm rounds"
    assert lines[2].split() == ["cold:", "feeds/s", "10.0", "5.00", "2.00"]
    assert lines[-1].split()[-3:] == ["2.00", "200", "0.01"]
