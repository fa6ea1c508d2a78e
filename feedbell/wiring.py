"""Builds every object from the settings and the site's own configuration."""

import copy
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine

from core.addresses import AddressPolicy
from core.clock import Clock, utc_now
from core.db import open_engine
from core.errors import ConfigurationError
from core.targets import why_target_refused
from feedbell.migrations import migrate
from feedbell.pipeline import Pipeline
from feedbell.poll import Poller
from feedbell.release import Releaser, announce
from feedbell.settings import CONFIG_NAME, EndpointSettings, Settings, SourceSettings, read_settings, reveal
from feeds.entries import RENDERER_VERSION, EntryBuilder
from feeds.layout import Layout, SiteFacts
from feeds.model import Author, Post, Rendering, Taxonomy
from feeds.pages import PagePublisher
from feeds.publish import FeedChoice, Publisher
from feeds.render.atom import AtomRenderer
from feeds.render.json_feed import JsonFeedRenderer
from feeds.render.renderer import Renderer
from feeds.render.rss import RssRenderer
from feeds.sources.folder import Body, FolderSource
from feeds.sources.jekyll_config import JekyllConfig, read_jekyll_config
from feeds.sources.jekyll_files import JekyllFiles
from feeds.window import WindowRule
from notifier.channels.channel import Channel
from notifier.endpoints import EndpointBook
from notifier.match import Matcher
from notifier.model import Endpoint, Subscription
from notifier.queue import DatabaseQueue
from notifier.retry import RetryPolicy
from notifier.signing import check_secrets
from notifier.store import DeliveryBook
from notifier.worker import Dispatcher, DispatchLimits

_STATE = ".feedbell"
_OUT = "_feedbell"


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


def make_endpoints(place: Place, policy: AddressPolicy) -> list[Endpoint]:
    """Return the configured endpoints. Raises ConfigurationError for an address or secret that cannot be used."""
    return [_endpoint(place, endpoint, policy) for endpoint in place.settings.endpoints]


def _endpoint(place: Place, endpoint: EndpointSettings, policy: AddressPolicy) -> Endpoint:
    url = endpoint.url.get_secret_value()
    refused = why_target_refused(url, policy)
    if refused is not None:
        raise ConfigurationError(f"endpoints.{endpoint.name}.url: {refused}")
    given = endpoint.secret if isinstance(endpoint.secret, tuple) else (endpoint.secret,)
    secrets = tuple(reveal(secret, place.folder, endpoint.name) for secret in given)
    check_secrets(endpoint.name, secrets)
    return Endpoint(
        name=endpoint.name, url=url, secrets=secrets, content=endpoint.content, timeout=endpoint.timeout_seconds
    )


def database_url(place: Place, options: Options) -> str:
    """Return the database's URL: SQLite in .feedbell beside the configuration unless another is named."""
    url = options.database or place.settings.database
    if url is None:
        return f"sqlite:///{place.folder / _STATE / 'feedbell.db'}"
    prefix = "sqlite:///"
    # A relative file in the configuration stands beside it, wherever the command is started.
    if url.startswith(prefix) and not options.database and not url.startswith(prefix + "/"):
        return f"{prefix}{place.folder / url.removeprefix(prefix)}"
    return url


def _configuration_files(place: Place) -> frozenset[str]:
    files = [place.config or place.folder / CONFIG_NAME]
    files += [place.folder / source.path / "_config.yml" for source in place.settings.sources]
    return frozenset(os.path.realpath(file) for file in files)


def _stats(files: frozenset[str]) -> dict[str, tuple[int, int] | None]:
    found: dict[str, tuple[int, int] | None] = {}
    for file in files:
        try:
            stat = os.stat(file)
            found[file] = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            found[file] = None
    return found


