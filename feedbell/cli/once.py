"""`feedbell once`: poll, publish, send what is due, exit. For cron and scheduled CI jobs."""

from datetime import timedelta
from typing import Annotated

import typer

from feedbell.cli.context import Bar, print_json, say, shared
from feedbell.cli.polling import poll_all
from feedbell.cli.report import Report, make_report
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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Poll, publish, send what is due, exit."""
    app = shared(context).sending_app()
    with Bar() as bar:
        polled = poll_all(app, bar)
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
    app.close()
    raise typer.Exit(1 if page_failure else _exit_code(report, polled, published, tally, strict))


def _send(app: App, seconds: float) -> Tally:
    counts = app.deliveries.counts()
    if not app.endpoints or not (counts[DeliveryState.PENDING] or counts[DeliveryState.SENDING]):
        return Tally()
    dispatcher = app.make_dispatcher()
    tally = dispatcher.run_until_idle(seconds)
    dispatcher.stop(0)
    app.deliveries.prune(app.clock() - timedelta(days=app.settings.deliveries.keep_days))
    return tally


def _tell(report: Report, polled: list[Polled], published: Published, tally: Tally) -> None:
    for line in report.lines():
        say(line)
    for one in polled:
        if one.error:
            say(f"{one.source}: {one.error}")
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
