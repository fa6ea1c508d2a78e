"""The site's other posts and files, as Liquid asks for them: `post_url`, `link`, `site.posts`."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from feeds.model import NO_STAT, Stat
from feeds.sources.jekyll.paths import PostPaths
from feeds.sources.walk import stat_of

_DATED = re.compile(r"(.+/)?([0-9]+)-([0-9]+)-([0-9]+)-([^/]*)", re.ASCII)
_MOST_FILES = 500_000
_MOST_POSTS = 500  # of `site.posts`
_LARGEST = 5_000_000  # bytes

# What the reader makes of a file: the variables of a post, which hold its `url`; None for what is no post. The bytes
# and the path, relative to the site.
ReadPage = Callable[[str, bytes], Mapping[str, object] | None]


class _Index(NamedTuple):
    """The posts of the site by the names that tags use."""

    by_name: Mapping[str, tuple[str, ...]]  # the file's name without extension
    by_day: Mapping[tuple[int, int, int, str], str]
    folders: Mapping[str, int]  # when they were changed


class SitePosts:
    """Looks things up in one site's folder. The folder is listed when first needed, and again when it changed."""

    def __init__(self, root: str, paths: PostPaths, read_page: ReadPage) -> None:
        self._root = root
        self._paths = paths
        self._read_page = read_page
        self._index: _Index | None = None
        self._pages: dict[str, tuple[Stat, Mapping[str, object] | None]] = {}
        self._lock = Lock()

    def url_of_post(self, name: str) -> str | None:
        """Return the URL, without baseurl, of the post `2021-01-01-name` or `folder/2021-01-01-name`."""
        match = _DATED.fullmatch(name.strip().removeprefix("/"))
        if match is None:
            return None
        path = self._find(match, self._listed(anew=False)) or self._find(match, self._listed(anew=True))
        return self._url(path) if path is not None else None

    def url_of_file(self, path: str) -> str | None:
        """Return the URL, without baseurl, of a post or of a file that Jekyll copies."""
        path = path.removeprefix("/")
        parts = path.split("/")
        if not path or any(part in ("", ".", "..") for part in parts) or "\0" in path:
            return None
        return self._url(path)

    def posts(self) -> Sequence[Mapping[str, object]]:
        """Return the posts that are the newest by the dates in their names, newest first."""
        index = self._listed(anew=True)
        dated = sorted(((day[:3], path) for day, path in index.by_day.items()), reverse=True)
        pages = (self._page(path) for _, path in dated[:_MOST_POSTS])
        return sorted((page for page in pages if page is not None), key=_age, reverse=True)

    def _find(self, match: re.Match[str], index: _Index) -> str | None:
        folder, year, month, day, slug = match.groups()
        stem = match[0].rpartition("/")[2]
        wanted = {f"_posts/{folder or ''}", f"{folder or ''}_posts/"}
        for path in index.by_name.get(stem, ()):
            below = self._paths.in_collections(path)
            if below[: below.rfind("/") + 1] in wanted:
                return path
        numbers = (year, month, day)
        if any(len(number) > 4 for number in numbers):
            return None
        return index.by_day.get((int(year), int(month), int(day), slug))

    def _url(self, path: str) -> str | None:
        page = self._page(path)
        url = page.get("url") if page is not None else None
        return url if isinstance(url, str) else None

    def _page(self, path: str) -> Mapping[str, object] | None:
        stat = self._stat(path)
        if stat == NO_STAT or stat[0] > _LARGEST:
            return None
        known = self._pages.get(path)
        if known is None or known[0] != stat:
            try:
                page = self._read_page(path, Path(self._root, path).read_bytes())
            except OSError:
                page = None
            with self._lock:
                if len(self._pages) > 2 * _MOST_POSTS:
                    self._pages.clear()
                known = self._pages[path] = (stat, page)
        return known[1]

    def _stat(self, path: str) -> Stat:
        """Return the stat of a file within the site."""
        full = os.path.join(self._root, path)
        try:
            inside = os.path.realpath(full).startswith(os.path.realpath(self._root) + os.sep)
            return stat_of(os.stat(full)) if inside and os.path.isfile(full) else NO_STAT
        except (OSError, ValueError):
            return NO_STAT

    def _listed(self, *, anew: bool) -> _Index:
        index = self._index
        if index is None or (anew and any(_changed(folder) != when for folder, when in index.folders.items())):
            with self._lock:
                index = self._index = self._list()
        return index

    def _list(self) -> _Index:
        by_name: dict[str, list[str]] = {}
        by_day: dict[tuple[int, int, int, str], str] = {}
        folders: dict[str, int] = {}
        waiting = [""]
        left = _MOST_FILES
        while waiting:
            folder = waiting.pop()
            full = os.path.join(self._root, folder)
            folders[full] = _changed(full)
            try:
                entries = sorted(os.scandir(full), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries[:left]:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting += [path] if self._paths.enters(path) else []
                elif self._paths.is_post_path(path):
                    stem = entry.name.rpartition(".")[0]
                    by_name.setdefault(stem, []).append(path)
                    if (match := _DATED.fullmatch(stem)) is not None and len(match[2]) <= 4:
                        by_day.setdefault((int(match[2]), int(match[3]), int(match[4]), match[5]), path)
            left -= len(entries)
            if left <= 0:
                break
        return _Index({name: tuple(sorted(found)) for name, found in by_name.items()}, by_day, folders)


def _age(page: Mapping[str, object]) -> tuple[float, str]:
    date = page.get("date")
    return (date.timestamp() if isinstance(date, datetime) else 0.0), str(page.get("path"))


def _changed(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return -1
