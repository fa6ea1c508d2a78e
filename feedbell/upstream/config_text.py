"""Upstream feeds as text for feedbell.toml. Pure."""

import json
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from core.text import one_line
from feedbell.upstream.opml import ListedFeed

_LONGEST_NAME = 100


def sections(feeds: Iterable[ListedFeed], taken: Collection[str], *, folders_as_categories: bool) -> Iterator[str]:
    """Yield a `[[sources]]` section for each feed, under a name that none of the `taken` ones is."""
    names = {name.casefold() for name in taken}
    for feed in feeds:
        name = _distinct(_name(feed), names)
        names.add(name.casefold())
        lines = ["[[sources]]", f"name = {quoted(name)}", 'type = "feed"', f"url = {quoted(feed.url)}"]
        if folders_as_categories and feed.folders:
            lines += ["[sources.categories]", f"add = [{', '.join(map(quoted, feed.folders))}]"]
        yield "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Write a basic string of TOML: its escapes are JSON's, but for characters that JSON leaves as they are."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name(feed: ListedFeed) -> str:
    host = (urlsplit(feed.url).hostname or "feed").removeprefix("www.")
    return one_line(feed.title, _LONGEST_NAME) or host


def _distinct(name: str, taken: Collection[str]) -> str:
    wanted, number = name, 1
    while wanted.casefold() in taken:
        number += 1
        wanted = f"{name} {number}"
    return wanted
