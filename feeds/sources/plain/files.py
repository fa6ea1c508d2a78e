"""The files of one site for the folder source, and how a site is opened: what its generator says, below its owner."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from feeds.model import Author, Body, Reading
from feeds.sources.inside import read_inside
from feeds.sources.plain.addresses import checked_url
from feeds.sources.plain.patterns import compiled
from feeds.sources.plain.places import place_of
from feeds.sources.plain.profile import Profile
from feeds.sources.plain.reading import PostReader
from feeds.sources.site import FeedSetProfile, OpenSite, Overrides, ReadingOptions, SiteProfile

# Grows when the same file would be read otherwise: then every file is read again, without telling anyone.
_VERSION = 3
_NEVER_ENTERED = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSet:
    """A language of the site that has feeds of its own."""

    name: str
    title: str | None = None
    description: str | None = None
    path: str | None = None  # of its home page, below the site's address; None: that of the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a site's own configuration says."""

    generator: str
    files: tuple[str, ...]  # that say it
    how_to_set_url: str
    title: str | None = None
    description: str | None = None
    url: str = ""
    language: str | None = None
    timezone: str = "UTC"
    author: Author | None = None
    sets: tuple[LanguageSet, ...] = ()
    content: str = ""  # all that the HTML of every post depends on beside its file


class PlainFiles:
    """The files of one site."""

    def __init__(self, profile: Profile, reader: PostReader, options: ReadingOptions, fingerprint: str) -> None:
        self._profile = profile
        self._reader = reader
        self._fingerprint = fingerprint
        self._outside = {os.path.relpath(folder, options.root) for folder in options.outside}
        self._starts = tuple(f"{folder}/" if folder else "" for folder in profile.folders)

    @property
    def fingerprint(self) -> str:
        """What every reading depends on."""
        return self._fingerprint

    def is_post_path(self, path: str) -> bool:
        """Tell whether a file may be a post by its place and its name."""
        name = path.rpartition("/")[2]
        if name[0] in ".#~" or name[-1] == "~" or not path.startswith(self._starts):
            return False
        return place_of(name).extension in self._profile.extensions and self._profile.wanted(path)

    def enters(self, path: str) -> bool:
        """Tell whether there may be posts below a folder."""
        name = path.rpartition("/")[2]
        if path in self._outside or name[0] == "." or name in _NEVER_ENTERED:
            return False
        if not f"{path}/".startswith(self._starts):
            return any(start.startswith(f"{path}/") for start in self._starts)
        return self._profile.enters(path)

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Tell what a file is. Its time of change says nothing: a checkout gives every file the same."""
        return self._reader.read(path, raw, now)

    def body(self, path: str, raw: bytes) -> Body:
        """Return a post's text as HTML."""
        return self._reader.body(path, raw)


def opened(
    make: Callable[[str], Profile], stated: Stated, overrides: Overrides, options: ReadingOptions, key: Sequence[object]
) -> OpenSite:
    """Open a site. `make` gets the time zone's name; `key` is all that the readings depend on beside the arguments.

    Raises ConfigurationError for an address, a time zone, a folder or a pattern that cannot be used.
    """
    timezone = _time_zone(overrides.timezone or stated.timezone)
    profile = make(timezone)
    if options.content is not None:
        profile = _below(profile, options.content)
    pattern = compiled(options.url_pattern) if options.url_pattern else None
    url = checked_url(overrides.url if overrides.url is not None else stated.url)
    author = Author(name=overrides.author) if overrides.author else stated.author
    reader = PostReader(profile, options, url=url, timezone=timezone, author=author, pattern=pattern)
    reading = (_VERSION, timezone, url, author, options.content, options.url_pattern, options.drafts, options.fields)
    fingerprint = sha256(repr((*reading, stated.generator, *key)).encode(errors="replace")).hexdigest()
    site = SiteProfile(
        generator=stated.generator,
        timezone=timezone,
        author=author,
        feed_sets=(_main_set(stated, overrides, url), *(_feed_set(one, url) for one in stated.sets)),
        files=stated.files,
        how_to_set_url=stated.how_to_set_url,
        content_fingerprint=stated.content,
    )
    return OpenSite(profile=site, reader=PlainFiles(profile, reader, options, fingerprint))


def _main_set(stated: Stated, overrides: Overrides, url: str) -> FeedSetProfile:
    return FeedSetProfile(
        name="",
        title=overrides.title or stated.title,
        description=overrides.description or stated.description,
        language=overrides.language or stated.language,
        home_url=f"{url}/" if url else "",
    )


def _feed_set(one: LanguageSet, url: str) -> FeedSetProfile:
    return FeedSetProfile(
        name=one.name,
        title=one.title,
        description=one.description,
        language=one.name,
        home_url=f"{url}/{one.path or ''}" if url else "",
    )


def _below(profile: Profile, content: str) -> Profile:
    folder = content.replace("\\", "/").strip("/")
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ConfigurationError(f"content: {content!r} leads out of the site; name a folder below its root.")
    return replace(profile, folders=("/".join(parts),))


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ConfigurationError(f"{name!r} is no known time zone. Write a name such as Asia/Shanghai.") from error
    return name


def text_of_file(root: Path, name: str, limit: int = 1_000_000) -> str | None:
    """Return the text of a configuration file, None if there is none. Raises ConfigurationError if it is not UTF-8."""
    raw = read_inside(os.path.realpath(root), name, limit)
    if raw is None:
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{name}, line {line}: is not UTF-8. Save it as UTF-8.") from error
