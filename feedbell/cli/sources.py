"""`feedbell sources`: add upstream feeds to the settings, take them from an OPML list, and write such a list."""

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.db import reading
from core.errors import ConfigurationError
from core.files import replace_if_different
from feedbell.cli.context import say, shared
from feedbell.settings import CONFIG_NAME, read_settings
from feedbell.site import Place, find_place
from feedbell.upstream.config_text import sections
from feedbell.upstream.opml import ListedFeed, read_opml
from feeds.render.opml import OpmlFeed, OpmlGroup, render_opml
from feeds.sources.generators import recognise
from feeds.store import upstreams


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Upstream feeds in the settings; `feedbell status` shows each.")
    group.command("add")(add)
    group.command("import")(import_)
    group.command("export")(export)
    app.add_typer(group, name="sources")


_Folders = Annotated[bool, typer.Option(help="Let posts get the names of the list's folders as categories.")]


def add(
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(help="Addresses of feeds, or of pages that name one.", metavar="URL...")],
) -> None:
    """Add upstream feeds to feedbell.toml."""
    _add(find_place(shared(context).options), [ListedFeed(title="", url=url) for url in urls])


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The list; - for standard input.")],
    folders_as_categories: _Folders = False,
) -> None:
    """Add the feeds of an OPML list to feedbell.toml."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error
    _add(find_place(shared(context).options), read_opml(raw), folders_as_categories=folders_as_categories)


def _add(place: Place, feeds: Sequence[ListedFeed], *, folders_as_categories: bool = False) -> None:
    """Put sections for those feeds at the end of the settings that are not in them yet."""
    path = place.config or place.folder / CONFIG_NAME
    configured = [source for source in place.settings.sources if source.is_feed]
    known = {source.url for source in configured}
    absolute: list[ListedFeed] = []
    for feed in feeds:
        if feed.url.startswith(("http://", "https://")):
            absolute.append(feed)
        else:
            say(f"{feed.url!r}: is not absolute; passed over")
    usable = [feed for feed in absolute if feed.url not in known]
    if usable:
        names = [source.name for source in place.settings.sources]
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        pieces = [text.rstrip("\n") + "\n\n"] if text else []
        if "sources" not in tomllib.loads(text) and recognise(place.folder) is not None:
            # A folder that is not named is read only where nothing else is.
            pieces.append('[[sources]]\nname = "site"\n\n')
        pieces.append("\n".join(sections(usable, names, folders_as_categories=folders_as_categories)))
        _write(path, "".join(pieces))
    say(f"{len(usable)} added to {path}, {len(absolute) - len(usable)} were there already")


def _write(path: Path, text: str) -> None:
    """Put the settings in place, if they can be read."""
    trial = path.with_name(f".{path.name}.new")
    try:
        trial.write_text(text, encoding="utf-8")
        read_settings(trial)
        replace_if_different(path, [text.encode()])
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error
    except ConfigurationError as error:
        raise ConfigurationError(
            f"nothing was added, as the settings could not be read then: {str(error).replace(str(trial), str(path))}"
        ) from error
    finally:
        trial.unlink(missing_ok=True)


def export(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here, else to standard output.")] = None,
) -> None:
    """Write the upstream feeds of feedbell.toml as an OPML list, for other programs to import."""
    app = shared(context).app()
    with reading(app.engine) as connection:
        known = {one.name: one for one in upstreams.listing(connection)}
    listed = []
    for name, source in app.upstreams.sources.items():
        one = known.get(name)
        title = (one.title if one else None) or name
        listed.append(OpmlFeed(title=title, xml_url=source.url, html_url=(one.home_url if one else None) or ""))
    raw = render_opml(app.site.title, [OpmlGroup(title="", feeds=listed)])
    if out is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    try:
        replace_if_different(out, [raw])
    except OSError as error:
        raise ConfigurationError(f"cannot write {out}: {error.strerror}") from error
    say(f"wrote {len(listed)} feeds to {out}")
