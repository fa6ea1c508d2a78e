"""From a claimed delivery to what is sent, and from what came back to what follows."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.exchange import HttpResult, Mail, Request
from core.text import xml_legal
from notifier.channels.channel import BlockingChannel, CarriesContent, Channel
from notifier.digest import DIGEST
from notifier.model import Attempt, Claimed, Content, DeliveryState, Endpoint, Item, Message, Outcome, Verdict
from notifier.retry import RetryPolicy, judge

_EXCERPT_BYTES = 2048
_ANY_ITEM = Item(kind="published", title="", url="")

ReadItem = Callable[[Mapping[str, Any]], Item]
ReadContent = Callable[[str], Content | None]  # by a key that its channel knows; None if it is gone


def _nothing(key: str) -> Content | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What came of one claimed delivery."""

    claimed: Claimed
    attempt: Attempt
    verdict: Verdict
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A delivery that was sent, and what came back."""

    claimed: Claimed
    started_at: datetime
    outcome: Outcome


class Courier:
    """Knows the channels.

    `read_item` makes an item of an event's body; `contents` gives the documents that channels send as they are when
    they are sent, from the sending thread. `title` and `site_url` are the site's.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        blocking: Mapping[str, BlockingChannel] | None = None,
        read_item: ReadItem | None = None,
        contents: ReadContent = _nothing,
        title: str = "",
        site_url: str = "",
    ) -> None:
        self._channels = channels
        self._blocking = blocking or {}
        self._read_item = read_item
        self._contents = contents
        self._carrying = {name: one for name, one in channels.items() if isinstance(one, CarriesContent)}
        self._title = title
        self._site_url = site_url

    def blocking(self, endpoint: Endpoint) -> BlockingChannel | None:
        """Return the endpoint's channel if it sends by itself."""
        return self._blocking.get(endpoint.channel)

    def message(self, claimed: Claimed, endpoint: Endpoint) -> Message:
        """Return what a delivery says."""
        channel = self._channels.get(endpoint.channel)
        carrying = self._carrying.get(endpoint.channel)
        reads = channel is None or channel.reads_items or endpoint.template or endpoint.digest_template
        return Message(
            id=claimed.message_id,
            type=claimed.event_type,
            payload=claimed.payload,
            items=self._items(claimed.payload) if reads else (),
            digest=claimed.event_type == DIGEST,
            title=self._title,
            site_url=self._site_url,
            content=self._contents(carrying.content_of(endpoint)) if carrying else None,
        )

    def request(self, claimed: Claimed, endpoint: Endpoint, at: datetime) -> Request | Mail:
        """Return what is to be sent at a time."""
        return self._channels[endpoint.channel].request(self.message(claimed, endpoint), endpoint, at)

    def outcome(self, endpoint: Endpoint, result: HttpResult) -> Outcome:
        """Return what an answer means."""
        return self._channels[endpoint.channel].outcome(result)

    def capacity(self, endpoint: Endpoint, payloads: Sequence[str]) -> int:
        """Return how many of these events, from the first, one digest to the endpoint holds."""
        channel = self._channels.get(endpoint.channel)
        if channel is None:
            return max(self._blocking[endpoint.channel].capacity(self._items_of(payloads), endpoint), 1)
        # Who makes requests of payloads alone only counts.
        items = self._items_of(payloads) if channel.reads_items else [_ANY_ITEM] * len(payloads)
        return max(channel.capacity(items, endpoint), 1)

    def _items_of(self, payloads: Sequence[str]) -> list[Item]:
        return [item for payload in payloads for item in self._items(payload)]

    def _items(self, payload: str) -> tuple[Item, ...]:
        if self._read_item is None:
            return ()
        body = json.loads(payload)
        bodies = body["data"]["events"] if body["type"] == DIGEST else [body]
        return tuple(self._read_item(one) for one in bodies)


def settlement_of(sent: Sent, *, now: datetime, chance: float, retry: RetryPolicy) -> Settlement:
    """Return what is to be recorded of a delivery that was sent, given a random number from 0 to 1."""
    outcome, claimed = sent.outcome, sent.claimed
    verdict = judge(outcome, attempt=claimed.attempt, now=now, chance=chance, policy=retry)
    delivered = verdict.state is DeliveryState.DELIVERED
    attempt = Attempt(
        number=claimed.attempt,
        started_at=sent.started_at,
        latency_ms=outcome.latency_ms,
        status=outcome.status,
        error=None if delivered else outcome.summary,
        # PostgreSQL stores no NUL.
        excerpt=xml_legal(outcome.excerpt[:_EXCERPT_BYTES].decode(errors="replace")),
    )
    return Settlement(claimed=claimed, attempt=attempt, verdict=verdict, outcome=outcome)
