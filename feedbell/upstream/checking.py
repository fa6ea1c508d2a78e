"""Read upstream feeds as polls do, and keep nothing of it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from feedbell.upstream.answers import Failed, Read
from feedbell.upstream.asking import Asked, Asking
from feeds.model import Draft
from feeds.sources.upstream.source import UpstreamSource, by_path
from feeds.store.upstreams import Upstream

logger = logging.getLogger(__name__)

_LONGEST_WAIT = 60.0  # seconds until the next look at what is under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a feed has, or why it has nothing."""

    source: str
    drafts: Sequence[Draft] = ()
    error: str | None = None
    notice: str | None = None  # something odd, although it was read


def check_feeds(asking: Asking, sources: Mapping[str, UpstreamSource], now: datetime) -> Iterator[Checked]:
    """Ask each feed once, and yield what it has as soon as it has answered."""
    asking.ask([_never_polled(source, now) for source in sources.values()])
    while asking.under_way:
        for asked in asking.gather(_LONGEST_WAIT):
            yield _checked(asked, sources[asked.upstream.name], now)


def _checked(asked: Asked, source: UpstreamSource, now: datetime) -> Checked:
    match asked.meaning:
        case Failed(reason=reason):
            return Checked(source=source.name, error=reason)
        case Read(document=document):
            home_url = document.home_url or ""
            try:
                drafts = [
                    source.draft(item, path, now, language=document.language, home_url=home_url)
                    for path, item in by_path(document.items).items()
                ]
            # The edge of the loop: one feed must not keep the others from being checked.
            except Exception as error:
                logger.debug("check-failed", exc_info=True)
                return Checked(source=source.name, error=f"Feedbell failed ({type(error).__name__}); please report it")
            return Checked(source=source.name, drafts=drafts, notice=document.notice)
    return Checked(source=source.name)


def _never_polled(source: UpstreamSource, now: datetime) -> Upstream:
    nothing: dict[str, Any] = dict.fromkeys(one.name for one in fields(Upstream))
    known: dict[str, Any] = {"name": source.name, "configured_url": source.url, "url": source.url, "next_poll_at": now}
    return Upstream(**{**nothing, **known, "source_id": 0, "failures": 0, "item_hashes": ()})
