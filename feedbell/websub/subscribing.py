"""Builds what receives upstream feeds from hubs, where a public address lets hubs reach us."""

from collections.abc import Callable, Collection
from functools import cached_property

from sqlalchemy import Engine

from core.clock import Clock
from feedbell.upstream.poller import Poller
from feedbell.websub.hub_client import HubClient, Post
from feedbell.websub.pushes import Pushes
from feedbell.websub.subscriber import Subscriber

PREFIX = "/websub/"


class Subscribing:
    """Every object of the WebSub subscriber, built when it is first needed."""

    def __init__(
        self,
        *,
        public_url: str,
        engine: Engine,
        clock: Clock,
        sources: Collection[str],
        post: Post,
        poller: Callable[[], Poller],
    ) -> None:
        self._base_url = public_url.rstrip("/") + PREFIX
        self.engine = engine
        self.clock = clock
        self._sources = sources
        self._post = post
        self._poller = poller
        self._stops: list[Callable[[], None]] = []

    @cached_property
    def subscriber(self) -> Subscriber:
        """Who asks hubs."""
        return Subscriber(
            engine=self.engine,
            clock=self.clock,
            sources=self._sources,
            base_url=self._base_url,
            ask=HubClient(self._post, self.clock).ask,
            on_poll=self.poll,
        )

    @cached_property
    def pushes(self) -> Pushes:
        """What hubs sent and nobody has read yet."""
        pushes = Pushes(lambda name, fetched, at: self._poller().push(name, fetched, at))
        self._stops.append(pushes.stop)
        return pushes

    def poll(self) -> None:
        """Let feeds be polled that have become due."""
        self._poller().wake()

    def stop(self) -> None:
        """Read nothing more of what hubs sent."""
        for stop in self._stops:
            stop()
