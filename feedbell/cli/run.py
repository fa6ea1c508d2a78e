"""`feedbell run`: watch, publish, notify and serve until stopped."""

import logging
from typing import Annotated

import typer

from core.log import start_logging
from feedbell.cli.context import OUR_PACKAGES, Bar, say, shared
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
) -> None:
    """Watch, publish, notify and serve until stopped."""
    # These two are slow to load, and other commands do without.
    from feedbell.cli.serving import Served
    from feedbell.daemon import Daemon

    common = shared(context)
    if not common.verbose:
        start_logging(logging.INFO, OUR_PACKAGES)
    first = common.sending_app()
    _build(first)
    served = Served(host, port, wanted=serve)
    served.follow(first)
    say("watching; stop with Ctrl+C")
    try:
        Daemon(common.sending_app, served.follow).run(first)
    finally:
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
