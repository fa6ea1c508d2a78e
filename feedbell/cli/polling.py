"""Polling from the command line: every source, until its files stood still."""

import time
from collections.abc import Sequence

from feedbell.cli.context import Bar
from feedbell.poll import Polled
from feedbell.wiring import App
from feeds.sources.folder import FolderSource, Unsettled

# A file that changes without pause is left for the next poll.
_LONGEST_SETTLING = 15.0


def poll_all(app: App, bar: Bar) -> list[Polled]:
    """Poll every folder, showing progress."""
    return [_poll(app, source, bar) for source in app.pipeline.sources]


def wait_until_ready(app: App, unsettled: Sequence[Unsettled]) -> None:
    """Wait until files that were just written stood still."""
    if unsettled:
        ready = max(one.ready_at for one in unsettled)
        # Not a guess: the files say when they will have stood still.
        time.sleep(max((ready - app.clock()).total_seconds(), 0.01))


def _poll(app: App, source: FolderSource, bar: Bar) -> Polled:
    progress = bar.step("reading posts")
    give_up = time.monotonic() + _LONGEST_SETTLING
    polled = app.pipeline.poll(source, progress=progress)
    while polled.unsettled and time.monotonic() < give_up:
        wait_until_ready(app, polled.unsettled)
        again = app.pipeline.poll(source, {one.path for one in polled.unsettled})
        again.read += polled.read
        again.changes += polled.changes
        polled = again
    return polled
