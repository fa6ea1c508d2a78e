"""reader (PyPI) polling the feeds: https://reader.readthedocs.io/."""

import time
from itertools import islice
from pathlib import Path

from reader import Reader, ReaderError, make_reader

from bench.notify.spent import Meter
from bench.poll.rounds import Round

_UNFINISHED: list[object] = []


def add(folder: Path, urls: list[str]) -> None:
    """Let it know the feeds."""
    reader = _open(folder)
    for url in urls:
        reader.add_feed(url)
    reader.close()


def poll(folder: Path, feeds: int, at_once: int) -> Round:
    """Poll all of them once, with as many threads."""
    reader = _open(folder)
    meter = Meter()
    reader.update_feeds(scheduled=False, workers=at_once)
    spent = meter.spent(feeds)
    entries = reader.get_entry_counts().total or 0
    reader.close()
    return Round(feeds=feeds, wall=spent.wall, cpu=spent.cpu, peak=spent.peak, entries=entries)


def poll_beside_hung(folder: Path, healthy: int, at_once: int) -> float:
    """Return after how many seconds so many feeds had been updated; those that hang may fail before."""
    reader = _open(folder)
    began = time.perf_counter()
    results = iter(reader.update_feeds_iter(scheduled=False, workers=at_once))
    updated = (result for result in results if not isinstance(result.value, ReaderError))
    for _ in islice(updated, healthy):
        pass
    seconds = time.perf_counter() - began
    # When they go, they wait for the others.
    _UNFINISHED.extend((results, updated))
    return seconds


def _open(folder: Path) -> Reader:
    return make_reader(str(folder / "reader.db"))
