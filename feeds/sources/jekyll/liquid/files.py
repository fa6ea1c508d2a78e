"""The site's own files that Liquid reads: includes and data. Nothing outside the site, nothing large, nothing twice."""

import csv
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from threading import Lock
from typing import NamedTuple, TypeVar

from feeds.model import Stat
from feeds.sources.jekyll.liquid.psych import ruby_value
from feeds.yaml_text import Fault, read_yaml

_MOST_FILES = 2_000
_DEEPEST = 8
_DATA_SIZE = 2_000_000
_DATA_VALUES = 100_000
_DATA_DEPTH = 40
_ENDINGS = (".yaml", ".yml", ".json", ".csv", ".tsv")
_NOT_IN_KEYS = re.compile(r"[^\w\s-]+", re.ASCII)
_SPACES = re.compile(r"\s+")
_T = TypeVar("_T")


def template_files(root: str, folders: tuple[str, ...] = ("_includes", "_data")) -> list[str]:
    """Return the relative paths, sorted, of the files whose change makes every post with Liquid render anew.

    At most 2,000, eight folders deep; links are passed over.
    """
    found: list[str] = []
    for folder in folders:
        for path in _below(os.path.join(root, folder), folder, 0):
            found.append(path)
            if len(found) >= _MOST_FILES:
                return sorted(found)
    return sorted(found)


def _below(place: str, relative: str, depth: int) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{relative}/{entry.name}"
        if entry.is_file(follow_symlinks=False):
            yield path
        elif depth < _DEEPEST and entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, path, depth + 1)


class _Kept(NamedTuple):
    stat: Stat
    value: object


class SiteFiles:
    """Reads files below a site's folder; what was made of one is kept until its stat changes."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def made(self, path: str, limit: int, make: Callable[[str], _T]) -> _T | None:
        """Return what `make` makes of the file's text; None for a file that is missing, too large or outside."""
        place = self._place(path)
        if place is None:
            return None
        try:
            status = os.stat(place)
            stat = (status.st_size, status.st_mtime_ns, status.st_ino)
            kept = self._kept.get(place)
            if kept is None or kept.stat != stat:
                if status.st_size > limit:
                    return None
                with open(place, "rb") as file:
                    text = file.read(limit + 1).decode().removeprefix("\ufeff").replace("\r\n", "\n")
                kept = _Kept(stat, make(text))
                with self._lock:
                    if len(self._kept) >= _MOST_FILES:
                        self._kept.clear()
                    self._kept[place] = kept
        except (OSError, ValueError):  # gone meanwhile, not readable, not UTF-8
            return None
        made: _T = kept.value  # type: ignore[assignment]  # a path is always asked for with the same `make`
        return made

    def _place(self, path: str) -> str | None:
        """Where a file really is, if that is a plain file within the site."""
        try:
            place = os.path.realpath(os.path.join(self._root, path))
            inside = os.path.commonpath((self._root, place)) == self._root
            return place if inside and os.path.isfile(place) else None
        except ValueError:  # a NUL in the path
            return None


class ValuesFolder(Mapping[str, object]):
    """`site.data`: a folder of data files, each read when it is first asked for."""

    def __init__(self, files: SiteFiles, paths: tuple[str, ...], prefix: str) -> None:
        self._files = files
        self._paths: dict[str, str] = {}
        below: dict[str, list[str]] = {}
        for path in paths:
            name, slash, _ = path[len(prefix) :].partition("/")
            stem, ending = os.path.splitext(name)
            if slash:
                below.setdefault(_key(name), []).append(path)
            elif ending in _ENDINGS:
                self._paths[_key(stem)] = path
        self._folders = {
            key: ValuesFolder(files, tuple(held), held[0][: held[0].index("/", len(prefix)) + 1])
            for key, held in below.items()
        }

    def __getitem__(self, key: str) -> object:
        if key in self._folders:
            return self._folders[key]
        path = self._paths[key]
        return self._files.made(path, _DATA_SIZE, _READERS[os.path.splitext(path)[1]])

    def __iter__(self) -> Iterator[str]:
        return iter([*self._paths, *self._folders])

    def __len__(self) -> int:
        return len(self._paths) + len(self._folders)


def _key(name: str) -> str:
    return _SPACES.sub("_", _NOT_IN_KEYS.sub("", name))


def _yaml(text: str) -> object:
    node = read_yaml(text, size_limit=_DATA_SIZE, node_limit=_DATA_VALUES)
    return None if node is None or isinstance(node, Fault) else ruby_value(node)


def _json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except RecursionError:
        return None
    return value if _is_shallow(value) else None


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(_DATA_DEPTH):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
        if not level:
            return True
    return False


def _table(text: str, delimiter: str) -> object:
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    rows = [row for row in rows if row]
    if not rows:
        return []
    width = len(rows[0])
    padded = ([cell or None for cell in row] + [None] * (width - len(row)) for row in rows[1:])
    return [dict(zip(rows[0], row, strict=False)) for row in padded]


_READERS: Mapping[str, Callable[[str], object]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _json,
    ".csv": lambda text: _table(text, ","),
    ".tsv": lambda text: _table(text, "\t"),
}
