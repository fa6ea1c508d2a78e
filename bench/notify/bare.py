"""The transport alone: sign each delivery as the webhook channel does, send it, read the answer. No database."""

from collections.abc import Sequence
from pathlib import Path

from bench.notify.messages import SECRET, body, endpoint_name, message_id
from core.addresses import AddressPolicy
from core.clock import utc_now
from core.transport import Transport
from notifier.channels.webhook import WebhookChannel
from notifier.model import Endpoint, Message

_LONGEST_POLL = 60.0


def endpoints_at(urls: Sequence[str]) -> list[Endpoint]:
    """Return endpoints as the settings would give them."""
    return [
        Endpoint(name=endpoint_name(number), url=url, secrets=(SECRET,), timeout=20) for number, url in enumerate(urls)
    ]


def open_transport(urls: Sequence[str], in_flight: int, ca_file: str | None) -> Transport:
    """Return a transport with places for what all endpoints take at once, at most `in_flight`."""
    places = min(in_flight, sum(endpoint.concurrency for endpoint in endpoints_at(urls)))
    policy = AddressPolicy.parse(["127.0.0.0/8"])
    return Transport(policy=policy, in_flight=places, ca_file=Path(ca_file) if ca_file else None)


def send_all(transport: Transport, urls: Sequence[str], events: int) -> int:
    """Send each event to each endpoint, as many at once as an endpoint takes; return how many arrived."""
    messages = [Message(id=message_id(number), type="post.published", payload=body(number)) for number in range(events)]
    channel, endpoints = WebhookChannel(), endpoints_at(urls)
    arrived = 0
    # One endpoint after the other, so that each has about as many under way.
    waiting = ((message, endpoint) for message in messages for endpoint in endpoints)
    while True:
        for message, endpoint in waiting:
            transport.submit(channel.request(message, endpoint, utc_now()), endpoint.name)
            if not transport.free:
                break
        if not transport.under_way:
            return arrived
        arrived += sum(channel.outcome(result).succeeded for _, result in transport.poll(_LONGEST_POLL))
