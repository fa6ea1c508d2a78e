"""Recognises a Jekyll site, and opens it: what it says of itself, and the reader of its posts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import ConfigurationError
from feeds.model import Author
from feeds.sources.jekyll.authors import read_authors
from feeds.sources.jekyll.config import JekyllConfig, checked_zone, read_jekyll_config
from feeds.sources.jekyll.files import JekyllFiles
from feeds.sources.jekyll.inherited import inherited_feeds
from feeds.sources.jekyll.templates import find_templates
from feeds.sources.jekyll.term_texts import read_term_texts
from feeds.sources.jekyll.urls import UrlMaker
from feeds.sources.site import FeedSetProfile, OpenSite, Overrides, ReadingOptions, SiteProfile

# In Jekyll's order: the first one that is there counts.
CONFIG_NAMES = ("_config.yml", "_config.yaml", "_config.toml")
_AUTHORS = tuple(f"_data/authors.{ending}" for ending in ("yml", "yaml", "json", "csv", "tsv"))
_HOW_TO_SET_URL = "Write `url: https://example.org` into _config.yml"


def recognise(root: Path) -> str | None:
    """Return why the folder is a Jekyll site, for people; None if it is none."""
    if _is_hexo(root):
        return None
    name = _config_name(root)
    if name is not None:
        return f"{name} says so"
    for pattern in ("_posts", "*/_posts"):
        for found in sorted(root.glob(pattern)):
            return f"the folder {found.relative_to(root).as_posix()} says so"
    return None


def open_site(root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open a Jekyll site. Raises ConfigurationError, with file, line and what to do, if it cannot be used."""
    name = _config_name(root)
    try:
        config = read_jekyll_config(_text(root / name), name=name) if name else JekyllConfig()
        config = _overridden(config, overrides, options)
        templates = find_templates(root, config)
        reader = JekyllFiles(
            config,
            drafts=options.drafts,
            naive_dates=options.naive_dates,
            root=str(root),
            outside=options.outside,
            authors=read_authors(root, config),
            templates=templates.digest,
        )
    except ConfigurationError as error:
        raise ConfigurationError(f"{root}: {error}") from error
    terms = read_term_texts(root, config)
    files = dict.fromkeys((*CONFIG_NAMES, *_AUTHORS, *templates.files, *terms.files))
    profile = replace(_profile(config, tuple(files)), term_texts=terms.texts)
    return OpenSite(profile=profile, reader=reader)


def _config_name(root: Path) -> str | None:
    return next((name for name in CONFIG_NAMES if (root / name).is_file()), None)


def _is_hexo(root: Path) -> bool:
    """Hexo keeps a `_config.yml` and `_posts` as well, and reads them otherwise."""
    try:
        return (root / "source/_posts").is_dir() and '"hexo"' in (root / "package.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path.name}: cannot be read: {error.strerror}. Make it readable.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name}: is not UTF-8. Save it as UTF-8.") from error


def _overridden(config: JekyllConfig, overrides: Overrides, options: ReadingOptions) -> JekyllConfig:
    if overrides.url:
        parts = urlsplit(overrides.url)
        # An address without a path says nothing of the site's own base path.
        baseurl = parts.path.rstrip("/") or config.baseurl
        config = replace(config, url=f"{parts.scheme}://{parts.netloc}", baseurl=baseurl)
    if options.content is not None:
        config = replace(config, collections_dir=options.content.strip("/").removesuffix("_posts").strip("/"))
    author = Author(name=overrides.author) if overrides.author else None
    return replace(
        config,
        title=overrides.title or config.title,
        description=overrides.description or config.description,
        language=overrides.language or config.language,
        timezone=checked_zone(overrides.timezone or config.timezone),
        author=author or config.author,
        permalink=options.url_pattern or config.permalink,
    )


def _profile(config: JekyllConfig, files: tuple[str, ...]) -> SiteProfile:
    return SiteProfile(
        generator="Jekyll",
        timezone=config.timezone,
        author=config.author,
        feed_sets=tuple(_feed_sets(config)),
        files=files,
        how_to_set_url=_HOW_TO_SET_URL,
        inherited=inherited_feeds(config.feed),
        content_fingerprint=repr((config.markdown, config.kramdown, config.excerpt_separator)),
    )


def _feed_sets(config: JekyllConfig) -> Iterator[FeedSetProfile]:
    home = UrlMaker(config).home if config.url.strip() else ""
    for label in ("", *config.feed.labels):
        # As jekyll-feed calls the feed of a collection.
        title = " | ".join(filter(None, (config.title, label.capitalize()))) if label else config.title
        yield FeedSetProfile(
            name=label, title=title, description=config.description, language=config.language, home_url=home
        )
