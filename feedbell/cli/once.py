"""`feedbell once`: poll, publish, send what is due, exit. For cron and scheduled CI jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from feedbell.cli.context import Bar, print_json, say, shared
from feedbell.cli.polling import poll_all
from feedbell.cli.report import Report, make_report
from feedbell.counting import NOT_COUNTED, FlowMetrics
from feedbell.poll import Polled
from feedbell.wiring import App
from feeds.publish import Published
from notifier.model import DeliveryState
from notifier.worker import Tally


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(once)


def once(
    context: typer.Context,
    strict: Annotated[bool, typer.Option(help="Exit 1 if anything was quarantined or could not be delivered.")] = False,
    notify_existing: Annotated[
        int, typer.Option(min=0, help="Tell endpoints of the newest N posts as if they were new.", metavar="N")
    ] = 0,
    send_seconds: Annotated[float, typer.Option(min=1, help="How long to go on sending.")] = 120,
    metrics_file: Annotated[
        Path | None, typer.Option(help="Write metrics for node_exporter's textfile collector.", metavar="PATH")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Poll, publish, send what is due, exit."""
    counts, write_metrics = _counting(metrics_file)
    app = shared(context).sending_app(counts)
    app.introduce_site()
    with Bar() as bar:
        polled = poll_all(app, bar)
        polled += app.pipeline.poll_upstreams(bar.step("polling upstream feeds"))
        if notify_existing:
            app.pipeline.announce_existing(notify_existing)
        published, _ = app.pipeline.publish(bar.step("building feeds"))
        page_failure = app.pipeline.publish_pages(published)
    tally = _send(app, send_seconds)
    report = make_report(app)
    if as_json:
        print_json(report.as_json() | {"files_written": published.files, "delivered": tally.delivered})
    else:
        _tell(report, polled, published, tally)
        if page_failure:
            say(page_failure)
    write_metrics(app)
    app.close()
    raise typer.Exit(1 if page_failure else _exit_code(report, polled, published, tally, strict))


def _counting(metrics_file: Path | None) -> tuple[FlowMetrics, Callable[[App], None]]:
    """Return where this run is counted, and what writes that down at its end."""
    if metrics_file is None:
        return NOT_COUNTED, lambda app: None
    # These are slow to load, and most calls do without.
    from feedbell.metrics.counts import Counts
    from feedbell.metrics.textfile import MetricsFile
    from feedbell.monitor import read_once

    counts = Counts()
    file = MetricsFile(metrics_file, counts)
    return counts, lambda app: file.write(read_once(app), app.clock())


def _send(app: App, seconds: float) -> Tally:
    counts = app.deliveries.counts()
    if app.notifying.tells_nobody or not (counts[DeliveryState.PENDING] or counts[DeliveryState.SENDING]):
        return Tally()
    sending = app.notifying.make_engine()
    tally = sending.engine.run_until_idle(seconds)
    sending.stop(0)
    app.notifying.prune()
    return tally


def _tell(report: Report, polled: list[Polled], published: Published, tally: Tally) -> None:
    lines = report.lines()
    lines += [line for one in polled if one.error and (line := f"{one.source}: {one.error}") not in lines]
    for line in lines:
        say(line)
    for one in polled:
        for unsettled in one.unsettled:
            say(f"{unsettled.path}: is still being written; the next call reads it")
    say(f"{published.files} feed files written")
    waiting = report.deliveries[DeliveryState.PENDING] + report.deliveries[DeliveryState.SENDING]
    if waiting or tally != Tally():
        say(f"{tally.delivered} delivered, {waiting} wait to be sent or tried again, {tally.exhausted} given up")


def _exit_code(report: Report, polled: list[Polled], published: Published, tally: Tally, strict: bool) -> int:
    if any(one.error or one.held for one in polled) or published.failures:
        return 1
    waiting = report.deliveries[DeliveryState.PENDING] + report.deliveries[DeliveryState.SENDING]
    return 1 if strict and (report.quarantined or waiting or tally.exhausted) else 0
