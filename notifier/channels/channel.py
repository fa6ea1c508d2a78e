"""The seam to the ways in which an endpoint can be told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.exchange import HttpResult, Mail, Request
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome


@runtime_checkable
class Channel(Protocol):
    """A service that takes messages, or plain webhooks. Everything here is pure: somebody else sends.

    `rate` is what the service takes from one endpoint by its own documentation, and None if it names no limit.
    `reads_items` tells whether requests are made of a message's items, or of its payload alone; a template always
    reads them. `options` says in a line what each option means, and `required` which ones must be there.
    """

    @property
    def rate(self) -> Rate | None: ...

    @property
    def reads_items(self) -> bool: ...

    @property
    def options(self) -> Mapping[str, str]: ...

    @property
    def required(self) -> tuple[str, ...]: ...

    def check(self, endpoint: Endpoint) -> None:
        """Raise ConfigurationError, which shows no secret, unless the endpoint has what this channel needs."""

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        """Return how many of the items, from the first, one digest holds with title and link; at least 1."""

    def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Request | Mail:
        """Return what is to be sent: the same for the same arguments, of a size that the service takes."""

    def outcome(self, result: HttpResult) -> Outcome:
        """Return what the service's answer means. Some say 200 to what they did not take."""


@runtime_checkable
class CarriesContent(Protocol):
    """A Channel whose requests carry a document as it is when they are sent, not as it was when the event happened."""

    def content_of(self, endpoint: Endpoint) -> str:
        """Return the key of the document that an endpoint gets."""


class BlockingChannel(Protocol):
    """A way to send that a library carries out by itself; it is called from several threads at once."""

    @property
    def rate(self) -> Rate | None: ...

    @property
    def options(self) -> Mapping[str, str]: ...

    @property
    def required(self) -> tuple[str, ...]: ...

    def check(self, endpoint: Endpoint) -> None:
        """Raise ConfigurationError, which shows no secret, unless the endpoint has what this channel needs."""

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        """Return how many of the items, from the first, one digest holds; at least 1."""

    def send(self, message: Message, endpoint: Endpoint) -> Outcome:
        """Send a message now. What the network does is in the outcome; an exception is a bug."""


def read_outcome(result: HttpResult) -> Outcome:
    """Return the outcome for a service that says by the status alone whether it took a message."""
    return Outcome(
        status=result.status,
        gone=result.status == 410,
        error=result.error,
        reason=result.reason,
        retry_after=result.retry_after,
        excerpt=result.excerpt,
        latency_ms=result.latency_ms,
    )
