"""ntfy: push messages of plain text, published as JSON."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core.exchange import HttpResult, Request
from notifier.channels import wording
from notifier.channels.answers import code, fields, outcome, refused
from notifier.channels.chat import ChatChannel, Digest, json_size, post
from notifier.channels.checking import check_secret, check_url, first_secret, wrong
from notifier.channels.links import link
from notifier.channels.text import plain
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_SECRET = re.compile(r"tk_\w{10,100}|[^\s:]{1,200}:[^\s]{1,200}", re.ASCII)
# Of a message's JSON the server reads 8192 bytes, and of its text it shows 4096.
_TEXT = 3900
_NEXT = 5  # seconds after which the server has room for one more
_DAILY = 42908
_PAUSES = {_DAILY: 3600, 42909: 60}


class NtfyChannel(ChatChannel):
    """A text has at most 4096 bytes; a longer one would come as a file."""

    rate = Rate(count=115, seconds=300, burst=58)  # 60 at once, then one in 5 seconds
    options: ClassVar[Mapping[str, str]] = {
        "topic": "the topic, where the url does not end with it",
        "priority": "from 1 (lowest) to 5 (highest)",
        "tags": "tags, with commas between; names of emoji are shown as such",
    }
    room = _TEXT
    text_limit = _TEXT
    title_limit = 250
    summary_limit = 1500

    def check_target(self, endpoint: Endpoint) -> None:
        check_url(endpoint, schemes=("https", "http"), looks_like="https://ntfy.sh/TOPIC")
        if not _TOPIC.fullmatch(_topic(endpoint)):
            raise wrong(endpoint, "name the topic: up to 64 letters, digits, - and _, as the url's path or an option.")
        if endpoint.options.get("priority", "3") not in tuple("12345"):
            raise wrong(endpoint, "the option 'priority' is a number from 1 to 5.")
        check_secret(endpoint, _SECRET, "an access token such as tk_… or user:password", required=False)

    def size(self, text: str) -> int:
        return json_size(text)

    def raw_size(self, text: str) -> int:
        return json_size(text)

    def escape(self, text: str) -> str:
        return text

    def line(self, item: Item) -> Any:
        url = link(item.url)
        title = f"• {wording.label(item)}{self.title_of(item)}"
        return f"{title}\n  {url}" if url and plain(item.title) else title

    def weight(self, line: Any) -> int:
        return json_size(line) + 2

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        parts = filter(None, (self.summary_of(item), self.details_of(item, zone)))
        text = "\n".join(parts) or plain(message.title) or self.title_of(item)
        body: dict[str, Any] = {"title": wording.label(item) + self.title_of(item), "message": text}
        if url := link(item.url):
            body["click"] = url
        if item.image and (picture := link(item.image)):
            body["attach"] = picture
        return body

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        more = (digest.more,) if digest.more else ()
        return {"title": digest.heading, "message": "\n".join((*digest.lines, *more))}

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return {"message": text, "markdown": True}

    def send(self, body: dict[str, Any], endpoint: Endpoint, at: datetime) -> Request:
        parts = urlsplit(endpoint.url)
        whole: dict[str, Any] = {"topic": _topic(endpoint), **body}
        if priority := endpoint.options.get("priority"):
            whole["priority"] = int(priority)
        if tags := [tag.strip() for tag in endpoint.options.get("tags", "").split(",") if tag.strip()]:
            whole["tags"] = tags
        headers = (f"authorization: {_authorization(secret)}",) if (secret := first_secret(endpoint)) else ()
        return post(f"{parts.scheme}://{parts.netloc}/", whole, endpoint, headers=headers)

    def outcome(self, result: HttpResult) -> Outcome:
        if result.status is None or 200 <= result.status < 300:
            return outcome(result)
        answer = fields(result)
        said = code(answer.get("code")) or 0
        wait = _PAUSES.get(said, _NEXT) if result.status == 429 and not result.retry_after else None
        return refused(result, str(answer.get("error", "")), wait=wait)


def _topic(endpoint: Endpoint) -> str:
    return endpoint.options.get("topic") or urlsplit(endpoint.url).path.strip("/")


def _authorization(secret: str) -> str:
    if ":" in secret:
        return f"Basic {base64.b64encode(secret.encode()).decode()}"
    return f"Bearer {secret}"
