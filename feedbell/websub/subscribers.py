"""Whom hubs make endpoints of: who subscribed to our own, and the public ones that are told of changed feeds."""

from collections.abc import Callable

from sqlalchemy import Engine

from core.clock import Clock
from core.db import reading
from feedbell.settings import Settings
from feedbell.websub.addresses import PUBLIC, own_hub, ping_endpoints
from notifier import hub_subscriptions
from notifier.channels.channel import Channel
from notifier.channels.registry import websub_channels
from notifier.channels.websub import HUB, TOPIC
from notifier.hub_subscriptions import HubSubscription, is_subscriber
from notifier.model import Endpoint
from notifier.report import DeliveryMetrics
from notifier.upkeep import DELIVERIES, SITE

TOGETHER = "websub"  # the name under which all subscribers are counted


class HubEndpoints:
    """The endpoints that nobody configured."""

    def __init__(self, settings: Settings, engine: Callable[[], Engine], clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._hub = own_hub(settings)
        self.public = ping_endpoints(settings)

    @property
    def channels(self) -> dict[str, Channel]:
        """The channels by which these are told; none without a hub."""
        return websub_channels() if self._hub or self.public else {}

    @property
    def counted(self) -> dict[str, str]:
        """The names under which attempts are counted, with the channel of each."""
        own = {TOGETHER: "websub"} if self._hub else {}
        return own | {one.name: one.channel for one in self.public}

    def subscribers(self) -> list[Endpoint]:
        """Return who subscribed."""
        if self._hub is None:
            return []
        with reading(self._engine()) as connection:
            return [self._endpoint(one) for one in hub_subscriptions.listing(connection, self._clock())]

    def find(self, name: str) -> Endpoint | None:
        """Return a subscriber as it is now."""
        if self._hub is None or not is_subscriber(name):
            return None
        with reading(self._engine()) as connection:
            found = hub_subscriptions.find(connection, name, self._clock())
        return None if found is None else self._endpoint(found)

    def _endpoint(self, subscription: HubSubscription) -> Endpoint:
        assert self._hub is not None  # who calls us looked
        return Endpoint(
            name=subscription.endpoint,
            url=subscription.callback,
            secrets=() if subscription.secret is None else (subscription.secret,),
            channel="websub",
            options={TOPIC: subscription.topic, HUB: self._hub},
            concurrency=1,  # a newer state must not come before an older one
        )


def queue_of(name: str) -> str:
    """Return the queue of an endpoint's jobs: what subscribers get only who has the feeds can send."""
    return SITE if is_subscriber(name) else DELIVERIES


def is_of_hubs(name: str) -> bool:
    """Tell whether an endpoint is one that nobody configured: its end is its lease, or the owner's settings."""
    return is_subscriber(name) or name.startswith(PUBLIC)


class CountedTogether:
    """Counts the attempts of all subscribers as those of one endpoint: they come and go, and metrics must not grow."""

    def __init__(self, metrics: DeliveryMetrics) -> None:
        self._metrics = metrics

    def count(self, endpoint: str, outcome: str, seconds: float, *, digest: bool) -> None:
        """Count one attempt."""
        self._metrics.count(TOGETHER if is_subscriber(endpoint) else endpoint, outcome, seconds, digest=digest)
