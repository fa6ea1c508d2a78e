"""What Hugo makes of a site's folders: which are bundles, which are sections, and what their pages hand down."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feeds.sources.hugo.front import FrontMatterError, read_front
from feeds.sources.hugo.paths import ContentName, ContentPath, Mount, parse_name
from feeds.sources.hugo.urls import normal
from feeds.sources.inside import read_inside
from feeds.yaml_text import Node

_FOLDERS_LIMIT = 20_000  # that are looked at when a site is opened; the others when a post of theirs is read
_FRESH_FOR = 2.0  # seconds
_BRANCH_BYTES = 1_000_000


@dataclass(slots=True)
class _Listing:
    """What the names in one folder say, and when that was known."""

    stamp: tuple[int, int]
    checked: float
    leaf: bool
    shadowed: frozenset[str]  # bases of files without a language, where another says it
    branches: tuple[str, ...]  # `_index.md`, `_index.de.md`
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """What an `_index` file says."""

    path: str  # of the file, relative to the site's root
    values: Mapping[str, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """The languages of a site, as far as file names are concerned."""

    names: frozenset[str]
    disabled: frozenset[str]
    default: str


@dataclass(slots=True)
class _Section:
    """The `_index` files of one folder of the content, by language."""

    branches: dict[str, Branch] = field(default_factory=dict)


class ContentTree:
    """The folders of one site's content. Leaf bundles are looked up when asked for, sections when it is opened."""

    def __init__(self, root: str, mounts: Sequence[Mount], languages: Languages, outside: Sequence[str] = ()) -> None:
        self._root = root
        self._mounts = mounts
        self._languages = languages
        self._outside = frozenset(outside)
        self._listings: dict[str, _Listing | None] = {}
        self._sections: dict[str, _Section] = {}
        self.folders: list[str] = []  # below which posts may lie, as far as they were looked at
        self._late: set[str] = set()
        self._places: dict[str, tuple[Mount, str] | None] = {}
        self._real_root = os.path.realpath(root)
        self._open()

    @property
    def mounts(self) -> Sequence[Mount]:
        return self._mounts

    @property
    def default_language(self) -> str:
        return self._languages.default

    def parse(self, path: str) -> tuple[Mount, ContentPath] | None:
        """Return where a file of the site stands in the content; None for what is none."""
        folder, _, file = path.rpartition("/")
        place = self._place(folder)
        name = self.name(file) if place is not None else None
        if place is None or name is None:
            return None
        mount, content = place
        return (mount, ContentPath(content, name)) if not mount.files or mount.takes(f"{content}/{file}") else None

    def _place(self, folder: str) -> tuple[Mount, str] | None:
        """The mount of a folder, and the folder of the content that it is."""
        if folder not in self._places:
            if len(self._places) > 100_000:
                self._places.clear()
            mount = self.mount_of(folder)
            content = mount.content_path(folder) if mount is not None else None
            self._places[folder] = (mount, content.rstrip("/")) if mount is not None and content is not None else None
        return self._places[folder]

    def name(self, file: str) -> ContentName | None:
        """Take a file's name apart with this site's languages."""
        return parse_name(file, self._languages.names, self._languages.disabled)

    def mount_of(self, folder: str) -> Mount | None:
        """Return the mount that a folder of the site belongs to."""
        return next((mount for mount in self._mounts if mount.content_path(folder) is not None), None)

    def is_leaf(self, folder: str) -> bool:
        """Whether a folder, relative to the site's root, holds an `index` file; in another language counts as well."""
        if len(self._mounts) == 1:
            listing = self._listing(folder)
            return listing is not None and listing.leaf
        return any(listing is not None and listing.leaf for listing in map(self._listing, self._twins(folder)))

    def is_shadowed(self, folder: str, name: ContentName) -> bool:
        """Whether another file in the folder says the same page and language by name, which comes before none said."""
        listing = self._listing(folder)
        return listing is not None and name.language is None and name.base in listing.shadowed

    def is_within_leaf(self, folder: str) -> bool:
        """Whether a folder above is a leaf bundle, so that everything here belongs to it."""
        place = self._place(folder)
        while place is not None and folder not in (place[0].source, ""):
            folder = folder.rpartition("/")[0]
            if self.is_leaf(folder):
                return True
        return False

    def is_section(self, folder: str) -> bool:
        """Whether a folder of the content is a section: the first level always is, the others with an `_index`."""
        return folder.count("/") <= 1 or bool(self.branches(folder))

    def section_of(self, content: ContentPath) -> str:
        """Return the folder, as written, of the section that a page stands in; empty for the home page."""
        folder = content.container
        while folder and not self.is_section(folder):
            folder = folder.rpartition("/")[0]
        return folder

    def branches(self, folder: str) -> Mapping[str, Branch]:
        """Return the `_index` pages of a folder of the content, by language."""
        section = self._sections.get(normal(folder))
        if section is None and normal(folder) not in self._late and len(self._late) < _FOLDERS_LIMIT:
            self._late.add(normal(folder))
            for mount in self._mounts:
                if folder.startswith(mount.target):
                    self._note(mount, (mount.source + folder[len(mount.target) :]).strip("/"))
            section = self._sections.get(normal(folder))
        return section.branches if section else {}

    def all_branches(self) -> Iterator[Branch]:
        """Yield every `_index` page that is known, in the order of their paths."""
        for key in sorted(self._sections):
            yield from (branch for _, branch in sorted(self._sections[key].branches.items()))

    def refresh(self, folder: str) -> None:
        """Look at a folder of the site again."""
        listing = self._listings.get(folder)
        if listing is not None:
            listing.checked = float("-inf")

    def _twins(self, folder: str) -> Iterator[str]:
        """The folder, and those that other mounts put in the same place."""
        yield folder
        own = self.mount_of(folder)
        if own is None or len(self._mounts) == 1:
            return
        content = (own.content_path(folder) or "").rstrip("/")
        for mount in self._mounts:
            if mount is not own and f"{content}/".startswith(f"{mount.target}/"):
                yield (mount.source + content[len(mount.target) :]).strip("/")

    def _open(self) -> None:
        waiting = [mount.source for mount in reversed(self._mounts)]
        seen: set[str] = set()
        while waiting and len(seen) < _FOLDERS_LIMIT:
            folder = waiting.pop()
            if folder in seen or folder in self._outside:
                continue
            seen.add(folder)
            listing = self._listing(folder)
            mount = self.mount_of(folder)
            if listing is None or mount is None:
                continue
            self._note(mount, folder)
            if not listing.leaf:
                self.folders.append(folder)
                waiting += [f"{folder}/{name}".lstrip("/") for name in reversed(listing.folders)]

    def _note(self, mount: Mount, folder: str) -> None:
        listing = self._listing(folder)
        content = mount.content_path(folder)
        if listing is None or content is None or not listing.branches:
            return
        section = self._sections.setdefault(normal(content.rstrip("/")), _Section())
        for file in listing.branches:
            name = self.name(file)
            if name is not None and not name.disabled:
                language = name.language or mount.language or self._languages.default
                branch = self._read_branch(f"{folder}/{file}".lstrip("/"))
                section.branches.setdefault(language, branch)

    def _read_branch(self, path: str) -> Branch:
        raw = read_inside(self._real_root, path, _BRANCH_BYTES)
        try:
            return Branch(path, read_front(raw.decode("utf-8-sig")).values if raw is not None else {})
        except (UnicodeDecodeError, FrontMatterError):
            return Branch(path, {})  # Hugo would not build this site; its posts are still readable

    def _listing(self, folder: str) -> _Listing | None:
        now = time.monotonic()
        known = self._listings.get(folder)
        if known is not None and now - known.checked < _FRESH_FOR:
            return known
        full = os.path.join(self._root, folder) if folder else self._root
        try:
            found = os.stat(full)
            stamp = (found.st_mtime_ns, found.st_ino)
            # A folder that changed within the clock's grain may change again unseen.
            if known is not None and known.stamp == stamp and time.time_ns() - stamp[0] > 2_000_000_000:
                known.checked = now
                return known
            listing = self._list(folder, full, stamp, now)
        except OSError:
            self._listings.pop(folder, None)
            return None
        self._listings[folder] = listing
        return listing

    def _list(self, folder: str, full: str, stamp: tuple[int, int], now: float) -> _Listing:
        mount = self.mount_of(folder)
        plain = mount.language if mount is not None and mount.language else self._languages.default
        mark = f".{plain}."
        leaf = False
        shadowed: set[str] = set()
        branches: list[str] = []
        folders: list[str] = []
        with os.scandir(full) as entries:
            for entry in entries:
                file = entry.name
                if file[0] in ".#" or file[-1] == "~":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(file)
                    continue
                lower = file.lower()
                if lower.startswith(("index.", "_index.")) or mark in lower:
                    name = self.name(file)
                    if name is None or name.disabled or not entry.is_file():
                        continue
                    leaf = leaf or name.is_leaf
                    if name.is_branch:
                        branches.append(file)
                    if name.language == plain:
                        shadowed.add(name.base)
        return _Listing(stamp, now, leaf, frozenset(shadowed), tuple(sorted(branches)), tuple(sorted(folders)))
