"""Which files of a Jekyll site are posts, and what their paths say of them."""

import fnmatch
import re
from collections.abc import Sequence
from typing import NamedTuple

from feeds.sources.jekyll_config import JekyllConfig

POST_EXTENSIONS = frozenset({".markdown", ".mkdown", ".mkdn", ".mkd", ".md", ".html", ".htm"})
# The last part of Jekyll's DATE_FILENAME_MATCHER.
_DATED = re.compile(r"([0-9]{2,4}-[0-9]{1,2}-[0-9]{1,2})-(.*)", re.DOTALL)
_SPECIAL = (".", "_", "#", "~")


class PostPath(NamedTuple):
    """What a path says. A tuple, as one is made for every post."""

    categories: tuple[str, ...]  # the folders above `_posts`
    draft: bool  # it lies in `_drafts`
    basename: str  # the file's name without extension
    extension: str  # with its dot
    date: str | None  # as in the name
    slug: str


class PostPaths:
    """Knows the posts of one site by their paths, which are relative to its root and use `/`."""

    def __init__(self, config: JekyllConfig, *, show_drafts: bool) -> None:
        self._folders = ("_posts", "_drafts") if show_drafts else ("_posts",)
        self._start = f"{config.collections_dir}/" if config.collections_dir else ""
        kept = set(config.include)
        patterns = [pattern.removeprefix("/") for pattern in config.exclude if pattern not in kept]
        self._excluded_starts = tuple(pattern for pattern in patterns if pattern)
        # Ruby's File.fnmatch without flags: `*` matches `/` as well, as Python's does.
        self._excluded = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns) or r"(?!)")
        self._categories: dict[str, tuple[str, ...]] = {}

    def is_post_path(self, path: str) -> bool:
        """Whether Jekyll would consider the file: where it lies, its extension, no editor's file, not excluded."""
        if not path.startswith(self._start):
            return False
        parts = path.split("/")
        place = next((i for i, part in enumerate(parts[:-1]) if part in self._folders), None)
        if place is None or not _has_post_extension(parts[-1]):
            return False
        below = parts[place + 1 :]
        if any(part.startswith(_SPECIAL) or part.endswith(("~", ".")) for part in parts[:place]):
            return False
        if below[0].startswith(_SPECIAL) or parts[-1].startswith(_SPECIAL) or any(p[:1] == "." for p in below):
            return False
        return not self._is_excluded(parts)

    def _is_excluded(self, parts: Sequence[str]) -> bool:
        whole = "/".join(parts)
        if whole.startswith(self._excluded_starts):
            return True
        return any(self._excluded.match("/".join(parts[:end])) for end in range(1, len(parts) + 1))

    def in_collections(self, path: str) -> str:
        """Return a path as it is below `collections_dir`."""
        return path.removeprefix(self._start)

    def parse(self, path: str) -> PostPath:
        """Take a path apart as Jekyll's Document does."""
        path = path.removeprefix(self._start)
        folder, _, name = path.rpartition("/")
        categories = self._categories.get(folder)
        if categories is None:
            if len(self._categories) > 10_000:
                self._categories.clear()
            categories = self._categories[folder] = _folders_above(path, name)
        basename, dot, extension = name.rpartition(".")
        match = _DATED.fullmatch(basename)
        slug = (match[2] if match else basename).rstrip(".")
        draft = "_posts" not in path
        return PostPath(categories, draft, basename, dot + extension, match[1] if match else None, slug)


def _folders_above(path: str, name: str) -> tuple[str, ...]:
    special = "_posts" if "_posts" in path else "_drafts"
    above = path.partition(special)[0]
    return tuple(dict.fromkeys(part for part in above.split("/") if part and part not in (special, name)))


def _has_post_extension(name: str) -> bool:
    _, dot, extension = name.rpartition(".")
    return dot + extension.lower() in POST_EXTENSIONS
