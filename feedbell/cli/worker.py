"""`feedbell worker`: send deliveries on this machine, beside others."""

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from feedbell.cli.context import say, shared
from feedbell.site import find_place

_LAST_DELIVERIES = 10.0  # seconds


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker(
    context: typer.Context,
    watch_host: Annotated[str, typer.Option(help="Where --watch-port listens.")] = "127.0.0.1",
    watch_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve /metrics, /healthz and /readyz on this port.")
    ] = None,
) -> None:
    """Send deliveries until stopped: on as many machines as wanted, with PostgreSQL. It does not need the posts."""
    # Slow to load, and other commands do without.
    from feedbell.web.server import FeedServer
    from feedbell.web.status import status_pages
    from feedbell.worker import Worker

    common = replace(shared(context), usual_level=logging.INFO)
    place = find_place(common.options)
    common.start_logging(place.settings.log)
    sending = Worker(place, common.options)
    server = None
    if watch_port is not None:
        pages = status_pages(sending.monitor.checks, sending.monitor.metrics)
        # There is no folder of feeds here: everything but these pages is not found.
        server = FeedServer(Path(os.devnull), watch_host, watch_port, xml_format="atom", pages=pages)
        server.start()
        say(f"watched on {server.url}")
    say(f"sending to {len(sending.endpoints)} endpoints; stop with Ctrl+C")
    try:
        sending.run(_LAST_DELIVERIES)
    finally:
        if server is not None:
            server.stop()
