"""Telegram: a bot's sendMessage, in HTML. The bot's token is the secret."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from core.exchange import HttpResult, Request
from notifier.channels import wording
from notifier.channels.answers import fields, outcome, refused, seconds
from notifier.channels.chat import ChatChannel, Digest, post
from notifier.channels.checking import check_secret, check_url, first_secret, wrong
from notifier.channels.links import link
from notifier.channels.text import cut_html, seen, utf16
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_API = "https://api.telegram.org"
_TOKEN = re.compile(r"\d{1,20}:[\w-]{30,}", re.ASCII)
_CHAT = re.compile(r"-?\d{1,20}|@\w{4,}", re.ASCII)
_TEXT = 4096  # UTF-16 code units of what is left once the markup is read
_SOURCE = 30_000  # bytes of markup; beyond 35,000 Telegram cuts it
_WORD_JOINER = "\u2060"
_GONE = ("chat not found", "group chat was upgraded", "group chat was deleted", "user is deactivated")


class TelegramChannel(ChatChannel):
    """A message has 1 to 4096 characters and shows at most 100 links and other entities."""

    rate = Rate(count=18, seconds=60, burst=2)  # 20 a minute to a group, one a second to a chat
    options: ClassVar[Mapping[str, str]] = {
        "chat_id": "the chat to write to, a number or @channelname",
        "thread_id": "the topic of a group with topics, by its number",
    }
    required = ("chat_id",)
    room = _TEXT
    most = 90
    text_limit = _TEXT

    def check_target(self, endpoint: Endpoint) -> None:
        if endpoint.url:
            check_url(endpoint, looks_like=_API)
        check_secret(endpoint, _TOKEN, "the bot's token, such as 123456:ABC-DEF…", required=True)
        if not _CHAT.fullmatch(endpoint.options["chat_id"]):
            raise wrong(endpoint, "the option 'chat_id' is a number or @channelname.")
        if not endpoint.options.get("thread_id", "0").isdecimal():
            raise wrong(endpoint, "the option 'thread_id' is a number.")

    def size(self, text: str) -> int:
        return utf16(text) + text.count("@")

    def raw_size(self, text: str) -> int:
        return utf16(text)

    def escape(self, text: str) -> str:
        # Telegram makes a mention of every @name that it finds, and a name with a joiner before it is none.
        return escape(text, quote=False).replace("@", "@" + _WORD_JOINER)

    def cut_text(self, text: str) -> str:
        return cut_html(text, _TEXT, utf16)

    def line(self, item: Item) -> Any:
        return f"• {self._linked(item)}"

    def weight(self, line: Any) -> int:
        # What is seen and what is sent have limits of their own; here both are shares of the first.
        return max(seen(line, utf16), -(-len(line.encode()) * _TEXT // _SOURCE)) + 1

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        parts = [f"<b>{self._linked(item)}</b>"]
        if summary := self.summary_of(item):
            parts.append(self.escape(summary))
        if details := self.details_of(item, zone):
            parts.append(f"<i>{self.escape(details)}</i>")
        body = _message("\n".join(parts))
        if item.image and (picture := link(item.image)):
            body["link_preview_options"] = {"url": picture, "prefer_large_media": True}
        return body

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        more = (self.escape(digest.more),) if digest.more else ()
        return _message("\n".join((f"<b>{self.escape(digest.heading)}</b>", *digest.lines, *more)))

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return _message(text)

    def send(self, body: dict[str, Any], endpoint: Endpoint, at: datetime) -> Request:
        whole = {"chat_id": endpoint.options["chat_id"], **body}
        if thread := endpoint.options.get("thread_id"):
            whole["message_thread_id"] = int(thread)
        api = (endpoint.url or _API).rstrip("/")
        return post(f"{api}/bot{first_secret(endpoint)}/sendMessage", whole, endpoint)

    def outcome(self, result: HttpResult) -> Outcome:
        answer = fields(result)
        if result.status is None or (200 <= result.status < 300 and answer.get("ok") is not False):
            return outcome(result)
        said = str(answer.get("description", ""))
        parameters = answer.get("parameters")
        details = parameters if isinstance(parameters, dict) else {}
        if moved := details.get("migrate_to_chat_id"):
            said = f"{said}: set chat_id to {moved}"
        unknown = result.status in (401, 403) or (result.status == 404 and bool(answer))
        gone = unknown or any(text in said for text in _GONE)
        return refused(result, said, gone=gone, wait=seconds(details.get("retry_after")))

    def _linked(self, item: Item) -> str:
        title, url = self.escape(self.title_of(item)), link(item.url)
        shown = f'<a href="{escape(url)}">{title}</a>' if url else title
        return self.escape(wording.label(item)) + shown


def _message(text: str) -> dict[str, Any]:
    return {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
