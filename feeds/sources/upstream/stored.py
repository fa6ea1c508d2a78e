"""Items of upstream feeds as they are kept: JSON and back."""

from datetime import datetime
from typing import Any

import orjson

from feeds.model import Author, Enclosure
from feeds.sources.upstream.model import UpstreamItem


def write_item(item: UpstreamItem) -> str:
    """Return an item as JSON."""
    return orjson.dumps(item).decode()


def read_item(text: str) -> UpstreamItem:
    """Return an item from its JSON."""
    found: dict[str, Any] = orjson.loads(text)
    return UpstreamItem(
        **found
        | {
            "published": _moment(found["published"]),
            "updated": _moment(found["updated"]),
            "authors": tuple(Author(**one) for one in found["authors"]),
            "categories": tuple(found["categories"]),
            "enclosures": tuple(Enclosure(**one) for one in found["enclosures"]),
        }
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
