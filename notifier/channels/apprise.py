"""Everything that Apprise knows, from Matrix to text messages. It is an optional extra, and sends by itself."""

import importlib
import logging
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from core.errors import ConfigurationError
from notifier import templates
from notifier.channels import wording
from notifier.channels.checking import check_no_secret, check_options, wrong
from notifier.channels.digest import fitting, latest
from notifier.channels.links import link
from notifier.channels.text import cut, cut_markup, plain, utf8
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_TITLE = 200  # characters
_TEXT = 30_000  # bytes; what a service takes may be less
_BESIDE = 100  # bytes for what stands below a digest


class AppriseChannel:
    """The endpoint's url is Apprise's own, such as `matrixs://token@host/#room`; it is the secret."""

    rate: Rate | None = None
    options: ClassVar[Mapping[str, str]] = {}
    required: tuple[str, ...] = ()

    def check(self, endpoint: Endpoint) -> None:
        check_options(endpoint, self.options, self.required)
        check_no_secret(endpoint)
        if _opened(endpoint.url) is None:
            raise wrong(endpoint, "Apprise does not know the url. See https://github.com/caronc/apprise/wiki")
        templates.check(endpoint, _unchanged)

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        room = _room(_opened(endpoint.url))
        if endpoint.digest_template is None:
            return _fitting(items, room)
        return templates.fitting(items, endpoint, _unchanged, lambda text: utf8(text) <= room)

    def send(self, message: Message, endpoint: Endpoint) -> Outcome:
        started = time.monotonic()
        service = _opened(endpoint.url)
        if service is None:
            return Outcome(status=None, error="bad-url", reason="Apprise does not know the url")
        title, body = _text(message, endpoint, _room(service))
        taken = service.notify(title=title, body=body)
        latency = round((time.monotonic() - started) * 1000)
        if taken:
            return Outcome(status=200, latency_ms=latency)
        return Outcome(status=None, error="apprise", reason="the service did not take it", latency_ms=latency)


@cache
def _library() -> Any:
    with warnings.catch_warnings():
        # What it warns of on loading is its own affair.
        warnings.simplefilter("ignore")
        try:
            library = importlib.import_module("apprise")
        except ImportError:
            raise ConfigurationError("the channel apprise needs a package: pip install 'feedbell[apprise]'") from None
        # It logs URLs, which are secrets.
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        # The first URL loads its services.
        library.Apprise.instantiate("json://localhost")
    return library


def _opened(url: str) -> Any:
    """Apprise's object for a URL, or None for one that it does not know."""
    library = _library()
    return library.Apprise.instantiate(url, asset=library.AppriseAsset(async_mode=False), suppress_exceptions=True)


def _room(service: Any) -> int:
    longest = getattr(service, "body_maxlen", 0) or _TEXT
    return min(int(longest), _TEXT)


def _text(message: Message, endpoint: Endpoint, room: int) -> tuple[str, str]:
    """The title and the text."""
    items = latest(message.items) if message.digest else message.items
    written = templates.written(message, items, endpoint, _unchanged)
    if message.digest:
        title = cut(wording.heading(message, items), _TITLE)
        count = _fitting(items, room)
        left = [wording.words_for(items).more.format(len(items) - count)] if len(items) > count else []
        body = "\n".join((*map(_line, items[:count]), *left))
    else:
        item = items[0]
        title = wording.label(item) + cut(wording.title(item), _TITLE)
        body = "\n".join(filter(None, (plain(item.summary), link(item.url), wording.details(item, endpoint.zone))))
    return title, cut_markup(body or title if written is None else written, room, utf8)


def _line(item: Item) -> str:
    return f"• {wording.label(item)}{cut(wording.title(item), _TITLE)} {link(item.url)}".rstrip()


def _fitting(items: Sequence[Item], room: int) -> int:
    return fitting(items, lambda item: utf8(_line(item)) + 1, room=room - _BESIDE, most=len(items))


def _unchanged(text: str) -> str:
    return text
