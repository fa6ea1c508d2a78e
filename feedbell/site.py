"""Find the configuration and the site, and lay what feedbell.toml says over what the site says of itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ConfigurationError
from feedbell.settings import CONFIG_NAME, FieldSettings, Settings, SourceSettings, read_settings
from feedbell.websub.addresses import hub_urls
from feeds.layout import FeedSetFacts, SiteFacts
from feeds.model import Author, Taxonomy, TermText
from feeds.slugs import slug_for, slug_key
from feeds.sources.folder import FileReader
from feeds.sources.generators import open_site, recognise
from feeds.sources.site import FeedSetProfile, FieldNames, Overrides, ReadingOptions, SiteProfile


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
    sources = list(settings.sources)
    first = next((place for place, source in enumerate(sources) if not source.is_feed), None)
    if first is not None:
        sources[first] = sources[first].model_copy(update={"path": folder})
    return settings.model_copy(update={"sources": tuple(sources)})


# Generators that leave no choice of the keys of front matter.
_OWN_KEYS = ("jekyll", "hugo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One source as its generator describes and reads it."""

    root: Path
    settings: SourceSettings
    type: str  # as in the settings: jekyll, hugo
    because: str  # why it is taken for a site of that generator
    profile: SiteProfile
    reader: FileReader


def read_site(place: Place, source: SourceSettings, outside: Collection[Path] = ()) -> Site:
    """Find out what made a site and open it; what feedbell.toml says comes before what the site says of itself.

    `outside` are folders of ours that may lie in it. Raises ConfigurationError if there is no site, or if it cannot be
    used.
    """
    root = place.folder / source.path
    if source.type == "auto":
        recognised = recognise(root)
        if recognised is None:
            raise ConfigurationError(
                f"{root}: no site here: no configuration of a generator that we know, and no posts. "
                "Go to the site's folder, or name it with --site DIR."
            )
        type_, because = recognised.type, recognised.because
    else:
        type_, because = source.type, "feedbell.toml says so"
    if type_ in _OWN_KEYS and source.fields != FieldSettings():
        raise ConfigurationError(
            f"sources.{source.name}.fields: a {type_} site says itself what its keys mean; remove the section"
        )
    if type_ == "hugo" and source.url_pattern is not None:
        raise ConfigurationError(
            f"sources.{source.name}.url_pattern: a hugo site says itself how its addresses look; remove the line, or "
            "write `permalinks` into its own configuration"
        )
    opened = open_site(type_, root, _overrides(place.settings), _options(root, source, outside))
    return Site(root=root, settings=source, type=type_, because=because, profile=opened.profile, reader=opened.reader)


def _overrides(settings: Settings) -> Overrides:
    site = settings.site
    if site.timezone is not None:
        zone_of(site.timezone)
    if site.url is not None and not site.url.startswith(("http://", "https://")):
        raise ConfigurationError(f"[site] url: {site.url!r} is not absolute; write it like https://example.org")
    return Overrides(
        title=site.title,
        description=site.description,
        url=site.url.rstrip("/") if site.url else None,
        language=site.language,
        timezone=site.timezone,
        author=site.author,
    )


def _options(root: Path, source: SourceSettings, outside: Collection[Path]) -> ReadingOptions:
    named = {
        name: (keys,) if isinstance(keys, str) else tuple(keys)
        for name, keys in source.fields.model_dump(exclude_none=True).items()
    }
    return ReadingOptions(
        root=str(root),
        outside=tuple(str(folder) for folder in outside),
        drafts=source.drafts,
        naive_dates=source.naive_dates,
        content=source.content,
        url_pattern=source.url_pattern,
        fields=FieldNames(**named),
    )


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone. Raises ConfigurationError for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"time zone {name!r} is unknown; use a name such as Europe/Berlin") from error


def main_profile(sites: Sequence[Site], settings: Settings) -> SiteProfile:
    """Return what the feeds follow: the first folder, else what the settings say of the site.

    Raises ConfigurationError if neither is there.
    """
    if sites:
        return sites[0].profile
    said = _overrides(settings)
    if said.url is None:
        raise ConfigurationError(
            "feeds need an absolute address, and all sources are upstream feeds: write `title` and "
            '`url = "https://example.org"` below [site] into feedbell.toml'
        )
    own = FeedSetProfile(
        name="", title=said.title, description=said.description, language=said.language, home_url=f"{said.url}/"
    )
    return SiteProfile(
        generator="upstream feeds",
        timezone=said.timezone or "UTC",
        author=Author(name=said.author) if said.author else None,
        feed_sets=(own,),
        files=(),
        how_to_set_url="",
    )


