"""`feedbell init`: write a commented feedbell.toml for a site."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ConfigurationError
from feedbell.cli.context import say
from feedbell.settings import CONFIG_NAME, Settings, SourceSettings
from feedbell.site import Place, read_site

_TEMPLATE = Path(__file__).with_name("feedbell.template.toml")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)


def init(site: Annotated[Path, typer.Argument(help="The site's folder.")] = Path()) -> None:
    """Write a commented feedbell.toml for the site in a folder."""
    folder = site.absolute()
    target = folder / CONFIG_NAME
    if target.exists():
        raise ConfigurationError(f"{target} is there already; edit it, or remove it first")
    found = read_site(Place(folder=folder, config=None, settings=Settings()), SourceSettings())
    text = _TEMPLATE.read_text(encoding="utf-8")
    jekyll = found.jekyll
    text = text.replace("@TITLE@", _quoted(jekyll.title or folder.name))
    text = text.replace("@URL@", _quoted(jekyll.url + jekyll.baseurl))
    text = text.replace("@URL_MISSING@", "" if jekyll.url else _NO_URL)
    try:
        with open(target, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(f"cannot write {target}: {error.strerror}") from error
    say(f"wrote {target}: a Jekyll site, {jekyll.title or 'without a title'}, {jekyll.url or 'without an address'}")
    if not jekyll.url:
        say("feeds need an absolute address: write it into [site] url there, or `url:` into _config.yml")


_NO_URL = '# The site says no absolute address, and feeds need one:\nurl = "https://example.org"\n'


def _quoted(text: str) -> str:
    # One line that cannot end the comment it stands in.
    return " ".join(text.split())
