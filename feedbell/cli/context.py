"""What every command shares: the global options, the app built from them, and how results are shown."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer

from core.clock import rfc3339
from core.log import start_logging
from feedbell.counting import NOT_COUNTED, FlowMetrics
from feedbell.settings import LogSettings
from feedbell.site import Options, find_place
from feedbell.wiring import App

_MOST_DRAWN = 200  # rows
OUR_PACKAGES = ("core", "feeds", "notifier", "feedbell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The global options."""

    options: Options
    verbose: bool
    log_format: str | None = None
    usual_level: int = logging.WARNING  # where neither options nor settings name one

    def start_logging(self, settings: LogSettings | None = None) -> None:
        """Write log lines as the options and settings say; before the settings are read, as the options say."""
        settings = settings or LogSettings()
        level = logging.getLevelNamesMapping()[settings.level.upper()] if settings.level else self.usual_level
        form = self.log_format or settings.format
        start_logging(logging.DEBUG if self.verbose else level, OUR_PACKAGES, form)

    def app(self, metrics: FlowMetrics = NOT_COUNTED) -> App:
        """Build the app that the options name, and log as its settings say."""
        place = find_place(self.options)
        self.start_logging(place.settings.log)
        return App(place, self.options, metrics=metrics)

    def sending_app(self, metrics: FlowMetrics = NOT_COUNTED) -> App:
        """Build the app, and see to it that every endpoint can be told."""
        app = self.app(metrics)
        _ = app.notifying.endpoints
        return app


def shared(context: typer.Context) -> Shared:
    """Return the global options of this call."""
    found = context.find_object(Shared)
    assert found is not None  # the root command makes it
    return found


def say(line: str) -> None:
    """Print one plain line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_json(value: Any) -> None:
    """Print one JSON document, with times as of RFC 3339."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_as_json) + "\n")


def _as_json(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for people."""
    rows = list(rows)
    if len(rows) > _MOST_DRAWN:
        _print_plainly(columns, rows)
        return
    # Slow to load, and most commands print no table.
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else _plain(str(cell)) for cell in row))
    # A program that reads our output wants each row on one line.
    width = None if sys.stdout.isatty() else 10_000
    Console(highlight=False, width=width).print(table)


def _print_plainly(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a long table without drawing it: that takes a millisecond a row."""
    cells = [columns, *(["" if cell is None else str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


class Bar:
    """A progress bar on a terminal for what takes long; nothing elsewhere."""

    def __init__(self) -> None:
        self._progress = _progress() if sys.stderr.isatty() else None

    def __enter__(self) -> "Bar":
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def step(self, what: str) -> Callable[[int, int], None]:
        """Return what a job calls with how much is done and how much there is."""
        progress = self._progress
        if progress is None:
            return lambda done, total: None
        task = progress.add_task(what, total=None, visible=False)
        return lambda done, total: progress.update(task, completed=done, total=total, visible=total > 1)


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
