"""Microsoft Teams: the webhook of a workflow, which takes an Adaptive Card. Its text runs know no markup.

Not every Teams shows a link in a text run as one, so it is the container around the title that can be tapped.
"""

from typing import Any
from zoneinfo import ZoneInfo

from core.exchange import HttpResult
from notifier.channels import wording
from notifier.channels.answers import fields, outcome, refused
from notifier.channels.chat import ChatChannel, Digest, compact
from notifier.channels.checking import check_no_secret, check_url
from notifier.channels.links import link
from notifier.channels.markdown import escaped
from notifier.channels.text import plain, utf16
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_GONE = {
    "WorkflowNotFound": "the workflow was deleted",
    "WorkflowTriggerNotFound": "the workflow has no such trigger any more",
    "WorkflowTriggerIsNotEnabled": "the workflow is switched off",
}
_SUBTLE = {"isSubtle": True, "size": "Small"}


class TeamsChannel(ChatChannel):
    """A message has at most 28 KB; whether in UTF-8 or UTF-16 is not said."""

    rate = Rate(count=60, seconds=60, burst=3)  # four a second, and a flow's own quota below that
    room = 26_000  # bytes of JSON, in that of both encodings which takes more
    text_limit = 24_000
    title_limit = 800
    summary_limit = 2400

    def check_target(self, endpoint: Endpoint) -> None:
        check_url(endpoint, looks_like="https://….logic.azure.com/workflows/…/triggers/manual/paths/invoke?…&sig=…")
        check_no_secret(endpoint)

    def size(self, text: str) -> int:
        return _bytes(text) - _bytes("")

    def raw_size(self, text: str) -> int:
        return self.size(text)

    def escape(self, text: str) -> str:
        return escaped(text)

    def line(self, item: Item) -> Any:
        return self._linked(item, "• ", spacing="Small")

    def weight(self, line: Any) -> int:
        return _bytes(line) + _bytes("")

    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        body = [self._linked(item, "")]
        if item.image and (picture := link(item.image)):
            body.append({"type": "Image", "url": picture, "size": "Stretch", "altText": self.title_of(item)})
        if summary := self.summary_of(item):
            body.append(_runs([_run(summary)]))
        if details := self.details_of(item, zone):
            body.append(_runs([_run(details, **_SUBTLE)]))
        return _card(body, wording.label(item) + self.title_of(item))

    def show_digest(self, digest: Digest) -> dict[str, Any]:
        head = _runs([_run(digest.heading, weight="Bolder", size="Medium")])
        more = [_runs([_run(digest.more, **_SUBTLE)])] if digest.more else []
        return _card([head, *digest.lines, *more], digest.heading)

    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        return _card([{"type": "TextBlock", "text": text, "wrap": True}], plain(message.title))

    def outcome(self, result: HttpResult) -> Outcome:
        said = result.excerpt.decode(errors="replace")
        if result.status is not None and 200 <= result.status < 300:
            # Older webhooks say 200, and in words what went wrong.
            failed = "returned HTTP error" in said or "webhook message delivery failed" in said.lower()
            return refused(result, said, wait=60 if "429" in said else None) if failed else outcome(result)
        error = fields(result).get("error")
        details = error if isinstance(error, dict) else {}
        name = str(details.get("code", ""))
        return refused(result, _GONE.get(name) or str(details.get("message", "")), gone=name in _GONE)

    def _linked(self, item: Item, before: str, **style: str) -> dict[str, Any]:
        said, url = before + wording.label(item), link(item.url)
        title = _run(self.title_of(item), **({} if before else {"size": "Medium", "weight": "Bolder"}))
        if url:
            title["color"] = "Accent"
        block = _runs([_run(said), title] if said else [title], **({} if url else style))
        if not url:
            return block
        return {"type": "Container", "items": [block], "selectAction": {"type": "Action.OpenUrl", "url": url}, **style}


def _bytes(value: object) -> int:
    """How many bytes something takes as JSON in UTF-8 or in UTF-16, whichever are more."""
    encoded = compact(value)
    return max(len(encoded), 2 * utf16(encoded.decode()))


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **style}


def _runs(inlines: list[dict[str, Any]], **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": inlines, **style}


def _card(body: list[dict[str, Any]], fallback: str) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": fallback,
        "msteams": {"width": "Full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}
