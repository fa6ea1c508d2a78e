"""Feedbell polling the feeds, with what the settings build."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bench.notify.spent import Meter
from bench.poll.rounds import Round
from core.db import reading
from feedbell.site import Options, find_place
from feedbell.wiring import App
from feeds.tables import posts

_SETTINGS = """\
allow_networks = ["127.0.0.0/8"]
[site]
title = "Planet"
url = "https://site.example"
[polling]
at_once = {at_once}
"""
_SOURCE = """\
[[sources]]
name = "feed-{number:04d}"
type = "feed"
url = "{url}"
"""


def add(folder: Path, urls: list[str], at_once: int) -> None:
    """Write the settings that name the feeds, and let the database know them."""
    sources = (_SOURCE.format(number=number, url=url) for number, url in enumerate(urls))
    (folder / "feedbell.toml").write_text("".join([_SETTINGS.format(at_once=at_once), *sources]))
    app = _open(folder, 0)
    _ = app.pipeline
    app.close()


def poll(folder: Path, feeds: int, round_: int) -> Round:
    """Poll all of them once, as `feedbell once` does before it publishes. Rounds lie days apart, so all are due."""
    app = _open(folder, round_)
    pipeline = app.pipeline
    meter = Meter()
    polled = pipeline.poll_upstreams()
    spent = meter.spent(len(polled))
    with reading(app.engine) as connection:
        entries = connection.execute(select(func.count()).select_from(posts)).scalar_one()
    app.close()
    if len(polled) != feeds:
        raise SystemExit(f"{len(polled)} of {feeds} feeds were polled")
    return Round(feeds=feeds, wall=spent.wall, cpu=spent.cpu, peak=spent.peak, entries=entries)


class _AllButHung(Exception):
    """The others are done."""


def poll_beside_hung(folder: Path, healthy: int, round_: int) -> float:
    """Return after how many seconds what so many feeds said had been applied; who hangs is left alone."""
    app = _open(folder, round_)
    pipeline = app.pipeline
    began = time.perf_counter()

    def note(done: int, _: int) -> None:
        if done >= healthy:
            raise _AllButHung

    with suppress(_AllButHung):
        pipeline.poll_upstreams(note)
    return time.perf_counter() - began


def _open(folder: Path, round_: int) -> App:
    later = timedelta(days=3 * round_)
    options = Options(config=folder / "feedbell.toml", database=f"sqlite:///{folder}/feedbell.db")
    return App(find_place(options), options, lambda: datetime.now(UTC) + later)
