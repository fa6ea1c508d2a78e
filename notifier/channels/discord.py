"""Discord: webhooks. Messages go out as embeds, which ping nobody; mentions are switched off besides."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from core.exchange import HttpResult, Request
from notifier.channels import wording
from notifier.channels.answers import code, fields, outcome, refused, seconds
from notifier.channels.chat import ChatChannel, Digest, post
from notifier.channels.checking import check_no_secret, check_url, wrong
from notifier.channels.links import link
from notifier.channels.markdown import escaped, linked
from notifier.channels.text import cut, plain, utf16
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

# What Discord gives a meaning to, and takes a backslash before.
_SPECIAL = re.compile(r"[\\*_~`|>#\-\[\]()<:@!&+]")
_COLOUR = 0x3B6EA8
_COLOURS = {"updated": 0xB7791F, "withdrawn": 0x8A8F98}
_DESCRIPTION, _TITLE, _NAME = 4096, 256, 256
_GONE = {10015: "the webhook was deleted", 10003: "the channel was deleted", 50027: "the webhook's token is invalid"}


class DiscordChannel(ChatChannel):
    """Ten embeds a message, 6000 characters in all, 4096 in a description; counted here as UTF-16, the stricter way."""

    rate = Rate(count=28, seconds=60, burst=4)  # 30 a minute to a webhook, 5 in 2 seconds
    options: ClassVar[Mapping[str, str]] = {"thread_id": "the thread to write to, by its number"}
    room = 5800
    title_limit = _TITLE
    text_limit = 2000

    def check_target(self, endpoint: Endpoint) -> None:
        example = "https://discord.com/api/webhooks/1234567890/…"
        parts = check_url(endpoint, looks_like=example)
        if "/webhooks/" not in parts.path:
            raise wrong(endpoint, f"the url is not a webhook's. It looks like {example}")
        if not endpoint.options.get("thread_id", "0").isdecimal():
            raise wrong(endpoint, "the option 'thread_id' is a number.")
        check_no_secret(endpoint)

    def size(self, text: str) -> int:
        return utf16(self.escape(text))

    def raw_size(self, text: str) -> int:
        return utf16(text)

    def escape(self, text: str) -> str:
        return escaped(text, _SPECIAL)

    def line(self, item: Item) -> Any:
        url = link(item.url, avoid="()*_~';")
        # Discord shows a link whose text is an address as it is written, brackets and all.
        title = linked(self.escape(self.title_of(item)), item.url) if plain(item.title) else url
        return f"• {self.escape(wording.label(item))}{title or self.escape(self.title_of(item))}"

    def weight(self, line: Any) -> int:
        return utf16(line) + 1

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        said = wording.label(item)
        shown = cut(said + wording.title(item), _TITLE, self.size)
        embed: dict[str, Any] = {"title": self.escape(shown), "color": _COLOURS.get(item.kind, _COLOUR)}
        if url := link(item.url):
            embed["url"] = url
        if summary := self.summary_of(item):
            embed["description"] = self.escape(summary)
        if item.published:
            embed["timestamp"] = item.published.isoformat()
        if details := self.details_of(item, zone, time=False):
            embed["footer"] = {"text": details}
        if site := cut(plain(message.title), _NAME, utf16):
            embed["author"] = {"name": site}
        if item.image and (picture := link(item.image)):
            embed["image"] = {"url": picture}
        return _message(embeds=[embed])

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        embeds: list[dict[str, Any]] = [{"title": cut(self.escape(digest.heading), _TITLE, utf16), "color": _COLOUR}]
        for line in digest.lines:
            begun = embeds[-1].get("description")
            joined = f"{begun}\n{line}" if begun else line
            if utf16(joined) <= _DESCRIPTION:
                embeds[-1]["description"] = joined
            else:
                embeds.append({"description": line, "color": _COLOUR})
        if digest.more:
            embeds[-1]["footer"] = {"text": digest.more}
        return _message(embeds=embeds)

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return _message(content=text)

    def send(self, body: dict[str, Any], endpoint: Endpoint, at: datetime) -> Request:
        parts = urlsplit(endpoint.url)
        query = dict(parse_qsl(parts.query)) | {"wait": "true"}
        if thread := endpoint.options.get("thread_id"):
            query["thread_id"] = thread
        return post(urlunsplit(parts._replace(query=urlencode(query))), body, endpoint)

    def outcome(self, result: HttpResult) -> Outcome:
        if result.status is None or 200 <= result.status < 300:
            return outcome(result)
        answer = fields(result)
        said = _GONE.get(code(answer.get("code")) or 0)
        gone = said is not None and result.status in (401, 403, 404)
        return refused(
            result, said or str(answer.get("message", "")), gone=gone, wait=seconds(answer.get("retry_after"))
        )


def _message(**content: Any) -> dict[str, Any]:
    return {**content, "allowed_mentions": {"parse": []}}
