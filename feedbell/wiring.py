"""Builds every object from the settings and the site's own configuration."""

import copy
import hashlib
import os
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from core.addresses import AddressPolicy
from core.clock import Clock, utc_now
from core.db import open_engine
from core.errors import ConfigurationError
from core.targets import why_target_refused
from feedbell.feed_rules import (
    archive_of,
    choice_of,
    excerpts_of,
    limits_of,
    rules_of,
    selection_of,
    window_of,
)
from feedbell.migrations import migrate
from feedbell.pipeline import Pipeline
from feedbell.poll import Poller
from feedbell.release import Releaser, announce
from feedbell.settings import CONFIG_NAME, EndpointSettings, SourceSettings, reveal
from feedbell.site import Options, Place, Site, language_sets, read_site, site_facts
from feeds.choice import FeedChoice
from feeds.entries import RENDERER_VERSION, EntryBuilder
from feeds.layout import Layout, SiteFacts
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
from feeds.selections import SourceSelections
from feeds.sources.folder import FolderSource
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


def _configuration_files(place: Place, sites: Iterable[Site]) -> frozenset[str]:
    files = [place.config or place.folder / CONFIG_NAME]
    files += [site.root / file for site in sites for file in site.profile.files]
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


_UNKNOWN = (-1, -1)


def _stats_when_read(files: frozenset[str], began_ns: int) -> dict[str, tuple[int, int] | None]:
    """Return the stats of files that were read since `began_ns`.

    A file that was written meanwhile may have been read before: it counts as changed.
    """
    now_ns = time.time_ns()
    return {
        file: _UNKNOWN if stat is not None and began_ns <= stat[0] <= now_ns else stat
        for file, stat in _stats(files).items()
    }


def _sources_below(place: Place, source: SourceSettings) -> list[Path]:
    """Return the folders of other sources that lie in this one's: their posts are theirs alone."""
    own = Path(os.path.normpath(place.folder / source.path))
    others = [Path(os.path.normpath(place.folder / one.path)) for one in place.settings.sources]
    return [other for other in others if own in other.parents]


def _languages_not_of_feeds(site: Site, facts: SiteFacts) -> dict[str, str]:
    """Return, by set of feeds, the language of a source that is not the one which the feeds say."""
    return {
        one.name: one.language
        for one in site.profile.feed_sets
        if one.language and one.language != facts.feed_sets.get(one.name, facts).language
    }


class App:
    """Every object of one configuration, built when it is first needed."""

    def __init__(self, place: Place, options: Options, clock: Clock = utc_now) -> None:
        self.place = place
        self.settings = place.settings
        self.clock = clock
        self.out = options.out.absolute() if options.out else place.folder / (self.settings.output or _OUT)
        self._options = options
        self._at_close: list[Callable[[], None]] = []
        began = time.time_ns()
        outside = (self.out, place.folder / _STATE)
        self.sites = [
            read_site(place, source, (*outside, *_sources_below(place, source))) for source in self.settings.sources
        ]
        self.configuration_files = _configuration_files(place, self.sites)
        self._seen = _stats_when_read(self.configuration_files, began)
        self.site = site_facts(self.sites, self.settings)
        self.inherited = self.sites[0].profile.inherited
        self._policy = AddressPolicy.parse(self.settings.allow_networks)

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """Whom to tell. Only who sends needs them: their secrets may be kept from everybody else."""
        return make_endpoints(self.place, self._policy)

    def configuration_changed(self) -> bool:
        """Tell whether a configuration file is another than when it was read."""
        return _stats(self.configuration_files) != self._seen

    def again(self) -> "App":
        """Return a new App of the same settings, which does not mind what the files say now."""
        new = copy.copy(self)
        for name, attribute in vars(App).items():
            # The endpoints stay: their secrets may be gone from where they were read.
            if isinstance(attribute, cached_property) and name != "endpoints":
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
        return Layout(self.out, self.site, self.inherited)

    @cached_property
    def sources(self) -> list[FolderSource]:
        """The folders of posts."""
        return [self._source(site) for site in self.sites]

    def _source(self, site: Site) -> FolderSource:
        return FolderSource(
            name=site.settings.name,
            root=str(site.root),
            reader=site.reader,
            settle_ms=site.settings.settle_ms,
            max_bytes=site.settings.max_bytes,
            follow_links=site.settings.follow_links,
            languages=_languages_not_of_feeds(site, self.site),
            language_sets=language_sets(self.sites[0].profile.feed_sets[0], self.settings),
            selections=self._selections_of(site),
        )

    def _selections_of(self, site: Site) -> SourceSelections:
        return SourceSelections(
            [selection_of(one) for one in self.settings.feeds.selections],
            source=site.settings.name,
            languages={one.name: one.language for one in site.profile.feed_sets},
            with_source_feed="source" in self.settings.feeds.taxonomies,
        )

    @cached_property
    def entries(self) -> EntryBuilder:
        """Builds the pieces of feeds."""
        # Slow to load, and many runs render nothing.
        from feeds.body import BodyRenderer
        from feeds.enclosures import LocalFiles

        sources = {source.name: source for source in self.sources}
        body_renderers = {
            site.settings.name: BodyRenderer(
                rules=rules_of(site.settings.rules),
                keep_trackers=site.settings.rules.keep_trackers,
                length_of=LocalFiles(site.profile.feed_sets[0].home_url, str(site.root)).length_of,
            )
            for site in self.sites
        }

        def body_of(post: Post) -> tuple[Body, str] | None:
            source = sources.get(post.source)
            return source.body(post.path) if source else None

        def render_body(post: Post, body: Body) -> Rendering:
            return body_renderers[post.source].render_body(
                body, base_url=post.url, image=post.image, summary=post.summary, title=post.title
            )

        return EntryBuilder(
            layout=self.layout,
            renderers=self._renderers,
            body_of=body_of,
            render_body=render_body,
            renderer_version=self._renderer_version,
            excerpts=self._excerpts.ever,
            largest=self._limits.entry_bytes // 4,
        )

    @property
    def _renderer_version(self) -> int:
        """Tells whether kept renderings are what we would make now."""
        rules = [site.settings.rules.model_dump_json() for site in self.sites]
        parts = (RENDERER_VERSION, [site.profile.content_fingerprint for site in self.sites], rules)
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
            ),
            pages=PagePublisher(engine=self.engine, layout=self.layout, choice=self.choice, output=self._output),
            releaser=Releaser(
                engine=self.engine,
                clock=self.clock,
                layout=self.layout,
                entries=self.entries,
                matcher=self._matcher(),
                wanting_content=[endpoint.name for endpoint in self.settings.endpoints if endpoint.content],
                choice=self.choice,
            ),
        )

    def _feeds_fingerprint(self) -> str:
        inherited = self.inherited and (self.inherited.fingerprint, self.inherited.count, self._excerpt_only)
        parts = (self._renderer_version, self.site, self.settings.feeds, sorted(self.site.labels.items()), inherited)
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
            limits=DispatchLimits(threads=settings.workers, lease=timedelta(seconds=longest + 15)),
            clock=self.clock,
        )
