"""The command line: global options, commands and exit codes (0 done, 1 partial, 2 wrong usage or configuration)."""

import gc
import sys
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from core.errors import AppError
from feedbell.cli import (
    check,
    deliveries,
    endpoints,
    init,
    listings,
    migrate,
    once,
    preview,
    run,
    serve,
    snippet,
    sources,
    why,
    worker,
)
from feedbell.cli.context import Shared
from feedbell.site import Options

app = typer.Typer(
    name="feedbell",
    help="Publish feeds for every category, tag and author of a folder of posts, and tell webhooks about new ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_COMMANDS = (init, run, once, serve, check, snippet, listings, sources)
for module in (*_COMMANDS, deliveries, endpoints, why, preview, worker, migrate):
    module.add_to(app)


class LogFormat(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"feedbell {version('feedbell')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The configuration, else feedbell.toml in the site.")] = None,
    site: Annotated[Path | None, typer.Option(help="The site's folder, else the current one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where feeds are written, else _feedbell in the site.")] = None,
    database: Annotated[str | None, typer.Option(help="The database's URL, else SQLite in .feedbell.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step to standard error.")] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option(help="How log lines are written, else as the settings say.")
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    options = Options(config=config, site=site, out=out, database=database)
    context.obj = common = Shared(options=options, verbose=verbose, log_format=log_format)
    common.start_logging()


def main() -> None:
    """Run the command line and exit."""
    # We make many small objects and hardly a cycle: looking for cycles less often saves a twentieth of a first build.
    gc.set_threshold(50_000, 20, 20)
    try:
        app()
    except AppError as error:
        typer.echo(f"feedbell: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it closes it.
        sys.stderr.close()
        sys.exit(1)
