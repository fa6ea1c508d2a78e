"""`feedbell init`: write a commented feedbell.toml for a site."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ConfigurationError
from feedbell.cli.context import say, shared
from feedbell.settings import CONFIG_NAME, Settings, SourceSettings
from feedbell.site import Place, how_to_set_url, read_site

_TEMPLATE = Path(__file__).with_name("feedbell.template.toml")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)


def init(
    context: typer.Context, site: Annotated[Path | None, typer.Argument(help="The site's folder.")] = None
) -> None:
    """Say what made the site in a folder, and write a commented feedbell.toml for it."""
    folder = (site or shared(context).options.site or Path()).absolute()
    target = folder / CONFIG_NAME
    if target.exists():
        raise ConfigurationError(f"{target} is there already; edit it, or remove it first")
    found = read_site(Place(folder=folder, config=None, settings=Settings()), SourceSettings())
    text = _TEMPLATE.read_text(encoding="utf-8")
    profile = found.profile
    own = profile.feed_sets[0]
    text = text.replace("@TITLE@", _quoted(own.title or folder.name))
    text = text.replace("@URL@", _quoted(own.home_url or "no address yet"))
    text = text.replace("@URL_MISSING@", "" if own.home_url else _NO_URL)
    text = text.replace("@GENERATOR@", f"{_quoted(profile.generator)}: {_quoted(found.because)}")
    text = text.replace("@TYPE@", found.type)
    try:
        with open(target, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(f"cannot write {target}: {error.strerror}") from error
    say(f"{folder} is read as {profile.generator}: {found.because}")
    say(f"wrote {target}: {own.title or 'without a title'}, {own.home_url or 'without an address'}")
    for one in profile.feed_sets[1:]:
        say(f"feeds of their own: {one.name} ({one.title or 'without a title'})")
    if not own.home_url:
        say(f"feeds need an absolute address. {how_to_set_url(profile)}.")


_NO_URL = '# The site says no absolute address, and feeds need one:\n# url = "https://your-site.example"\n'


def _quoted(text: str) -> str:
    # One line that cannot end the comment it stands in.
    return " ".join(text.split())
