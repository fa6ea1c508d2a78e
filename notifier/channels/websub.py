"""Content distribution of a WebSub hub (W3C Recommendation of 23 January 2018, sections 7 and 8)."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from core.errors import EnvironmentFault
from core.exchange import HttpResult, Request
from notifier.channels.channel import read_outcome
from notifier.channels.checking import check_options
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

TOPIC, HUB = "topic", "hub"  # the options
# Of the algorithms that the Recommendation names, the one that it advises at least.
_ALGORITHM = "sha256"


class WebSubChannel:
    """Sends the whole document of a topic to a subscriber's callback, signed if the subscriber gave a secret."""

    rate: Rate | None = None
    reads_items = False
    options: ClassVar[Mapping[str, str]] = {TOPIC: "the document's own address", HUB: "the address of the hub"}
    required: tuple[str, ...] = (TOPIC, HUB)

    def check(self, endpoint: Endpoint) -> None:
        check_options(endpoint, self.options, self.required)

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        return 1

    def content_of(self, endpoint: Endpoint) -> str:
        return endpoint.options[TOPIC]

    def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Request:
        content = message.content
        if content is None:
            raise EnvironmentFault("the topic's document is not there")
        topic, hub = endpoint.options[TOPIC], endpoint.options[HUB]
        headers = [f"content-type: {content.media_type}", f'link: <{hub}>; rel="hub", <{topic}>; rel="self"']
        headers += [f"x-hub-signature: {signature(secret, content.body)}" for secret in endpoint.secrets]
        return Request(url=endpoint.url, body=content.body, headers=tuple(headers), deadline=endpoint.timeout)

    def outcome(self, result: HttpResult) -> Outcome:
        # What the subscriber writes is nobody's business (section 7).
        return replace(read_outcome(result), excerpt=b"")


def signature(secret: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature (section 8)."""
    return f"{_ALGORITHM}={hmac.new(secret.encode(), body, _ALGORITHM).hexdigest()}"
