"""Builds what WebSub needs of one configuration."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from core.addresses import AddressPolicy
from core.clock import Clock
from feedbell.media_types import MediaTypes
from feedbell.settings import Settings
from feedbell.trust import trusted_certificates
from feedbell.websub.addresses import hub_urls, own_hub, ping_endpoints
from feedbell.websub.announcing import FeedAnnouncer
from feedbell.websub.contents import FeedContents
from feedbell.websub.hub import Hub, HubRules
from feedbell.websub.links import HubLinks
from feedbell.websub.running import HubRun
from feedbell.websub.topics import Topics
from feedbell.websub.verifying import DEADLINE, Verifier
from feeds.layout import Layout
from feeds.publish import OnChanged
from notifier.model import Content
from notifier.work import Defer


class WebSub:
    """Every object of hubs, built when it is first needed."""

    def __init__(
        self,
        *,
        settings: Settings,
        layout: Callable[[], Layout],
        out: Path,
        xml_format: str,
        engine: Callable[[], Engine],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._layout = layout
        self._out = out
        self._xml_format = xml_format
        self._engine = engine
        self._clock = clock
        self.hubs = hub_urls(settings)

    @cached_property
    def topics(self) -> Topics:
        """The addresses of the feeds."""
        return Topics(self._layout())

    @cached_property
    def _contents(self) -> FeedContents:
        return FeedContents(self._out, self.topics, MediaTypes(self._xml_format))

    @cached_property
    def links(self) -> HubLinks:
        """What servers say of feeds."""
        if not self.hubs:
            return HubLinks()
        addresses = tuple(sorted(self._layout().site.served_at.items()))
        return HubLinks(hubs=self.hubs, topic=self.topics.topic, addresses=addresses)

    def content(self, topic: str) -> Content | None:
        """Return what a feed is at the moment; from one thread alone."""
        return self._contents(topic)

    def announcer(self, defer: Defer) -> OnChanged:
        """Return what tells of changed feeds."""
        if not self.hubs:
            return lambda connection, paths: 0
        return FeedAnnouncer(
            topics=self.topics,
            own_hub=own_hub(self._settings) is not None,
            public_hubs=[one.name for one in ping_endpoints(self._settings)],
            defer=defer,
            clock=self._clock,
        )

    @cached_property
    def hub(self) -> Hub | None:
        """The hub of our own."""
        if own_hub(self._settings) is None:
            return None
        settings = self._settings.hub
        return Hub(
            engine=self._engine,
            clock=self._clock,
            topics=self.topics,
            rules=HubRules(
                lease=settings.lease, max_per_host=settings.max_per_host, max_per_topic=settings.max_per_topic
            ),
            policy=AddressPolicy.parse(self._settings.allow_networks),
        )

    def running(self, on_changed: Callable[[], None]) -> HubRun | None:
        """Return the hub at work; its thread is not started."""
        hub = self.hub
        if hub is None:
            return None
        # Slow to load, and most commands ask nobody.
        from core.http import HttpClient

        policy = AddressPolicy.parse(self._settings.allow_networks)
        http = HttpClient(policy=policy, threads=8, deadline=DEADLINE, ca_file=trusted_certificates())
        verifier = Verifier(hub=hub, engine=self._engine, clock=self._clock, get=http.get)
        return HubRun(
            hub=hub,
            verifier=verifier,
            engine=self._engine,
            clock=self._clock,
            on_changed=on_changed,
            close=http.close,
        )
