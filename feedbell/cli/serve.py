"""`feedbell serve`: serve the feeds that another Feedbell writes, until stopped."""

import threading
from typing import Annotated

import typer

from core.endings import on_ending
from feedbell.cli.context import say, shared


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Serve on this address, else the one in the settings.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Serve on this port; 0 takes a free one.")] = None,
) -> None:
    """Serve the output folder and nothing else: it reads no post and needs no database."""
    # Slow to load, and other commands do without.
    from feedbell.cli.serving import Served
    from feedbell.monitor import FilesMonitor

    app = shared(context).app()
    served = Served(host, port, FilesMonitor(app.out))
    served.follow(app)
    say("stop with Ctrl+C")
    stopped = threading.Event()
    on_ending(stopped.set)
    stopped.wait()
    served.stop()
