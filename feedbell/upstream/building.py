"""Builds what upstream feeds need from the settings: sources, who polls them, who cleans their texts."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Protocol

from sqlalchemy import Connection, Engine

from core.addresses import AddressPolicy
from core.clock import Clock
from core.db import reading
from core.exchange import Fetched, HttpResult, MayGo
from feedbell.feed_rules import rules_of, selection_of
from feedbell.poll import Announce
from feedbell.rendering import RendersBody
from feedbell.settings import Settings, SourceSettings
from feedbell.trust import trusted_certificates
from feedbell.upstream.poller import NOBODY, AskLimits, Poller
from feedbell.websub.subscribing import Subscribing
from feeds.model import Body, Origin, Post
from feeds.selections import SourceSelections
from feeds.sources.completion import Completion
from feeds.sources.upstream.categories import CategoryMap
from feeds.sources.upstream.source import UpstreamSource, body_of, content_hash
from feeds.sources.upstream.stored import read_item
from feeds.store import upstream_items, upstreams


class WebClient(Protocol):
    """Speaks to the servers of others."""

    def close_idle(self) -> None: ...

    def get(self, url: str, headers: Mapping[str, str], *, max_bytes: int, may_go: MayGo) -> Fetched: ...

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None
    ) -> HttpResult: ...


class Upstreams:
    """Every object of the upstream feeds, built when it is first needed."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: Callable[[], Engine],
        clock: Clock,
        announce: Announce,
        language_sets: Mapping[str, str],
        at_close: Callable[[Callable[[], None]], None],
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._clock = clock
        self._announce = announce
        self._language_sets = language_sets
        self._at_close = at_close
        self._configured = {one.name: one for one in settings.sources if one.is_feed}
        self._renderers: dict[str, RendersBody] = {}

    @cached_property
    def sources(self) -> dict[str, UpstreamSource]:
        """The feeds as the owner wants them read, by name."""
        return {name: self._source(one) for name, one in self._configured.items()}

    @property
    def rules(self) -> list[str]:
        """What is done to their texts, where that is anything."""
        written = {one.rules.model_dump_json() for one in self._configured.values() if one.rules != _NO_RULES}
        return sorted(written)

    @cached_property
    def poller(self) -> Poller:
        """Who polls them."""
        if not self._configured:
            return NOBODY
        # Slow to load, and many sites have no upstream feed.
        from feedbell.upstream.asking import Asking
        from feedbell.upstream.polling import UpstreamPoller
        from feedbell.upstream.schedule import Schedule
        from feeds.sources.upstream.timing import PollRules

        settings = self._settings.polling
        poller = UpstreamPoller(
            engine=self._engine(),
            clock=self._clock,
            sources=self.sources,
            asking=Asking(fetch=self.fetch, clock=self._clock, limits=self.limits),
            announce=self._announce,
            schedule=Schedule(
                rules=PollRules(min_wait=settings.min_wait, max_wait=settings.max_wait, hub_wait=settings.hub_wait)
            ),
            hubs=self._settings.public_url is not None,
            rest=self._client.close_idle,
        )
        self._at_close(poller.stop)
        poller.sync()
        return poller

    @cached_property
    def _client(self) -> WebClient:
        # Slow to load, as above.
        from core.http import HttpClient

        settings = self._settings.polling
        client = HttpClient(
            policy=AddressPolicy.parse(self._settings.allow_networks),
            threads=settings.at_once,
            deadline=settings.deadline_seconds,
            ca_file=trusted_certificates(),
            user_agent=user_agent(settings.contact),
        )
        self._at_close(client.close)
        return client

    @property
    def limits(self) -> AskLimits:
        """Within which bounds their servers are asked."""
        polling = self._settings.polling
        return AskLimits(at_once=polling.at_once, deadline=polling.deadline_seconds, max_items=polling.max_items)

    def fetch(self, url: str, headers: Mapping[str, str], may_go: MayGo) -> Fetched:
        """Ask for a URL, as polls do."""
        return self._client.get(url, headers, max_bytes=self._settings.polling.max_bytes, may_go=may_go)

    @cached_property
    def subscribing(self) -> Subscribing | None:
        """What receives feeds from hubs; None without an address at which they reach us."""
        if self._settings.public_url is None:
            return None
        subscribing = Subscribing(
            public_url=self._settings.public_url,
            engine=self._engine(),
            clock=self._clock,
            sources=self.sources,
            post=self._client.post,
            poller=lambda: self.poller,
        )
        self._at_close(subscribing.stop)
        return subscribing

    def origins(self, connection: Connection) -> Mapping[str, Origin]:
        """Return how entries name the feeds that posts come from, by source."""
        return upstreams.origins(connection) if self._configured else {}

    def body(self, post: Post) -> tuple[Body, str] | None:
        """Return the text of a post, and the hash of its item; None if no upstream feed has it."""
        with reading(self._engine()) as connection:
            kept = upstream_items.item_of(connection, post.source, post.path)
        if kept is None:
            return None
        item = read_item(kept)
        return body_of(item), content_hash(item)

    def renderer_of(self, source: str) -> RendersBody:
        """Return what cleans the texts of a source."""
        # As above.
        from feeds.body import BodyRenderer

        settings = self._configured[source].rules if source in self._configured else _NO_RULES
        key = settings.model_dump_json()
        if key not in self._renderers:
            self._renderers[key] = BodyRenderer(rules=rules_of(settings), keep_trackers=settings.keep_trackers)
        return self._renderers[key]

    def _source(self, settings: SourceSettings) -> UpstreamSource:
        assert settings.url is not None  # the settings see to it
        rules = settings.categories
        return UpstreamSource(
            name=settings.name,
            url=settings.url,
            listed=settings.publish,
            max_new=settings.max_new,
            wait=timedelta(seconds=settings.poll_seconds) if settings.poll_seconds is not None else None,
            categories=CategoryMap(
                rename=tuple(rules.rename.items()), drop=rules.drop, add=rules.add, as_tags=rules.become == "tags"
            ),
            completion=Completion(language_sets=self._language_sets, selections=self._selections_of(settings.name)),
        )

    def _selections_of(self, name: str) -> SourceSelections | None:
        feeds = self._settings.feeds
        if not feeds.selections and "source" not in feeds.taxonomies:
            return None
        return SourceSelections(
            [selection_of(one) for one in feeds.selections],
            source=name,
            languages={},
            with_source_feed="source" in feeds.taxonomies,
        )


_NO_RULES = SourceSettings().rules


def user_agent(contact: str | None) -> str:
    """Return how we name ourselves to the servers of others, and where our owner can be reached."""
    return f"Feedbell/{version('feedbell')}" + (f" (+{contact})" if contact else "")
