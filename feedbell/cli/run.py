"""`feedbell run`: watch, publish, notify and serve until stopped."""

import logging
from dataclasses import replace
from typing import Annotated

import typer

from feedbell.cli.context import Bar, say, shared
from feedbell.cli.polling import poll_all
from feedbell.cli.report import make_report
from feedbell.wiring import App


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)


def run(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Serve on this address, else the one in the settings.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Serve on this port; 0 takes a free one.")] = None,
    serve: Annotated[bool, typer.Option(help="Serve the feeds over HTTP.")] = True,
    send: Annotated[bool, typer.Option(help="Send deliveries; on PostgreSQL, `feedbell worker` can do that.")] = True,
) -> None:
    """Watch, publish, notify and serve until stopped."""
    # These are slow to load, and other commands do without.
    from feedbell.cli.receivers import receivers_of
    from feedbell.cli.serving import Served
    from feedbell.daemon import Daemon
    from feedbell.monitor import Monitor

    common = replace(shared(context), usual_level=logging.INFO)
    monitor = Monitor()
    served = Served(host, port, monitor, receivers_of) if serve else None

    def load() -> App:
        return common.sending_app(monitor.counts)

    def follow(app: App) -> None:
        monitor.follow(app)
        if served is not None:
            served.follow(app)

    first = load()
    # Made or brought up to date before anybody asks how it is.
    _ = first.engine
    try:
        # Before the first build: what stands from before is served, and who asks for our health gets an answer.
        follow(first)
        _build(first)
        monitor.built = True
        say("watching; stop with Ctrl+C")
        Daemon(load, follow, monitor.pulse, sends=send, receives=serve).run(first)
    finally:
        if served is not None:
            served.stop()


def _build(app: App) -> None:
    """Read and build everything once, with progress, before the watching starts."""
    with Bar() as bar:
        poll_all(app, bar)
        published, _ = app.pipeline.publish(bar.step("building feeds"))
        page_failure = app.pipeline.publish_pages(published)
    for line in make_report(app).lines():
        say(line)
    if page_failure:
        say(page_failure)
    say(f"feeds are in {app.out}")
