"""Find the configuration and the site, and lay what feedbell.toml says over what the site says of itself."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ConfigurationError
from feedbell.settings import CONFIG_NAME, Settings, SourceSettings, read_settings
from feeds.layout import SiteFacts
from feeds.model import Author, Taxonomy
from feeds.sources.jekyll_config import JekyllConfig, read_jekyll_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says, before and above the configuration file."""

    config: Path | None = None
    site: Path | None = None
    out: Path | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the configuration is, or would be, and what it says."""

    folder: Path
    config: Path | None
    settings: Settings


def find_place(options: Options) -> Place:
    """Read the configuration that the options name, else feedbell.toml in the site's folder, else the defaults."""
    folder = (options.site or Path()).absolute()
    path = options.config.absolute() if options.config else folder / CONFIG_NAME
    if options.config is None and not path.exists():
        return Place(folder=folder, config=None, settings=_with_site(Settings(), folder))
    settings = read_settings(path)
    if options.site is not None:
        settings = _with_site(settings, folder)
    return Place(folder=path.parent, config=path, settings=settings)


def _with_site(settings: Settings, folder: Path) -> Settings:
    first = settings.sources[0].model_copy(update={"path": folder})
    return settings.model_copy(update={"sources": (first, *settings.sources[1:])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One source with what its own configuration says."""

    root: Path
    settings: SourceSettings
    jekyll: JekyllConfig


def read_site(place: Place, source: SourceSettings) -> Site:
    """Read a site's own configuration, and put what feedbell.toml says above it.

    Raises ConfigurationError if there is no site, or if it has no absolute address.
    """
    root = place.folder / source.path
    path = root / "_config.yml"
    if path.is_file():
        try:
            jekyll = read_jekyll_config(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: cannot be read: {error}") from error
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from None
    elif any(root.glob("_posts")) or any(root.glob("*/_posts")):
        jekyll = read_jekyll_config("")
    else:
        raise ConfigurationError(
            f"{root}: no Jekyll site here: neither _config.yml nor a _posts folder. "
            "Go to the site's folder, or name it with --site DIR."
        )
    return Site(root=root, settings=source, jekyll=_overridden(jekyll, place.settings))


def _overridden(jekyll: JekyllConfig, settings: Settings) -> JekyllConfig:
    site = settings.site
    if site.timezone is not None:
        zone_of(site.timezone)
    changed: dict[str, Any] = {
        "title": site.title,
        "description": site.description,
        "url": site.url.rstrip("/") if site.url else None,
        "language": site.language,
        "timezone": site.timezone,
        "author": Author(name=site.author) if site.author else None,
    }
    return replace(jekyll, **{key: value for key, value in changed.items() if value is not None})


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone. Raises ConfigurationError for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"time zone {name!r} is unknown; use a name such as Europe/Berlin") from error


def site_facts(site: Site, settings: Settings) -> SiteFacts:
    """Return what the feeds say of the site."""
    jekyll = site.jekyll
    if not jekyll.url.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"{site.root}: the site has no absolute address, and feeds need one. "
            "Write `url: https://example.org` into _config.yml, or [site] url into feedbell.toml."
        )
    home = f"{jekyll.url}{jekyll.baseurl}/"
    labels = {
        (Taxonomy(name), term): label
        for name in ("category", "tag", "author")
        for term, label in getattr(settings.feeds, name).labels.items()
    }
    return SiteFacts(
        title=jekyll.title or urlsplit(home).hostname or home,
        description=jekyll.description or "",
        home_url=home,
        feeds_url=f"{settings.site.feeds_url.rstrip('/')}/" if settings.site.feeds_url else home,
        language=jekyll.language,
        zone=zone_of(jekyll.timezone),
        authors=(jekyll.author,) if jekyll.author else (),
        labels=labels,
    )
