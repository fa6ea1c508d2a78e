"""Which files of a Jekyll site are posts, and what their paths say of them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.entries import EntryFilter

_HTML = (".html", ".htm")
# The last part of Jekyll's DATE_FILENAME_MATCHER.
_DATED = re.compile(r"([0-9]{2,4}-[0-9]{1,2}-[0-9]{1,2})-(.*)", re.DOTALL)
# Jekyll takes any file for a post, and passes over what is not UTF-8 or, in YAML, has no text.
_NO_TEXT = frozenset(
    {
        *(".yml", ".yaml", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".bmp", ".ico", ".tif", ".tiff"),
        *(".pdf", ".zip", ".gz", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".rar", ".exe", ".jar", ".psd", ".sketch"),
        *(".mp3", ".mp4", ".m4a", ".m4v", ".ogg", ".oga", ".ogv", ".wav", ".flac", ".avi", ".mov", ".webm", ".mkv"),
        *(
            ".woff",
            ".woff2",
            ".ttf",
            ".otf",
            ".eot",
            ".doc",
            ".docx",
            ".xls",
            ".xlsx",
            ".ppt",
            ".pptx",
            ".odt",
            ".sqlite",
        ),
    }
)
_CACHE_LIMIT = 10_000
# A name that any folder of posts may hold, to ask whether the folder is one.
_ANY_POST = "2000-01-01-a.md"


class PostPath(NamedTuple):
    """What a path says. A tuple, as one is made for every post."""

    categories: tuple[str, ...]  # the folders above `_posts`
    draft: bool  # it lies in `_drafts`
    basename: str  # the file's name without extension
    extension: str  # with its dot
    date: str | None  # as in the name
    slug: str
    label: str = ""  # of its collection; empty for posts


class PostPaths:
    """Knows the posts of one site by their paths, which are relative to its root and use `/`."""

    def __init__(self, config: JekyllConfig, *, show_drafts: bool) -> None:
        self._folders = ("_posts", "_drafts") if show_drafts else ("_posts",)
        self._start = f"{config.collections_dir}/" if config.collections_dir else ""
        self._labels = {f"_{found.label}": found.label for found in config.collections}
        self._in_feeds = {f"_{found.label}" for found in config.collections if found.in_feeds}
        self._extensions = frozenset({*config.markdown_ext, *_HTML})
        self._filter = EntryFilter(config)
        self._categories: dict[str, tuple[str, ...]] = {}
        self._whole_folders: dict[str, bool | None] = {}
        self._usual_ends = tuple(self._extensions)

    def is_post_path(self, path: str) -> bool:
        """Whether Jekyll would consider the file: where it lies, its name, not excluded."""
        folder, _, name = path.rpartition("/")
        # Every file of a folder gets the same answer but for its name, and a folder may hold a million.
        try:
            all_are = self._whole_folders[folder]
        except KeyError:
            if len(self._whole_folders) > _CACHE_LIMIT:
                self._whole_folders.clear()
            minds = self._filter.minds_names_in(folder)
            all_are = self._whole_folders[folder] = None if minds else self._is_post_path(f"{folder}/{_ANY_POST}")
        if all_are is False:
            return False
        if all_are and name.lower().endswith(self._usual_ends) and name[0] not in "._#~":
            return True
        return self._is_post_path(path)

    def enters(self, folder: str) -> bool:
        """Whether there may be posts below a folder."""
        if self._start.startswith(f"{folder}/"):
            return True
        return any(
            self._is_post_path(f"{place}/{_ANY_POST}", whatever_name=True) for place in (folder, f"{folder}/_posts")
        )

    def in_collections(self, path: str) -> str:
        """Return a path as it is below `collections_dir`."""
        return path.removeprefix(self._start)

    def _is_post_path(self, path: str, *, whatever_name: bool = False) -> bool:
        if not path.startswith(self._start):
            return False
        parts = path.split("/")
        first = self._start.count("/")
        if parts[first] in self._labels and len(parts) > first + 1:
            return parts[first] in self._in_feeds and (whatever_name or self._is_document(parts[first:]))
        place = next((i for i, part in enumerate(parts[:-1]) if part in self._folders), None)
        if place is None or not self._is_post_name(parts[-1], parts[place]):
            return False
        if any(part[:1] == "." for part in parts[place + 1 :]):  # Dir.glob does not see it
            return False
        if not all(self._filter.passes_folder("/".join(parts[: i + 1]), parts[i]) for i in range(place)):
            return False
        return whatever_name or self._filter.passes_file(path, "/".join(parts[place + 1 :]))

    def has_place(self, path: str) -> bool:
        """Whether the file is a post, or a document of a collection that no feed shows."""
        parts = self.in_collections(path).split("/")
        return self.is_post_path(path) or (parts[0] in self._labels and len(parts) > 1 and self._is_document(parts))

    def _is_document(self, parts: Sequence[str]) -> bool:
        entry = "/".join(parts[1:])
        return self._is_text(parts[-1]) and self._filter.passes_file(f"{parts[0]}/{entry}", entry)

    def _is_post_name(self, name: str, folder: str) -> bool:
        stem, dot, extension = name.rpartition(".")
        if not dot or not extension:
            return False
        # A text without a date in its name is worth a word to its author; any other file is none of ours.
        if dot + extension.lower() in self._extensions:
            return True
        return self._is_text(name) and (folder == "_drafts" or _DATED.fullmatch(stem) is not None)

    def _is_text(self, name: str) -> bool:
        _, dot, extension = name.rpartition(".")
        return bool(dot) and dot + extension.lower() not in _NO_TEXT

    def parse(self, path: str) -> PostPath:
        """Take a path apart as Jekyll's Document does."""
        path = path.removeprefix(self._start)
        folder, _, name = path.rpartition("/")
        basename, dot, extension = name.rpartition(".")
        match = _DATED.fullmatch(basename)
        slug = (match[2] if match else basename).rstrip(".")
        date = match[1] if match else None
        if self._labels and (label := self._labels.get(path.partition("/")[0])) is not None:
            return PostPath((), False, basename, dot + extension, date, slug, label)
        categories = self._categories.get(folder)
        if categories is None:
            if len(self._categories) > _CACHE_LIMIT:
                self._categories.clear()
            categories = self._categories[folder] = _folders_above(path, name)
        return PostPath(categories, "_posts" not in path, basename, dot + extension, date, slug)


def _folders_above(path: str, name: str) -> tuple[str, ...]:
    special = "_posts" if "_posts" in path else "_drafts"
    above = path.partition(special)[0]
    return tuple(dict.fromkeys(part for part in above.split("/") if part and part not in (special, name)))
