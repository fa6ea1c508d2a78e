"""A planet that hubs reach: its pipeline, its server, and a hub, each with the clock of the test."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from core.db import reading
from feedbell.cli.receivers import receivers_of
from feedbell.web.receiver import Intake
from feedbell.web.server import FeedServer
from feedbell.websub.callback import Callback, Deliver, Notices
from feedbell.websub.subscriber import Subscriber
from feedbell.wiring import App
from feeds.store import hub_leases
from feeds.store.hub_leases import HubLease
from tests.support.hub import Hub, running_hub
from tests.support.planet import SITE, Item, Planet, rss, running_planet
from tests.support.receiver import Reply
from tests.support.site import eventually

RSS = "application/rss+xml"


class Listening:
    """A planet whose feed `a` names a hub, unless it is served otherwise."""

    def __init__(self, planet: Planet, hub: Hub, folder: Path) -> None:
        self.planet = planet
        self.hub = hub
        self._server = FeedServer(folder, "127.0.0.1", 0, xml_format="atom")
        self._server.start()
        self.base = self._server.url

    @property
    def topic(self) -> str:
        return self.planet.server.url("/a-self")

    @property
    def app(self) -> App:
        return self.planet.app

    @property
    def subscriber(self) -> Subscriber:
        subscribing = self.app.upstreams.subscribing
        assert subscribing is not None
        return subscribing.subscriber

    def head(self, *, hub: str | None = None, topic: str | None = None) -> str:
        """Return the elements by which a feed names a hub and itself."""
        hub, topic = hub or self.hub.url, topic or self.topic
        return f'<atom:link rel="hub" href="{hub}"/><atom:link rel="self" href="{topic}"/>'

    def serve(self, *items: Item, hub: str | None = None, topic: str | None = None) -> bytes:
        """Let the feed have these items and name a hub; return its bytes."""
        body = rss(*items, head=self.head(hub=hub, topic=topic))
        self.planet.answer("a", Reply(body=body, headers={"Content-Type": RSS}))
        return body

    def configure(self, sources: Mapping[str, str] | None = None, settings: str = "", url: str | None = None) -> None:
        """Start anew with these settings, as `feedbell run` does when they change."""
        public = f'public_url = "{url or self.base}"\n'
        self.planet.configure({"a": ""} if sources is None else sources, site=f"{public}{SITE}", settings=settings)
        self.listen()

    def listen(self, app: App | None = None) -> None:
        """Let hubs reach this app."""
        self._server.receive(receivers_of(app or self.app))

    def listen_with(self, deliver: Deliver) -> None:
        """Let what hubs send go elsewhere."""
        callback = Callback(engine=self.app.engine, clock=self.planet.clock, deliver=deliver, notices=Notices())
        self._server.receive({"/websub/": Intake(receive=callback, methods=("GET", "POST"), max_bytes=1_000_000)})

    def deafen(self) -> None:
        """Let hubs reach nobody, as while the process is down."""
        self._server.receive({})

    def subscribe(self, *items: Item) -> None:
        """Poll the feed and subscribe at its hub."""
        self.serve(*items)
        self.configure()
        self.planet.run()
        assert self.subscriber.turn() == 1
        assert self.state() == "active"

    def leases(self) -> list[HubLease]:
        with reading(self.app.engine) as connection:
            return hub_leases.every(connection)

    def lease(self) -> HubLease:
        """Return the one that counts."""
        with reading(self.app.engine) as connection:
            return hub_leases.by_source(connection)["a"]

    def state(self) -> str:
        return str(self.lease().state)

    def later(self, **much: float) -> None:
        """Let time pass."""
        self.planet.clock.now += timedelta(**much)

    def take_pushes(self) -> int:
        """Wait until everything that hubs sent is applied, publish it, and return how many changes that were."""
        changes = 0

        def applied() -> bool:
            nonlocal changes
            changes += sum(one.changes for one in self.app.pipeline.turn_upstreams(1.0))
            return not self.lease().has_unapplied

        eventually(applied)
        self.app.pipeline.publish()
        # What is sent next comes later.
        self.later(seconds=1)
        return changes

    def wait_for_poll(self, seconds: float) -> bool:
        """Tell whether the next poll is due within some seconds."""
        return self.planet.state().next_poll_at <= self.planet.clock.now + timedelta(seconds=seconds)

    def close(self) -> None:
        self._server.stop()


@contextmanager
def running_listening(folder: Path, database_url: str) -> Iterator[Listening]:
    """Give a planet without sources, its server, and a hub."""
    with running_planet(folder, database_url) as planet, running_hub() as hub:
        listening = Listening(planet, hub, folder)
        yield listening
        listening.close()
