"""Telling a public WebSub hub which feeds changed, as the hubs that there are want it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from core.exchange import HttpResult, Request
from notifier.channels.channel import read_outcome
from notifier.channels.checking import check_options
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_MOST_URLS = 50  # in one request


class WebSubPingChannel:
    """Sends `hub.mode=publish` with the address of each feed that changed; the hub fetches them."""

    rate: Rate | None = None
    reads_items = False
    options: ClassVar[Mapping[str, str]] = {}
    required: tuple[str, ...] = ()

    def check(self, endpoint: Endpoint) -> None:
        check_options(endpoint, self.options, self.required)

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        return max(min(len(items), _MOST_URLS), 1)

    def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Request:
        body = json.loads(message.payload)
        events = body["data"]["events"] if message.digest else [body]
        urls = dict.fromkeys(event["data"]["feed"]["url"] for event in events)
        return Request(
            url=endpoint.url,
            body=urlencode([("hub.mode", "publish"), *(("hub.url", url) for url in urls)]).encode(),
            headers=("content-type: application/x-www-form-urlencoded",),
            deadline=endpoint.timeout,
        )

    def outcome(self, result: HttpResult) -> Outcome:
        # A hub that is gone is the owner's to take out of the settings.
        return replace(read_outcome(result), gone=False)
