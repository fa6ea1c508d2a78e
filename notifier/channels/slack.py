"""Slack: incoming webhooks. Texts go out as rich text blocks, in which nothing is markup and nobody is pinged."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from core.exchange import HttpResult
from notifier.channels import wording
from notifier.channels.answers import outcome, refused
from notifier.channels.chat import ChatChannel, Digest, compact, json_size
from notifier.channels.checking import check_no_secret, check_url
from notifier.channels.links import link
from notifier.channels.text import cut, utf16
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_HEADER = 150  # characters of a header block
# The webhook, its app, its channel or its workspace is no more. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
_GONE = {
    "channel_is_archived": "the channel is archived",
    "channel_not_found": "the channel is not there any more",
    "invalid_token": "the webhook was revoked",
    "no_active_hooks": "the webhook is disabled",
    "no_service": "the webhook was removed",
    "no_service_id": "the webhook was removed",
    "no_team": "the workspace is not there any more",
    "team_disabled": "the workspace is disabled",
}


class SlackChannel(ChatChannel):
    """Slack names 50 blocks and 3000 characters a text; beyond some 13,000 characters of blocks in all it refuses."""

    rate = Rate(count=55, seconds=60, burst=2)  # one a second, short bursts tolerated
    room = 11_000  # bytes of JSON
    text_limit = 2900

    def check_target(self, endpoint: Endpoint) -> None:
        check_url(endpoint, looks_like="https://hooks.slack.com/services/T…/B…/…")
        check_no_secret(endpoint)

    def size(self, text: str) -> int:
        return json_size(text)

    def raw_size(self, text: str) -> int:
        return utf16(text)

    def escape(self, text: str) -> str:
        return text.translate(_ESCAPES)

    def line(self, item: Item) -> Any:
        return {"type": "rich_text_section", "elements": self._linked(item)}

    def weight(self, line: Any) -> int:
        return len(compact(line)) + 1

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        elements = self._linked(item)
        if summary := self.summary_of(item):
            elements = [*elements, _text("\n" + summary)]
        blocks: list[Mapping[str, Any]] = [_rich({"type": "rich_text_section", "elements": elements})]
        if details := self.details_of(item, zone):
            blocks.append({"type": "context", "elements": [_plain(details)]})
        body = self._message(wording.label(item) + self.title_of(item), blocks)
        if item.image and (picture := link(item.image)):
            # Slack refuses a message with an image block that it cannot load; an attachment's picture it leaves out.
            body["attachments"] = [{"fallback": self.escape(self.title_of(item)), "image_url": picture}]
        return body

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        blocks: list[Mapping[str, Any]] = [
            {"type": "header", "text": _plain(cut(digest.heading, _HEADER))},
            _rich({"type": "rich_text_list", "style": "bullet", "elements": list(digest.lines)}),
        ]
        if digest.more:
            blocks.append({"type": "context", "elements": [_plain(digest.more)]})
        return self._message(digest.heading, blocks)

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return self._message(text, [{"type": "section", "text": {"type": "mrkdwn", "text": text}}], escaped=True)

    def outcome(self, result: HttpResult) -> Outcome:
        if result.status is None or 200 <= result.status < 300:
            return outcome(result)
        said = result.excerpt.decode(errors="replace").strip()
        return refused(result, _GONE.get(said, said), gone=said in _GONE)

    def _linked(self, item: Item) -> list[Mapping[str, Any]]:
        said, url = wording.label(item), link(item.url)
        title: Mapping[str, Any] = {"text": self.title_of(item), "style": {"bold": True}}
        element = {"type": "link", "url": url, **title} if url else {"type": "text", **title}
        return [_text(said), element] if said else [element]

    def _message(self, fallback: str, blocks: list[Mapping[str, Any]], *, escaped: bool = False) -> dict[str, Any]:
        text = fallback if escaped else self.escape(fallback)  # what notifications show
        return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _text(text: str) -> Mapping[str, Any]:
    return {"type": "text", "text": text}


def _plain(text: str) -> Mapping[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _rich(element: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "rich_text", "elements": [element]}
