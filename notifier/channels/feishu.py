"""Feishu and Lark: custom bots of groups. Messages go out as rich text of elements, in which nothing is markup."""

import base64
import hashlib
import hmac
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.exchange import HttpResult, Request
from notifier.channels import wording
from notifier.channels.answers import coded_outcome, fields
from notifier.channels.chat import ChatChannel, Digest, compact, json_size, post
from notifier.channels.checking import check_secret, check_url, first_secret, wrong
from notifier.channels.links import link
from notifier.channels.text import plain
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_SECRET = re.compile(r"[0-9a-zA-Z_-]{8,128}")
# Cards take HTML's numeric entities for what their Markdown gives a meaning to.
_SPECIAL = re.compile(r"[&<>*_~`\[\]()#!\\$|:+-]")
_GONE = {19001: "the bot was removed"}
_TOO_FAST = dict.fromkeys((11232, 99991400), 60)  # seconds; the service counts by the minute
_BAD_REQUEST = 9499


class FeishuChannel(ChatChannel):
    """The whole body has at most 20 KB."""

    rate = Rate(count=90, seconds=60, burst=4)  # 100 a minute, 5 a second
    room = 18_500  # bytes of JSON
    text_limit = 18_500

    def check_target(self, endpoint: Endpoint) -> None:
        example = "https://open.feishu.cn/open-apis/bot/v2/hook/…"
        parts = check_url(endpoint, looks_like=example)
        if "/bot/v2/hook/" not in parts.path:
            raise wrong(endpoint, f"the url is not a custom bot's. It looks like {example}")
        check_secret(endpoint, _SECRET, "the bot's signing secret", required=False)

    def size(self, text: str) -> int:
        return json_size(text)

    def raw_size(self, text: str) -> int:
        return json_size(text)

    def escape(self, text: str) -> str:
        return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)

    def line(self, item: Item) -> Any:
        return [_text("• "), *self._linked(item)]

    def weight(self, line: Any) -> int:
        return len(compact(line)) + 1

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        paragraphs = [self._linked(item)]
        paragraphs += [[_text(text)] for text in (self.summary_of(item), self.details_of(item, zone)) if text]
        return _post(plain(message.title), paragraphs)

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        more = [[_text(digest.more)]] if digest.more else []
        return _post(digest.heading, [*digest.lines, *more])

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        card = {"config": {"wide_screen_mode": True}, "elements": [{"tag": "markdown", "content": text}]}
        return {"msg_type": "interactive", "card": card}

    def send(self, body: dict[str, Any], endpoint: Endpoint, at: datetime) -> Request:
        if secret := first_secret(endpoint):
            timestamp = int(at.timestamp())
            body = {"timestamp": str(timestamp), "sign": sign(secret, timestamp), **body}
        return post(endpoint.url, body, endpoint)

    def outcome(self, result: HttpResult) -> Outcome:
        pauses = dict(_TOO_FAST)
        if "too many" in str(fields(result).get("msg", "")).lower():
            # The same code is said of a body that cannot be read.
            pauses[_BAD_REQUEST] = 60
        return coded_outcome(result, "code", "msg", gone=_GONE, pauses=pauses)

    def _linked(self, item: Item) -> list[dict[str, Any]]:
        said, url, title = wording.label(item), link(item.url), self.title_of(item)
        element = {"tag": "a", "text": title, "href": url} if url else _text(title)
        return [_text(said), element] if said else [element]


def sign(secret: str, timestamp: int) -> str:
    """Return the signature for a time in seconds: here the key is what others sign, and nothing is signed."""
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _text(text: str) -> dict[str, Any]:
    return {"tag": "text", "text": text}


def _post(title: str, paragraphs: list[Any]) -> dict[str, Any]:
    return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": title, "content": paragraphs}}}}
