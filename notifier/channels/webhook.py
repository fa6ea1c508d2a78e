"""Webhooks: a signed POST request (Standard Webhooks)."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from core.exchange import HttpResult, Request
from notifier import templates
from notifier.channels.channel import read_outcome
from notifier.channels.checking import check_options, wrong
from notifier.channels.digest import latest
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome
from notifier.signing import check_secrets, sign

_LARGEST_DIGEST = 100
_JSON = "application/json"
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; *[\w-]+=[\w-]+)*", re.ASCII)


class WebhookChannel:
    """Sends a message's payload as it is stored, so that every attempt has the same body; or what a template writes."""

    rate: Rate | None = None
    reads_items = False
    options: ClassVar[Mapping[str, str]] = {
        "content_type": "what a template writes; application/json unless it is said"
    }
    required: tuple[str, ...] = ()

    def check(self, endpoint: Endpoint) -> None:
        check_options(endpoint, self.options, self.required)
        check_secrets(endpoint.name, endpoint.secrets)
        if not _CONTENT_TYPE.fullmatch(_content_type(endpoint)):
            raise wrong(endpoint, "the option 'content_type' is such as text/plain.")
        for text in templates.check(endpoint, _unchanged):
            if _JSON in _content_type(endpoint):
                _check_json(endpoint, text)

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        return max(min(len(items), _LARGEST_DIGEST), 1)

    def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Request:
        items = latest(message.items) if message.digest else message.items
        text = templates.written(message, items, endpoint, _unchanged)
        body = (message.payload if text is None else text).encode()
        content_type = _JSON if text is None else _content_type(endpoint)
        signature = sign(endpoint.secrets, message_id=message.id, at=at, body=body)
        return Request(
            url=endpoint.url,
            body=body,
            headers=(f"content-type: {content_type}", *(f"{name}: {value}" for name, value in signature.items())),
            deadline=endpoint.timeout,
        )

    def outcome(self, result: HttpResult) -> Outcome:
        return read_outcome(result)


def _unchanged(text: str) -> str:
    return text


def _content_type(endpoint: Endpoint) -> str:
    return endpoint.options.get("content_type", _JSON)


def _check_json(endpoint: Endpoint, text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise wrong(
            endpoint,
            f"its template does not write JSON ({error}). Pass values through tojson: {{{{ item.title|tojson }}}}",
        ) from None
