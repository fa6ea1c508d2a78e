"""What a site's `defaults` say of its posts, as Jekyll 4.3 finds it (frontmatter_defaults.rb)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from feeds.frontmatter import Node, Scalar
from feeds.sources.jekyll.terms import category_texts

# Jekyll's older names of types. It gives drafts the type of posts, so sets for `drafts` are for nothing.
_OLD_TYPES = {"post": "posts", "page": "pages", "draft": "drafts"}
_BRACES = re.compile(r"\{([^{}]*)\}")
_CACHE_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultSet:
    """One item of `defaults`."""

    path: str  # as written; empty for the whole site
    kind: str | None  # `posts` or a collection's label; None for every type
    values: Mapping[str, Node]


class Defaults(NamedTuple):
    """What holds for a file."""

    values: Mapping[str, Node]
    categories: tuple[str, ...]  # those add to the post's own, whereas its other keys replace the defaults


_NONE = Defaults({}, ())


def read_default_sets(node: Node | None) -> tuple[DefaultSet, ...]:
    """Read `defaults`. As in Jekyll, an item without a map of `values` is passed over."""
    items = node if isinstance(node, list) else []
    return tuple(found for found in map(_read_set, items) if found is not None)


def _read_set(item: Node) -> DefaultSet | None:
    values = item.get("values") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(values, dict):
        return None
    scope = item.get("scope")
    path, kind = (scope.get("path"), scope.get("type")) if isinstance(scope, dict) else (None, None)
    if kind is not None and not isinstance(kind, Scalar):
        return None
    return DefaultSet(
        path=path.text if isinstance(path, Scalar) and not path.null else "",
        kind=_OLD_TYPES.get(kind.text, kind.text) if kind is not None else None,
        values=values,
    )


def merge(under: Mapping[str, Node], over: Mapping[str, Node]) -> dict[str, Node]:
    """Lay `over` on `under`: maps are merged, an empty value does not hide one, anything else is replaced."""
    merged = dict(under)
    for key, new in over.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            merged[key] = merge(old, new)
        elif old is None or not (isinstance(new, Scalar) and new.null):
            merged[key] = new
    return merged


class PostDefaults:
    """The defaults of one collection. Paths are relative to the site's root; `collections_dir` is empty for that."""

    def __init__(self, sets: Sequence[DefaultSet], *, kind: str = "posts", collections_dir: str = "") -> None:
        start = f"{collections_dir}/" if collections_dir else ""
        self._sets = tuple(found for found in sets if found.kind in (None, kind))
        self._scopes = [_Scope(found.path, start) for found in self._sets]
        self._folders: dict[str, tuple[tuple[bool, ...], bool]] = {}
        self._merged: dict[tuple[bool, ...], Defaults] = {}

    def find(self, path: str) -> Defaults:
        """Return what holds for the post at `path`."""
        if not self._sets:
            return _NONE
        folder = path[: path.rfind("/") + 1]
        known = self._folders.get(folder)
        if known is None:
            if len(self._folders) > _CACHE_LIMIT:
                self._folders.clear()
            known = self._folders[folder] = self._look_at(folder)
        applied, whole = known
        if not whole:
            pairs = zip(self._scopes, applied, strict=True)
            applied = tuple([applies or scope.names(path) for scope, applies in pairs])
        merged = self._merged.get(applied)
        if merged is None:
            merged = self._merged[applied] = self._merge(applied)
        return merged

    def _look_at(self, folder: str) -> tuple[tuple[bool, ...], bool]:
        """Which sets hold for every file of a folder, and whether no other can hold for some of them."""
        applied = tuple(scope.covers(folder) for scope in self._scopes)
        pairs = zip(self._scopes, applied, strict=True)
        return applied, all(applies or not scope.may_name_in(folder) for scope, applies in pairs)

    def _merge(self, applied: Sequence[bool]) -> Defaults:
        values: Mapping[str, Node] = {}
        last: DefaultSet | None = None
        for found, applies in zip(self._sets, applied, strict=True):
            if not applies:
                continue
            if last is None or _has_precedence(found, last):
                values, last = merge(values, found.values), found
            else:
                values = merge(found.values, values)
        categories = category_texts({"categories": values["categories"]}, ()) if "categories" in values else ()
        return Defaults(values, tuple(categories))


def _has_precedence(new: DefaultSet, old: DefaultSet) -> bool:
    new_length, old_length = len(new.path.removeprefix("/")), len(old.path.removeprefix("/"))
    if new_length != old_length:
        return new_length > old_length
    return new.kind is not None or old.kind is None


class _Scope:
    """A scope's path: the beginning of other paths, or with `*` a pattern of Ruby's Dir.glob.

    Ruby looks on the disk for what a pattern matches, and takes that for the beginning of paths. We compare the pattern
    with a post's folders and name. So `v?` is for `v1/_posts`, and for `v10/_posts` only in Jekyll and beside a `v1`.
    """

    def __init__(self, path: str, start: str) -> None:
        self._above = start.count("/")  # how many folders the collections lie below
        self._start = start + path.removeprefix(start)
        globs = [text.split("/") for text in _without_braces(path)] if "*" in path and path[0] != "/" else []
        self._globs = [[part.replace("[^", "[!") for part in parts if part not in ("", ".")] for parts in globs]
        self._for_files = not path.endswith("/")
        self._is_glob = "*" in path

    def covers(self, folder: str) -> bool:
        """Whether it is for every file of a folder, which ends in `/`."""
        if not self._is_glob:
            return folder.startswith(self._start)
        parts = folder.split("/")[:-1]
        ends = range(self._above + 1, len(parts) + 1)
        return any(_matches(glob, parts[:end]) for glob in self._globs for end in ends)

    def may_name_in(self, folder: str) -> bool:
        """Whether it can be for some files of a folder that it does not cover."""
        return self._for_files if self._is_glob else self._start.startswith(folder)

    def names(self, path: str) -> bool:
        """Whether it is for a file of a folder that it does not cover."""
        if not self._is_glob:
            return path.startswith(self._start)
        return self._for_files and any(_matches(glob, path.split("/")) for glob in self._globs)


def _matches(glob: Sequence[str], parts: Sequence[str]) -> bool:
    if not glob or not parts:
        return not glob and not parts
    first, rest = glob[0], glob[1:]
    hidden = parts[0][:1] == "." != first[:1]
    if first == "**" and rest:
        return _matches(rest, parts) or (not hidden and _matches(glob, parts[1:]))
    return not hidden and fnmatchcase(parts[0], first) and _matches(rest, parts[1:])


def _without_braces(pattern: str) -> list[str]:
    """Write `{a,b}` out, at most about a hundred times."""
    patterns = [pattern]
    while len(patterns) < 100 and any(map(_BRACES.search, patterns)):
        patterns = [
            text[: match.start()] + choice + text[match.end() :] if match else text
            for text in patterns
            for match in [_BRACES.search(text)]
            for choice in (match[1].split(",") if match else [""])
        ]
    return patterns
