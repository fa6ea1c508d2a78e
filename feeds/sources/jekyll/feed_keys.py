"""The keys of jekyll-feed 0.17 in `_config.yml`, and where its feeds stand."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from feeds.sources.fields import is_true, text_of
from feeds.sources.jekyll.words import texts
from feeds.yaml_text import Node, Scalar

_POSTS = "posts"
_TAGS_PATH = "/feed/by_tag/"
_SLASHES = re.compile("//+")
# jekyll-feed makes a feed for no other tag.
_PLAIN_TAG = re.compile(r"[A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFeeds:
    """What `feed.collections` says of a collection other than the posts."""

    label: str
    path: str | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKeys:
    """What stands below `feed`. The defaults are jekyll-feed's."""

    path: str | None = None  # of the site's own feed, as written
    posts_limit: int = 10
    excerpt_only: bool = False
    categories: tuple[str, ...] = ()
    collections: tuple[CollectionFeeds, ...] = ()
    by_tag: bool = False
    only_tags: tuple[str, ...] | None = None  # None: every tag of the site
    except_tags: tuple[str, ...] = ()
    tags_path: str = _TAGS_PATH

    @property
    def labels(self) -> tuple[str, ...]:
        """The collections that have feeds of their own, without the posts."""
        return tuple(found.label for found in self.collections)


class FeedOf(NamedTuple):
    """What one of jekyll-feed's files shows; without category and tag everything of its set."""

    feed_set: str = ""  # empty for the posts, else a collection's label
    category: str | None = None
    tag: str | None = None


def read_feed_keys(node: Node | None) -> FeedKeys:
    """Read the value of `feed`; what jekyll-feed could not use counts as missing."""
    if not isinstance(node, dict):
        return FeedKeys()
    named = dict(_collections(node.get("collections")))
    posts = named.pop(_POSTS, {})
    tags = node.get("tags")
    tag_keys = tags if isinstance(tags, dict) else {}
    return FeedKeys(
        path=text_of(posts, "path") or text_of(node, "path"),
        posts_limit=_limit(node.get("posts_limit")),
        excerpt_only=is_true(node.get("excerpt_only")),
        categories=texts(posts.get("categories")) or texts(node.get("categories")),
        collections=tuple(
            CollectionFeeds(label=label, path=text_of(keys, "path"), categories=texts(keys.get("categories")))
            for label, keys in named.items()
        ),
        by_tag=isinstance(tags, dict) or is_true(tags),
        only_tags=texts(tag_keys["only"]) if "only" in tag_keys else None,
        except_tags=texts(tag_keys.get("except")),
        tags_path=text_of(tag_keys, "path") or _TAGS_PATH,
    )


def feed_paths(keys: FeedKeys, tags: Iterable[str] = ()) -> dict[FeedOf, str]:
    """Return where jekyll-feed puts each feed of a site whose posts have `tags`, relative to the site's root."""
    paths = {FeedOf(): keys.path or "/feed.xml"}
    paths.update({FeedOf(category=category): f"/feed/{category}.xml" for category in keys.categories})
    for found in keys.collections:
        paths[FeedOf(found.label)] = found.path or f"/feed/{found.label}.xml"
        for category in found.categories:
            paths[FeedOf(found.label, category)] = f"/feed/{found.label}/{category}.xml"
    paths.update({FeedOf(tag=tag): f"{keys.tags_path}{tag}.xml" for tag in _chosen_tags(keys, list(tags))})
    return {feed: _on_disk(path) for feed, path in paths.items()}


def _chosen_tags(keys: FeedKeys, tags: list[str]) -> Iterator[str]:
    if not keys.by_tag or not tags:
        return
    for tag in tags if keys.only_tags is None else keys.only_tags:
        if tag not in keys.except_tags and _PLAIN_TAG.fullmatch(tag) is not None:
            yield tag


def _on_disk(path: str) -> str:
    """Return where Jekyll writes a page of this path: nothing leads upwards, and a folder gets an index."""
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if dot and stem:
        path = f"{folder}{slash}{stem.rstrip('.')}.{extension}"
    path = f"/{path}".replace("..", "/").replace("./", "")
    path = _SLASHES.sub("/", path)[1:]
    return f"{path}index.html" if path.endswith("/") or not path else path


def _collections(node: Node | None) -> Iterator[tuple[str, Mapping[str, Node]]]:
    if isinstance(node, dict):
        for label, keys in node.items():
            yield label, keys if isinstance(keys, dict) else {}
    elif isinstance(node, list):
        for label in texts(node):
            yield label, {}


def _limit(node: Node | None) -> int:
    if not isinstance(node, Scalar) or re.fullmatch(r"[0-9]{1,9}", node.text, re.ASCII) is None:
        return 10
    return int(node.text)
