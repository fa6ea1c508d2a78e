"""The few words of our own in messages, in English and Chinese. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from notifier.channels.text import plain
from notifier.model import Item, Message

_SEPARATOR = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`labels` are by the kind of an item; the rest takes a number of posts."""

    labels: dict[str, str]
    one_new: str
    many_new: str
    one: str
    many: str
    more: str
    colon: str


_ENGLISH = Words(
    labels={"updated": "Updated", "withdrawn": "Withdrawn"},
    one_new="1 new post",
    many_new="{} new posts",
    one="1 post",
    many="{} posts",
    more="and {} more",
    colon=": ",
)
_CHINESE = Words(
    labels={"updated": "已更新", "withdrawn": "已撤回"},
    one_new="1 篇新文章",
    many_new="{} 篇新文章",
    one="1 篇文章",
    many="{} 篇文章",
    more="还有 {} 篇",
    colon="：",
)


def words_for(items: Sequence[Item]) -> Words:
    """Return the words of the language that most of the items are in."""
    languages = Counter((item.language or "").lower()[:2] for item in items)
    return _CHINESE if languages["zh"] * 2 > len(items) else _ENGLISH


def heading(message: Message, items: Sequence[Item]) -> str:
    """Return what stands above a digest of the items."""
    words, count = words_for(items), len(items)
    if all(item.kind == "published" for item in items):
        counted = words.one_new if count == 1 else words.many_new.format(count)
    else:
        counted = words.one if count == 1 else words.many.format(count)
    site = plain(message.title)
    return f"{site}{words.colon}{counted}" if site else counted


def label(item: Item) -> str:
    """Return what an item's title is preceded by, with its colon: empty for a new post and for notices."""
    words = words_for([item])
    said = words.labels.get(item.kind)
    return f"{said}{words.colon}" if said else ""


def title(item: Item) -> str:
    """Return an item's title as one line; an item without one is named by its address."""
    return plain(item.title) or plain(item.url) or plain(item.source) or "—"


def details(item: Item, zone: ZoneInfo, *, time: bool = True) -> str:
    """Return the line of an item's categories, authors and time, as far as they are known."""
    parts = [", ".join(filter(None, map(plain, values))) for values in (item.categories, item.authors)]
    if time and item.published:
        parts.append(f"{item.published.astimezone(zone):%Y-%m-%d %H:%M}")
    return _SEPARATOR.join(filter(None, parts))
