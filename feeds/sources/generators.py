"""The generators whose sites we read, and which of them made a site."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from feeds.sources.site import OpenSite, Overrides, ReadingOptions

# In the order in which they are asked: Zola knows its config.toml from Hugo's, and a plain folder is what is left.
_MODULES = {
    "jekyll": "feeds.sources.jekyll.site",
    "zola": "feeds.sources.plain.zola",
    "hugo": "feeds.sources.hugo.site",
    "eleventy": "feeds.sources.plain.eleventy",
    "pelican": "feeds.sources.plain.pelican",
    "plain": "feeds.sources.plain.plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Which generator made a site, and why we think so."""

    type: str
    because: str  # such as: hugo.toml says so


def recognise(root: Path) -> Recognised | None:
    """Return which generator made the site in a folder; None if nothing in it looks like posts."""
    for type_, module in _MODULES.items():
        because = cast(Callable[[Path], str | None], import_module(module).recognise)(root)
        if because is not None:
            return Recognised(type=type_, because=because)
    return None


def open_site(type_: str, root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open the site as one of a generator. Raises ConfigurationError, with file, line and what to do."""
    # Loaded here, as each is slow to load and a site has one.
    opener = cast(Callable[[Path, Overrides, ReadingOptions], OpenSite], import_module(_MODULES[type_]).open_site)
    return opener(root, overrides, options)
