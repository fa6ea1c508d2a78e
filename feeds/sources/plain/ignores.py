"""Ignore files, `.gitignore` and `.eleventyignore`: the simple patterns of git, the last one that fits decides."""

import fnmatch
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_MOST = 1000
_CACHED = 10_000


class _Rule(NamedTuple):
    parts: tuple[str, ...]  # as they stand between slashes; `**` is any number of folders
    kept: bool  # it began with `!`
    folders_only: bool


class Ignored:
    """Knows which paths of a site its ignore files name; paths are relative to the folder that they lie in."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._rules = tuple(rule for text in texts for rule in _rules(text))[:_MOST]
        self._folders: dict[str, bool] = {}

    def folder(self, path: str) -> bool:
        """Whether a folder, or one that it lies in, is ignored."""
        if not self._rules or not path:
            return False
        known = self._folders.get(path)
        if known is None:
            if len(self._folders) >= _CACHED:
                self._folders.clear()
            known = self.folder(path.rpartition("/")[0]) or self._named(path, is_folder=True)
            self._folders[path] = known
        return known

    def file(self, path: str) -> bool:
        """Whether a file, or a folder that it lies in, is ignored."""
        return bool(self._rules) and (self.folder(path.rpartition("/")[0]) or self._named(path, is_folder=False))

    def _named(self, path: str, *, is_folder: bool) -> bool:
        parts = path.split("/")
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and _fits(rule.parts, parts):
                return not rule.kept
        return False


def _rules(text: str) -> Iterable[_Rule]:
    for line in text.split("\n")[:_MOST]:
        written = line.strip()
        if not written or written[0] == "#":
            continue
        kept = written[0] == "!"
        written = written[1:] if kept else written
        folders_only = written.endswith("/")
        inner = written.removeprefix("./").strip("/")
        # A pattern with a slash that is not its last sign begins at the root, any other fits at every depth.
        anchored = "/" in written.rstrip("/")
        parts = [part for part in inner.split("/") if part]
        if parts and len(parts) <= 20 and parts.count("**") <= 2:
            yield _Rule(tuple(parts if anchored else ["**", *parts]), kept, folders_only)


def _fits(rule: Sequence[str], parts: Sequence[str]) -> bool:
    """Compare part by part, with the set of places in the rule that may be next."""
    places = _closed({0}, rule)
    for part in parts:
        following = set()
        for place in places:
            if place < len(rule):
                if rule[place] == "**":
                    following.add(place)
                elif fnmatch.fnmatchcase(part, rule[place]):
                    following.add(place + 1)
        places = _closed(following, rule)
        if not places:
            return False
    return len(rule) in places or (bool(rule) and rule[-1] == "**" and len(rule) - 1 in places)


def _closed(places: set[int], rule: Sequence[str]) -> set[int]:
    """Add the places behind each `**`, which may stand for no folder at all."""
    for place in sorted(places):
        while place < len(rule) and rule[place] == "**":
            place += 1
            places.add(place)
    return places
