"""`feedbell migrate`: move what is remembered to another database."""

from typing import Annotated

import typer

from core.db import open_engine
from core.errors import ConfigurationError
from feedbell.cli.context import Bar, say, shared
from feedbell.migrations import migrate as bring_up_to_date
from feedbell.site import find_place
from feedbell.wiring import database_url


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate(
    context: typer.Context,
    to: Annotated[str, typer.Option(help="The other database's URL, such as postgresql://feedbell@host/feedbell.")],
) -> None:
    """Copy everything to another, empty database. Stop `feedbell run` first."""
    # Slow to load, and other commands do without.
    from feedbell.copying import copy_all

    options = shared(context).options
    place = find_place(options)
    source = open_engine(database_url(place, options))
    target = open_engine(to)
    if source.url == target.url:
        raise ConfigurationError("--to names the database that is in use already; name another")
    bring_up_to_date(source)
    bring_up_to_date(target)
    with Bar() as bar:
        copied = copy_all(source, target, bar.step("copying rows"))
    source.dispose()
    target.dispose()
    say(f"{copied} rows copied. Write this into feedbell.toml, then start Feedbell again:")
    say(f'database = "{target.url.render_as_string(hide_password=True)}"')
