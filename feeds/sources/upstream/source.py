"""An upstream feed as a source: what its items are as posts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from core.digest import digest
from feeds.model import Body, Draft
from feeds.selections import seen_text
from feeds.sources.completion import Completion
from feeds.sources.fields import first_text, tidy
from feeds.sources.upstream.categories import CategoryMap
from feeds.sources.upstream.identity import entry_id, item_keys
from feeds.sources.upstream.model import UpstreamItem
from feeds.sources.upstream.stored import write_item
from feeds.urls import percent_encoded

_LONGEST_ID = 1000  # characters
_TITLE = 500
_UNTITLED = "Untitled"
# A date ahead by more than this is a mistake, or meant to stand first for ever.
_TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSource:
    """How the owner wants one upstream feed read."""

    name: str
    url: str
    listed: bool = True
    max_new: int = 100  # posts of one answer that others are told of
    wait: timedelta | None = None  # between two polls, whatever the feed says
    categories: CategoryMap = field(default_factory=CategoryMap)
    completion: Completion = field(default_factory=Completion)

    @property
    def fingerprint(self) -> str:
        """What every reading depends on beside the item itself."""
        rules = self.categories
        parts = (_VERSION, self.listed, rules.rename, rules.drop, rules.add, rules.as_tags)
        return digest(repr((*parts, self.completion.fingerprint)).encode())

    def draft(self, item: UpstreamItem, path: str, now: datetime, *, language: str | None, home_url: str) -> Draft:
        """Return an item as a post.

        `path` is its place in the source (see `by_path`); `language` and `home_url` are the feed's, for items that say
        none. A date that is missing or lies ahead counts as now, at first sight only.
        """
        url = percent_encoded(item.link or self._page_without_link(item, home_url))
        dated = item.published if item.published is not None and item.published <= now + _TOLERANCE else None
        categories = self.categories.applied(item.categories)
        draft = Draft(
            path=path,
            source_key=path,
            entry_id=entry_id(item, path, self.url)[:_LONGEST_ID],
            url=url,
            title=title_of(item),
            published=min(dated or now, now),
            updated=_updated(item, dated, now),
            categories=() if self.categories.as_tags else categories,
            tags=categories if self.categories.as_tags else (),
            authors=item.authors,
            summary=item.summary,
            image=item.image,
            language=item.language or language,
            content_hash=content_hash(item),
            meaning_hash=_meaning(item, categories),
            dated=dated is not None,
            listed=self.listed,
        )
        return self.completion.completed(draft, lambda: item.html)

    def _page_without_link(self, item: UpstreamItem, home_url: str) -> str:
        enclosure = next((one.url for one in item.enclosures), None)
        return enclosure or home_url or self.url


_VERSION = 1  # grows when the same item becomes another post


def by_path(items: Sequence[UpstreamItem]) -> dict[str, UpstreamItem]:
    """Return the items of a feed by their places in the source."""
    return dict(zip(item_keys(items), items, strict=True))


def title_of(item: UpstreamItem) -> str:
    """Return what readers see as the title: its own, else the beginning of its text, else the end of its address."""
    if item.title:
        return tidy(item.title, _TITLE)
    path = urlsplit(item.link or "").path.rstrip("/").rpartition("/")[2]
    return first_text(item.html) or tidy(item.summary or "", 80) or tidy(path, 80) or _UNTITLED


def body_of(item: UpstreamItem) -> Body:
    """Return an item's text. It is HTML of strangers, as all bodies are until they are sanitised."""
    return Body(
        html=item.html,
        text=item.html,
        enclosures=item.enclosures,
        base_url=item.base_url or None,
        via=item.via or item.link,
    )


def content_hash(item: UpstreamItem) -> str:
    """Return a digest of everything that an item says but for its id, which some feeds make anew at every fetch."""
    return digest(write_item(replace(item, guid=None)).encode())


def _updated(item: UpstreamItem, published: datetime | None, now: datetime) -> datetime | None:
    if item.updated is None or item.updated > now + _TOLERANCE or (published and item.updated <= published):
        return None
    return min(item.updated, now)


def _meaning(item: UpstreamItem, categories: Sequence[str]) -> str:
    """Hash what a reader sees. Where it is dated and how its HTML is written are not among it."""
    seen = [item.title, item.link or "", *categories, "", item.summary or "", item.image or ""]
    seen += [one.url for one in item.enclosures]
    return digest("\x1f".join(seen).encode(), b"\x1e", seen_text(item.html).encode())
