"""WeCom (企业微信): robots of groups, in its small Markdown."""

from typing import Any
from zoneinfo import ZoneInfo

from core.exchange import HttpResult
from notifier.channels import wording
from notifier.channels.answers import coded_outcome
from notifier.channels.chat import ChatChannel, Digest
from notifier.channels.checking import check_no_secret, check_url, wrong
from notifier.channels.markdown import linked
from notifier.channels.text import utf8
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

# It knows no escapes, and <@all> calls everybody: the wide forms of these characters mean nothing to it.
_WIDE = str.maketrans("<>[]*`", "＜＞［］＊｀")
_CONTENT = 4096  # bytes of UTF-8
_GONE = {93000: "the robot was removed"}
_TOO_FAST = {45009: 60, 45033: 60}  # seconds; the service counts by the minute


class WeComChannel(ChatChannel):
    """A message has at most 4096 bytes, of which a Chinese character takes three."""

    rate = Rate(count=18, seconds=60, burst=4)  # 20 a minute
    room = _CONTENT
    text_limit = _CONTENT
    title_limit = 600

    def check_target(self, endpoint: Endpoint) -> None:
        example = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…"
        parts = check_url(endpoint, looks_like=example)
        if "key=" not in parts.query:
            raise wrong(endpoint, f"the url holds no key. It looks like {example}")
        check_no_secret(endpoint)

    def size(self, text: str) -> int:
        return utf8(self.escape(text))

    def raw_size(self, text: str) -> int:
        return utf8(text)

    def escape(self, text: str) -> str:
        return text.translate(_WIDE)

    def line(self, item: Item) -> Any:
        return f"• {self._linked(item)}"

    def weight(self, line: Any) -> int:
        return utf8(line) + 1

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        title = self._linked(item)
        details = self.details_of(item, zone)
        below = f'\n<font color="comment">{self.escape(details)}</font>' if details else ""
        # A long address leaves less room for the summary.
        room = min(self.summary_limit, self.room - utf8(title + below) - 1)
        summary = self.summary_of(item, room)
        return _message(title + (f"\n{self.escape(summary)}" if summary else "") + below)

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        more = (self.escape(digest.more),) if digest.more else ()
        return _message("\n".join((f"**{self.escape(digest.heading)}**", *digest.lines, *more)))

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return _message(text)

    def outcome(self, result: HttpResult) -> Outcome:
        return coded_outcome(result, "errcode", "errmsg", gone=_GONE, pauses=_TOO_FAST)

    def _linked(self, item: Item) -> str:
        return wording.label(item) + linked(self.escape(self.title_of(item)), item.url)


def _message(content: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": content}}