class App:
    """Every object of one configuration, built when it is first needed."""

    def __init__(self, place: Place, options: Options, clock: Clock = utc_now) -> None:
        self.place = place
        self.settings = place.settings
        self.clock = clock
        self.out = options.out.absolute() if options.out else place.folder / (self.settings.output or _OUT)
        self._options = options
        self.configuration_files = _configuration_files(place)
        self._seen = _stats(self.configuration_files)
        self._at_close: list[Callable[[], None]] = []
        self.sites = [read_site(place, source) for source in self.settings.sources]
        self.site = site_facts(self.sites[0], self.settings)
        for other in self.sites[1:]:
            site_facts(other, self.settings)
        self._policy = AddressPolicy.parse(self.settings.allow_networks)
        self.endpoints = make_endpoints(place, self._policy)

    def configuration_changed(self) -> bool:
        """Tell whether a configuration file is another than when it was read."""
        return _stats(self.configuration_files) != self._seen

    def again(self) -> "App":
        """Return a new App of the same settings, which does not mind what the files say now."""
        new = copy.copy(self)
        for name in (
            "engine",
            "layout",
            "sources",
            "entries",
            "pipeline",
            "deliveries",
            "endpoint_book",
            "channel",
            "_client",
            "_renderers",
        ):
            new.__dict__.pop(name, None)
        new._at_close = []
        new._seen = _stats(self.configuration_files)
        return new

    def shown(self, moment: datetime | None) -> str:
        """Write a time in the site's zone."""
        return moment.astimezone(self.site.zone).isoformat(timespec="seconds") if moment else "never"

    def close(self) -> None:
        """Let go of connections."""
        for close in reversed(self._at_close):
            close()
        self._at_close.clear()

    @cached_property
    def engine(self) -> Engine:
        """The database, in the form that this version knows."""
        engine = open_engine(database_url(self.place, self._options))
        self._at_close.append(engine.dispose)
        migrate(engine)
        return engine

    @cached_property
    def layout(self) -> Layout:
        """Where the feeds stand."""
        return Layout(self.out, self.site)

    @cached_property
    def sources(self) -> list[FolderSource]:
        """The folders of posts."""
        return [self._source(site) for site in self.sites]

    def _source(self, site: Site) -> FolderSource:
        return FolderSource(
            name=site.settings.name,
            root=str(site.root),
            reader=JekyllFiles(
                site.jekyll,
                drafts=site.settings.drafts,
                naive_dates=site.settings.naive_dates,
                outside=[str(self.out), str(self.place.folder / _STATE)],
                root=str(site.root),
            ),
            settle_ms=site.settings.settle_ms,
            max_bytes=site.settings.max_bytes,
            follow_links=site.settings.follow_links,
        )

    @cached_property
    def choice(self) -> FeedChoice:
        """Which terms have feeds."""
        feeds = self.settings.feeds
        chosen = {Taxonomy(name): getattr(feeds, name) for name in ("category", "tag", "author")}
        return FeedChoice(
            taxonomies=frozenset(Taxonomy(name) for name in feeds.taxonomies),
            only={key: frozenset(value.only) for key, value in chosen.items() if value.only is not None},
            exclude={key: frozenset(value.exclude) for key, value in chosen.items()},
        )

    @cached_property
    def entries(self) -> EntryBuilder:
        """Builds the pieces of feeds."""
        # Slow to load, and many runs render nothing.
        from feeds.body import BodyRenderer

        sources = {source.name: source for source in self.sources}
        body_renderer = BodyRenderer()

        def body_of(post: Post) -> Body | None:
            source = sources.get(post.source)
            return source.body(post.path) if source else None

        def render_body(post: Post, body: Body) -> Rendering:
            return body_renderer.render_body(
                body.text, base_url=post.url, is_markdown=body.is_markdown, image=post.image, summary=post.summary
            )

        return EntryBuilder(layout=self.layout, renderers=self._renderers, body_of=body_of, render_body=render_body)

    @cached_property
    def _renderers(self) -> dict[str, Renderer]:
        return {renderer.format: renderer for renderer in (RssRenderer(), AtomRenderer(), JsonFeedRenderer())}

    @cached_property
    def pipeline(self) -> Pipeline:
        """The flow."""
        feeds = self.settings.feeds
        return Pipeline(
            sources=self.sources,
            poller=Poller(
                engine=self.engine,
                clock=self.clock,
                announce=announce,
                hold_shares={site.settings.name: site.settings.hold_share for site in self.sites},
            ),
            publisher=Publisher(
                engine=self.engine,
                layout=self.layout,
                window=WindowRule(count=feeds.count, hours=feeds.hours, limit=feeds.limit),
                entries=self.entries,
                renderers=self._renderers,
                labels_from_tags=feeds.labels_from_tags,
                settings_fingerprint=self._feeds_fingerprint(),
                lock_path=self.place.folder / _STATE / "publish.lock",
                choice=self.choice,
            ),
            pages=PagePublisher(engine=self.engine, layout=self.layout, choice=self.choice),
            releaser=Releaser(
                engine=self.engine,
                clock=self.clock,
                layout=self.layout,
                entries=self.entries,
                matcher=self._matcher(),
                wanting_content=[endpoint.name for endpoint in self.endpoints if endpoint.content],
                choice=self.choice,
            ),
        )

    def _feeds_fingerprint(self) -> str:
        parts = (RENDERER_VERSION, self.site, self.settings.feeds, sorted(self.site.labels.items()))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _matcher(self) -> Matcher:
        return Matcher(Subscription(**subscription.model_dump()) for subscription in self.settings.subscriptions)

    @cached_property
    def deliveries(self) -> DeliveryBook:
        """The deliveries as people see them."""
        return DeliveryBook(self.engine)

    @cached_property
    def endpoint_book(self) -> EndpointBook:
        """What we remember of the endpoints."""
        return EndpointBook(self.engine)

    @cached_property
    def channel(self) -> Channel:
        """The way to send."""
        # Slow to load, and many runs send nothing.
        from core.http import HttpClient
        from notifier.channels.webhook import WebhookChannel

        client = HttpClient(policy=self._policy, threads=self.settings.deliveries.workers)
        self._at_close.append(client.close)
        return WebhookChannel(client)

    def make_dispatcher(self) -> Dispatcher:
        """Return a dispatcher for the configured endpoints."""
        self.endpoint_book.sync(self.endpoints)
        settings = self.settings.deliveries
        schedule = tuple(timedelta(seconds=wait) for wait in settings.retry_seconds)
        longest = max((endpoint.timeout or 0 for endpoint in self.endpoints), default=0)
        return Dispatcher(
            queue=DatabaseQueue(self.engine),
            endpoints=self.endpoints,
            channels={"webhook": self.channel},
            retry=RetryPolicy(schedule=schedule),
            limits=DispatchLimits(threads=settings.workers, lease=timedelta(seconds=2 * longest + 30)),
            clock=self.clock,
        )
