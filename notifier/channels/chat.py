"""What channels to chat services have in common: a message for one item, a digest for several, a template's text."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from core.exchange import HttpResult, Mail, Request
from notifier import templates
from notifier.channels import wording
from notifier.channels.answers import outcome
from notifier.channels.checking import check_options
from notifier.channels.digest import fitting, latest
from notifier.channels.text import cut, cut_markup, plain
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

HEADING = 200  # what the words above and below a digest take at most, in the service's own measure
MORE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest as it is shown."""

    heading: str
    lines: tuple[Any, ...]  # as the channel's `line` makes them
    more: str  # how many items are not shown, or empty


class ChatChannel(ABC):
    """A channel shows a message within `room`, and cuts a template's text at `text_limit`, both as `size` measures."""

    rate: Rate | None = None
    reads_items = True
    options: ClassVar[Mapping[str, str]] = {}
    required: tuple[str, ...] = ()
    room: int
    most = 100  # items of a digest
    text_limit: int
    title_limit = 400  # of a title, as `size` measures
    summary_limit = 1200

    def check(self, endpoint: Endpoint) -> None:
        check_options(endpoint, self.options, self.required)
        self.check_target(endpoint)
        templates.check(endpoint, self.escape)

    @abstractmethod
    def check_target(self, endpoint: Endpoint) -> None:
        """Raise ConfigurationError unless url, secret and the options' values are as the service wants them."""

    @abstractmethod
    def size(self, text: str) -> int:
        """Return what a plain text takes of the service's limits once it is escaped."""

    @abstractmethod
    def escape(self, text: str) -> str:
        """Return the plain text in the markup of the service's templates, so that it shows as it is."""

    @abstractmethod
    def line(self, item: Item) -> Any:
        """Return an item as it stands in a digest."""

    @abstractmethod
    def weight(self, line: Any) -> int:
        """Return what a line takes of `room`."""

    @abstractmethod
    def show_item(self, item: Item, message: Message, zone: ZoneInfo) -> dict[str, Any]:
        """Return the body for a message about one item."""

    @abstractmethod
    def show_digest(self, digest: Digest) -> dict[str, Any]:
        """Return the body for several items."""

    @abstractmethod
    def show_text(self, text: str, message: Message) -> dict[str, Any]:
        """Return the body for a template's text."""

    def raw_size(self, text: str) -> int:
        """Return what a template's text takes of `text_limit`."""
        return len(text.encode())

    def cut_text(self, text: str) -> str:
        """Return a template's text cut to `text_limit`."""
        return cut_markup(text, self.text_limit, self.raw_size)

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        if endpoint.digest_template is None:
            return fitting(items, lambda item: self.weight(self.line(item)), room=self._for_lines(), most=self.most)

        def fits(text: str) -> bool:
            return text == self.cut_text(text)

        return templates.fitting(items[: self.most], endpoint, self.escape, fits)

    def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Request | Mail:
        written = self._written(message, endpoint)
        if written is not None:
            body = self.show_text(self.cut_text(written), message)
        elif message.digest:
            body = self.show_digest(self._digest(message))
        else:
            body = self.show_item(message.items[0], message, endpoint.zone)
        return self.send(body, endpoint, at)

    def send(self, body: dict[str, Any], endpoint: Endpoint, at: datetime) -> Request:
        """Return the request that carries a body."""
        return post(endpoint.url, body, endpoint)

    def outcome(self, result: HttpResult) -> Outcome:
        return outcome(result)

    def title_of(self, item: Item) -> str:
        """Return the item's title, cut."""
        return cut(wording.title(item), self.title_limit, self.size)

    def summary_of(self, item: Item, limit: int | None = None) -> str:
        """Return the item's summary, cut to the limit or the usual one."""
        return cut(plain(item.summary), self.summary_limit if limit is None else limit, self.size)

    def details_of(self, item: Item, zone: ZoneInfo, *, time: bool = True) -> str:
        """Return the line of categories, authors and time, cut."""
        return cut(wording.details(item, zone, time=time), HEADING, self.size)

    def _written(self, message: Message, endpoint: Endpoint) -> str | None:
        items = latest(message.items) if message.digest else message.items
        return templates.written(message, items, endpoint, self.escape)

    def _for_lines(self) -> int:
        return self.room - HEADING - MORE

    def _digest(self, message: Message) -> Digest:
        items = latest(message.items)
        count = fitting(items, lambda item: self.weight(self.line(item)), room=self._for_lines(), most=self.most)
        left = len(items) - count
        more = wording.words_for(items).more.format(left) if left > 0 else ""
        return Digest(
            heading=cut(wording.heading(message, items), HEADING, self.size),
            lines=tuple(self.line(item) for item in items[:count]),
            more=cut(more, MORE, self.size),
        )


def compact(value: object) -> bytes:
    """Return JSON in as few bytes as can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_size(text: str) -> int:
    """Return how many bytes a text takes within JSON, without the quotation marks around it."""
    return len(compact(text)) - 2


def post(url: str, body: object, endpoint: Endpoint, *, headers: tuple[str, ...] = ()) -> Request:
    """Return the request that posts JSON."""
    return Request(
        url=url,
        body=compact(body),
        headers=("content-type: application/json; charset=utf-8", *headers),
        deadline=endpoint.timeout,
    )