def site_facts(profile: SiteProfile, sites: Sequence[Site], settings: Settings) -> SiteFacts:
    """Return what the feeds say of the site: of the main profile, with the sets of feeds of all sources.

    Raises ConfigurationError for a source that has no absolute address.
    """
    for site in sites:
        if not site.profile.feed_sets[0].home_url:
            raise ConfigurationError(
                f"{site.root}: the site has no absolute address, and feeds need one. {how_to_set_url(site.profile)}."
            )
    own = profile.feed_sets[0]
    labels = {
        (Taxonomy(name), term): label
        for name in ("category", "tag", "author", "source")
        for term, label in getattr(settings.feeds, name).labels.items()
    }
    return SiteFacts(
        title=_title(own),
        description=own.description or "",
        home_url=own.home_url,
        served_at=_served_at(profile, settings),
        own_folder="" if settings.site.feeds_url else profile.own_folder,
        language=own.language,
        zone=zone_of(profile.timezone),
        authors=(profile.author,) if profile.author else (),
        labels=_labels_of_own(sites, settings) | labels,
        descriptions=_descriptions(settings),
        term_texts=_term_texts(sites),
        feed_sets=_feed_sets(sites) | _language_sets(own, settings),
        hubs=hub_urls(settings),
    )


def _labels_of_own(sites: Sequence[Site], settings: Settings) -> dict[tuple[Taxonomy, str], str]:
    """Return the names of the feeds that are no generator's: of selections and of sources."""
    found = {(Taxonomy.SELECTION, one.name): one.title for one in settings.feeds.selections if one.title}
    for site in sites:
        found[Taxonomy.SOURCE, site.settings.name] = _title(site.profile.feed_sets[0])
    return found


def _descriptions(settings: Settings) -> dict[tuple[Taxonomy, str], str]:
    found = {
        (Taxonomy(name), term): description
        for name in ("category", "tag", "author", "source")
        for term, description in getattr(settings.feeds, name).descriptions.items()
    }
    for one in settings.feeds.selections:
        if one.description:
            found[Taxonomy.SELECTION, one.name] = one.description
    return found


def _term_texts(sites: Sequence[Site]) -> dict[tuple[Taxonomy, str], TermText]:
    """Return what the sites say of their terms, the first that says something first; keys of addresses are folded."""
    found: dict[tuple[Taxonomy, str], TermText] = {}
    for site in sites:
        for (taxonomy, term), text in site.profile.term_texts.items():
            found.setdefault((taxonomy, term), text)
    for (taxonomy, term), text in list(found.items()):
        found.setdefault((taxonomy, slug_key(slug_for(term))), text)
    return found


def _served_at(profile: SiteProfile, settings: Settings) -> dict[str, str]:
    if settings.site.feeds_url:
        return {"": f"{settings.site.feeds_url.rstrip('/')}/"}
    return {"": profile.feed_sets[0].home_url, **profile.served_at}


def how_to_set_url(profile: SiteProfile) -> str:
    """Say how the owner gives the site its address."""
    ours = 'write `url = "https://example.org"` below [site] into feedbell.toml'
    return f"{profile.how_to_set_url}, or {ours}" if profile.how_to_set_url else ours.capitalize()


def _feed_sets(sites: Sequence[Site]) -> dict[str, FeedSetFacts]:
    found: dict[str, FeedSetFacts] = {}
    for site in sites:
        for one in site.profile.feed_sets:
            if one.name and one.name not in found:
                found[one.name] = FeedSetFacts(
                    title=_title(one), description=one.description or "", home_url=one.home_url, language=one.language
                )
    return found


def _language_sets(own: FeedSetProfile, settings: Settings) -> dict[str, FeedSetFacts]:
    """Return the sets of feeds of the languages that the owner names, but for the site's own language."""
    return {
        language: FeedSetFacts(
            title=f"{_title(own)} ({language})",
            description=own.description or "",
            home_url=own.home_url,
            language=language,
        )
        for language, feed_set in language_sets(own, settings).items()
        if feed_set
    }


def language_sets(own: FeedSetProfile, settings: Settings) -> dict[str, str]:
    """Return the set of feeds of each language that the owner names; the site's own language has the site's own."""
    own_language = own.language or ""
    found = {one: one for one in settings.feeds.languages if one.casefold() != own_language.casefold()}
    return {**found, own_language: ""} if found and own_language else found


def _title(profile: FeedSetProfile) -> str:
    return profile.title or urlsplit(profile.home_url).hostname or profile.home_url
