"""Builds every object from the settings and the site's own configuration."""

import copy
import hashlib
import os
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from core.clock import Clock, utc_now
from core.db import open_engine
from feedbell import site_name
from feedbell.counting import NOT_COUNTED, FlowMetrics
from feedbell.feed_rules import (
    archive_of,
    choice_of,
    excerpts_of,
    limits_of,
    window_of,
)
from feedbell.folders import folder_source, renderers_of
from feedbell.migrations import migrate
from feedbell.notifying import Notifying
from feedbell.pipeline import Pipeline
from feedbell.poll import Poller
from feedbell.post_facts import PostFacts
from feedbell.release import Releaser, announce
from feedbell.seen_files import stats_of, stats_when_read
from feedbell.settings import CONFIG_NAME, SourceSettings
from feedbell.site import Options, Place, Site, language_sets, main_profile, read_site, site_facts
from feedbell.site_name import SiteName
from feedbell.upstream.building import Upstreams
from feedbell.websub.building import WebSub
from feedbell.websub.subscribers import HubEndpoints
from feeds.choice import FeedChoice
from feeds.entries import RENDERER_VERSION, EntryBuilder
from feeds.layout import Layout
from feeds.limits import ExcerptRule, FeedLimits
from feeds.model import Body, Post, Rendering
from feeds.output import OutputFolder
from feeds.pages import PagePublisher
from feeds.publish import Publisher
from feeds.render.atom import AtomRenderer
from feeds.render.feed_page import FeedPageRenderer
from feeds.render.fragments import EscapedContent
from feeds.render.json_feed import JsonFeedRenderer
from feeds.render.renderer import Renderer
from feeds.render.rss import RssRenderer
from feeds.sources.folder import FolderSource
from notifier.endpoints import EndpointBook
from notifier.store import DeliveryBook

_STATE = ".feedbell"
_OUT = "_feedbell"


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


def _configuration_files(place: Place, sites: Iterable[Site]) -> frozenset[str]:
    files = [place.config or place.folder / CONFIG_NAME]
    files += [site.root / file for site in sites for file in site.profile.files]
    return frozenset(os.path.realpath(file) for file in files)


def _sources_below(place: Place, source: SourceSettings) -> list[Path]:
    """Return the folders of other sources that lie in this one's: their posts are theirs alone."""
    own = Path(os.path.normpath(place.folder / source.path))
    folders = [one.path for one in place.settings.sources if not one.is_feed]
    others = [Path(os.path.normpath(place.folder / path)) for path in folders]
    return [other for other in others if own in other.parents]


