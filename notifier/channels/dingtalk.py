"""DingTalk: custom robots of groups, in Markdown, signed in the URL where there is a secret."""

import base64
import hashlib
import hmac
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from core.exchange import HttpResult, Request
from notifier.channels import wording
from notifier.channels.answers import coded_outcome
from notifier.channels.chat import ChatChannel, Digest, compact, json_size, post
from notifier.channels.checking import check_secret, check_url, first_secret, wrong
from notifier.channels.links import link
from notifier.channels.markdown import escaped, linked
from notifier.channels.text import cut_markup, plain
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_SECRET = re.compile(r"SEC[0-9a-zA-Z]{8,128}")
# What its Markdown gives a meaning to within a line.
_SPECIAL = re.compile(r"[\\*_`\[\]<>#~|&]")
_BODY = 20_000  # bytes
_NOTICE = 128  # bytes of what the list of chats shows
_TOO_FAST = {130101, 410100, 660026}
_PAUSE = 600  # seconds: more than 20 a minute, and the robot is silent for ten minutes
_GONE = {
    300001: "the robot's token is unknown",
    300005: "the robot's token is unknown",
    400013: "the group was dissolved",
    400101: "the robot's token is unknown",
    400102: "the robot is switched off",
    400106: "the robot was removed",
}


class DingTalkChannel(ChatChannel):
    """The whole body has at most 20,000 bytes."""

    rate = Rate(count=18, seconds=60, burst=4)  # 20 a minute
    room = 18_500
    text_limit = 18_500
    title_limit = 800

    def check_target(self, endpoint: Endpoint) -> None:
        example = "https://oapi.dingtalk.com/robot/send?access_token=…"
        parts = check_url(endpoint, looks_like=example)
        if "access_token=" not in parts.query:
            raise wrong(endpoint, f"the url holds no access_token. It looks like {example}")
        check_secret(endpoint, _SECRET, "the robot's secret, such as SEC000…", required=False)

    def size(self, text: str) -> int:
        return json_size(self.escape(text))

    def raw_size(self, text: str) -> int:
        return json_size(text)

    def escape(self, text: str) -> str:
        return escaped(text, _SPECIAL)

    def line(self, item: Item) -> Any:
        return f"- {self._linked(item)}"

    def weight(self, line: Any) -> int:
        return json_size(line) + 2

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        parts = [f"### {self._linked(item)}"]
        if item.image and (picture := link(item.image, avoid="()")):
            parts.append(f"![]({picture})")
        if summary := self.summary_of(item):
            parts.append(self.escape(summary))
        if details := self.details_of(item, zone):
            parts.append(f"> {self.escape(details)}")
        return _message(wording.label(item) + self.title_of(item), "\n\n".join(parts))

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        more = f"\n\n{self.escape(digest.more)}" if digest.more else ""
        lines = "\n".join(digest.lines)
        return _message(digest.heading, f"### {self.escape(digest.heading)}\n\n{lines}{more}")

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return _message(plain(text), text)

    def send(self, body: dict[str, Any], endpoint: Endpoint, at: datetime) -> Request:
        url = endpoint.url
        if secret := first_secret(endpoint):
            timestamp = round(at.timestamp() * 1000)
            url += "&" + urlencode({"timestamp": timestamp, "sign": sign(secret, timestamp)})
        return post(url, body, endpoint)

    def outcome(self, result: HttpResult) -> Outcome:
        return coded_outcome(result, "errcode", "errmsg", gone=_GONE, pauses=dict.fromkeys(_TOO_FAST, _PAUSE))

    def _linked(self, item: Item) -> str:
        return self.escape(wording.label(item)) + linked(self.escape(self.title_of(item)), item.url)


def sign(secret: str, timestamp: int) -> str:
    """Return the signature for a time in milliseconds: what is signed holds the secret once more."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _message(title: str, text: str) -> dict[str, Any]:
    shown = cut_markup(title, _NOTICE, lambda part: len(compact(part)))
    return {"msgtype": "markdown", "markdown": {"title": shown, "text": text}, "at": {"isAtAll": False}}
