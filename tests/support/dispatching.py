"""A dispatcher at work on a database, with a clock that stands still until it is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from core.addresses import AddressPolicy
from core.transport import Transport
from notifier.channels.webhook import WebhookChannel
from notifier.courier import Courier
from notifier.endpoints import EndpointBook
from notifier.health import HealthPolicy
from notifier.model import Endpoint
from notifier.queue import DatabaseQueue
from notifier.retry import RetryPolicy
from notifier.worker import Dispatcher, DispatchLimits

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        # Near the real time, which the public library compares timestamps with.
        self.now = datetime.now(UTC) - timedelta(seconds=60)

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def dispatching(
    store: Engine,
    *endpoints: Endpoint,
    clock: Hands,
    policy: AddressPolicy = LOOPBACK,
    deadline: float = 20,
    places: int = 100,
    schedule: tuple[float, ...] = (5, 300),
    health: HealthPolicy | None = None,
) -> Iterator[Dispatcher]:
    EndpointBook(store).sync(endpoints)
    transport = Transport(policy=policy, in_flight=places, deadline=deadline)
    courier = Courier({"webhook": WebhookChannel()})
    dispatcher = Dispatcher(
        queue=DatabaseQueue(store, capacity=courier.capacity, health=health),
        endpoints=endpoints,
        courier=courier,
        transport=transport,
        retry=RetryPolicy(schedule=tuple(timedelta(seconds=wait) for wait in schedule)),
        limits=DispatchLimits(deadline=deadline),
        clock=clock,
        chance=lambda: 0.0,
    )
    try:
        yield dispatcher
    finally:
        dispatcher.stop(0)
        transport.close()


def endpoint_at(url: str, name: str = "a", **more: Any) -> Endpoint:
    return Endpoint(name=name, url=url, secrets=(SECRET,), **more)