class App:
    """Every object of one configuration, built when it is first needed."""

    def __init__(
        self, place: Place, options: Options, clock: Clock = utc_now, metrics: FlowMetrics = NOT_COUNTED
    ) -> None:
        self.place = place
        self.settings = place.settings
        self.clock = clock
        self.out = options.out.absolute() if options.out else place.folder / (self.settings.output or _OUT)
        self._options = options
        self._metrics = metrics
        self._at_close: list[Callable[[], None]] = []
        began = time.time_ns()
        outside = (self.out, place.folder / _STATE)
        self.sites = [
            read_site(place, source, (*outside, *_sources_below(place, source)))
            for source in self.settings.sources
            if not source.is_feed
        ]
        self.profile = main_profile(self.sites, self.settings)
        self.configuration_files = _configuration_files(place, self.sites)
        self._seen = stats_when_read(self.configuration_files, began)
        self.site = site_facts(self.profile, self.sites, self.settings)
        self.inherited = self.profile.inherited
        self.notifying = self._notifying()

    def configuration_changed(self) -> bool:
        """Tell whether a configuration file is another than when it was read."""
        return stats_of(self.configuration_files) != self._seen

    def again(self) -> "App":
        """Return a new App of the same settings, which does not mind what the files say now."""
        new = copy.copy(self)
        for name, attribute in vars(App).items():
            if isinstance(attribute, cached_property):
                new.__dict__.pop(name, None)
        new.notifying = new._notifying()
        # The endpoints stay: their secrets may be gone from where they were read.
        if "endpoints" in vars(self.notifying):
            new.notifying.endpoints = self.notifying.endpoints
        new._at_close = []
        new._seen = stats_of(self.configuration_files)
        return new

    def shown(self, moment: datetime | None) -> str:
        """Write a time in the site's zone."""
        return moment.astimezone(self.site.zone).isoformat(timespec="seconds") if moment else "never"

    def close(self) -> None:
        """Let go of connections."""
        for close in reversed(self._at_close):
            close()
        self._at_close.clear()

    @property
    def database_url(self) -> str:
        """Where the database is. Secret: it may hold a password."""
        return database_url(self.place, self._options)

    @cached_property
    def engine(self) -> Engine:
        """The database, in the form that this version knows."""
        engine = open_engine(self.database_url)
        self._at_close.append(engine.dispose)
        migrate(engine)
        return engine

    @cached_property
    def layout(self) -> Layout:
        """Where the feeds stand."""
        return Layout(self.out, self.site, self.inherited)

    @cached_property
    def sources(self) -> list[FolderSource]:
        """The folders of posts."""
        return [folder_source(site, self.site, self.settings, self._language_sets) for site in self.sites]

    @cached_property
    def upstreams(self) -> Upstreams:
        """The upstream feeds."""
        return Upstreams(
            settings=self.settings,
            engine=lambda: self.engine,
            clock=self.clock,
            announce=announce,
            language_sets=self._language_sets,
            at_close=self._at_close.append,
        )

    @cached_property
    def websub(self) -> WebSub:
        """Hubs: our own, and public ones."""
        return WebSub(
            settings=self.settings,
            layout=lambda: self.layout,
            out=self.out,
            xml_format=self.xml_format,
            engine=lambda: self.engine,
            clock=self.clock,
        )

    @property
    def xml_format(self) -> str:
        """What a feed is that ends in .xml: `rss` or `atom`."""
        return self.inherited.format if self.inherited else "atom"

    @property
    def _language_sets(self) -> dict[str, str]:
        return language_sets(self.profile.feed_sets[0], self.settings)

    @cached_property
    def entries(self) -> EntryBuilder:
        """Builds the pieces of feeds."""
        folders, upstreams = renderers_of(self.sites), self.upstreams

        def render_body(post: Post, body: Body) -> Rendering:
            renderer = folders.get(post.source) or upstreams.renderer_of(post.source)
            base_url = body.base_url or post.url
            return renderer.render_body(
                body, base_url=base_url, image=post.image, summary=post.summary, title=post.title
            )

        return EntryBuilder(
            layout=self.layout,
            renderers=self._renderers,
            body_of=self._body_of,
            render_body=render_body,
            renderer_version=self._renderer_version,
            excerpts=self._excerpts.ever,
            largest=self._limits.entry_bytes // 4,
            origins_of=upstreams.origins,
        )

    def _body_of(self, post: Post) -> tuple[Body, str] | None:
        source = self._folders.get(post.source)
        return source.body(post.path) if source else self.upstreams.body(post)

    @cached_property
    def _folders(self) -> dict[str, FolderSource]:
        return {source.name: source for source in self.sources}

    @property
    def _renderer_version(self) -> int:
        """Tells whether kept renderings are what we would make now."""
        rules = [site.settings.rules.model_dump_json() for site in self.sites]
        parts: tuple[object, ...] = (RENDERER_VERSION, [site.profile.content_fingerprint for site in self.sites], rules)
        if self.upstreams.rules:
            parts = (*parts, self.upstreams.rules)
        # The column holds 31 bits.
        return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:4], "big") >> 1

    @property
    def _excerpt_only(self) -> bool:
        own = self.settings.feeds.excerpt_only
        return own if own is not None else self.inherited is not None and self.inherited.excerpt_only

    @cached_property
    def choice(self) -> FeedChoice:
        """Which terms have feeds."""
        return choice_of(self.settings.feeds)

    @cached_property
    def _excerpts(self) -> ExcerptRule:
        return excerpts_of(self.settings.feeds, default=self._excerpt_only)

    @cached_property
    def _limits(self) -> FeedLimits:
        return limits_of(self.settings.feeds, self._excerpts)

    @cached_property
    def _output(self) -> OutputFolder:
        return OutputFolder(self.out, self.settings.feeds.precompress)

    @cached_property
    def _renderers(self) -> dict[str, Renderer]:
        escaped = EscapedContent()
        return {
            one.format: one
            for one in (RssRenderer(escaped), AtomRenderer(escaped), JsonFeedRenderer(), FeedPageRenderer())
        }

    @cached_property
    def pipeline(self) -> Pipeline:
        """The flow."""
        return Pipeline(
            sources=self.sources,
            poller=Poller(
                engine=self.engine,
                clock=self.clock,
                announce=announce,
                hold_shares={site.settings.name: site.settings.hold_share for site in self.sites},
            ),
            publisher=self._make_publisher(),
            pages=PagePublisher(engine=self.engine, layout=self.layout, choice=self.choice, output=self._output),
            releaser=Releaser(
                engine=self.engine,
                clock=self.clock,
                layout=self.layout,
                facts=self.post_facts,
                router=self.notifying.router,
                wanting_content=self.notifying.wanting_content,
                quiet=self.notifying.quiet,
                defer=self.notifying.defer,
            ),
            metrics=self._metrics,
            upstreams=self.upstreams.poller,
        )

    def _make_publisher(self) -> Publisher:
        feeds = self.settings.feeds
        return Publisher(
            engine=self.engine,
            layout=self.layout,
            window=window_of(feeds),
            limits=self._limits,
            archive=archive_of(feeds, self._limits),
            output=self._output,
            entries=self.entries,
            renderers=self._renderers,
            labels_from_tags=feeds.labels_from_tags,
            settings_fingerprint=self._feeds_fingerprint(),
            lock_path=self.place.folder / _STATE / "publish.lock",
            choice=self.choice,
            inherited_feeds=self.inherited,
            on_changed=self.websub.announcer(self.notifying.defer),
        )

    def _feeds_fingerprint(self) -> str:
        inherited = self.inherited and (self.inherited.fingerprint, self.inherited.count, self._excerpt_only)
        parts = (self._renderer_version, self.site, self.settings.feeds, sorted(self.site.labels.items()), inherited)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @cached_property
    def post_facts(self) -> PostFacts:
        """Reads what subscriptions choose posts by."""
        return PostFacts(layout=self.layout, entries=self.entries, choice=self.choice)

    def _notifying(self) -> Notifying:
        of_hubs = HubEndpoints(self.settings, lambda: self.engine, self.clock).counted
        return Notifying(
            place=self.place,
            engine=lambda: self.engine,
            site=lambda: self._site_name,
            clock=self.clock,
            metrics=self._metrics.configured(
                {endpoint.name: endpoint.channel for endpoint in self.settings.endpoints} | of_hubs,
                [source.name for source in self.settings.sources],
            ),
            contents=lambda topic: self.websub.content(topic),
        )

    @property
    def _site_name(self) -> SiteName:
        return SiteName(title=self.site.title, url=self.site.home_url, zone=self.site.zone)

    def introduce_site(self) -> None:
        """Let workers on other machines know what messages say of the site."""
        if self.notifying.on_many_machines:
            site_name.remember(self.engine, self._site_name)

    @cached_property
    def deliveries(self) -> DeliveryBook:
        """The deliveries as people see them."""
        return DeliveryBook(self.engine, self.notifying.defer)

    @cached_property
    def endpoint_book(self) -> EndpointBook:
        """What we remember of the endpoints."""
        return EndpointBook(self.engine, self.notifying.defer)
