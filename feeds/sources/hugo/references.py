"""The pages that a Hugo post refers to with `ref` and `relref`."""

import os
import posixpath
from collections.abc import Callable, Iterator

from feeds.sources.hugo.addresses import PageAddresses
from feeds.sources.hugo.paths import MARKDOWN, Mount
from feeds.sources.hugo.tree import ContentTree
from feeds.sources.hugo.urls import normal

_ENDINGS = (".md", ".markdown", ".mdown", ".html", ".htm")
_NAMES_LIMIT = 200_000


class References:
    """Looks up pages of one language by what Hugo's `ref` takes: a path or a name.

    `url_of` gives a file's path from the site's base.
    """

    def __init__(
        self, tree: ContentTree, addresses: PageAddresses, url_of: Callable[[str], str | None], language: str, root: str
    ) -> None:
        self._tree = tree
        self._addresses = addresses
        self._url_of = url_of
        self._language = language
        self._root = root
        self._known: dict[str, str | None] = {}
        self._indexed: tuple[dict[str, str], dict[str, str]] | None = None

    def resolve(self, reference: str, path: str) -> str | None:
        """Return the absolute URL of what a page at `path` refers to; None if there is no such page."""
        target, mark, fragment = reference.strip().partition("#")
        target = target.partition("?")[0]
        if not target:
            parsed = self._tree.parse(path)
            found = self._url_of(path) if parsed is not None else None
        else:
            found = self._find(target, path)
        if found is None:
            return None
        return self._addresses.absolute(found) + (f"#{fragment}" if mark else "")

    def _find(self, target: str, path: str) -> str | None:
        parsed = self._tree.parse(path)
        if parsed is None or "\0" in target:
            return None
        content = parsed[1]
        places = ["/"]
        if not target.startswith("/"):
            places = [content.folder or "/", content.container or "/", "/"]
        for place in dict.fromkeys(places):
            wanted = posixpath.normpath(posixpath.join(place, target))
            wanted = "/" + wanted.strip("/")
            if wanted not in self._known:
                if len(self._known) > 20_000:
                    self._known.clear()
                self._known[wanted] = self._at(wanted)
            if self._known[wanted] is not None:
                return self._known[wanted]
        return self._by_name(target) if "/" not in target.strip("/") else None

    def _at(self, wanted: str) -> str | None:
        """The page at a content path, with or without the ending of its file."""
        base = wanted
        folder, _, name = wanted.rpartition("/")
        parsed = self._tree.name(name)
        if parsed is not None:
            base = folder if parsed.is_leaf or parsed.is_branch else f"{folder}/{parsed.base}"
        for file in self._candidates(base):
            if (url := self._url_of(file)) is not None:
                return url
        if self._tree.branches(base).get(self._language) or (base.count("/") == 1 and self._folder_exists(base)):
            return self._addresses.section_link(base)
        if base in ("", "/"):
            return self._addresses.section_link("")
        # Hugo's paths are in small letters with hyphens, whatever the files' names are.
        found = self._index()[1].get("/" + normal(base.strip("/")))
        return self._url_of(found) if found else None

    def _candidates(self, base: str) -> Iterator[str]:
        """The files that could stand for a page, if they are there."""
        for mount in self._tree.mounts:
            if not base.startswith(mount.target) or mount.language not in (None, self._language):
                continue
            below = base[len(mount.target) :].strip("/")
            stem = f"{mount.source}/{below}".strip("/")
            suffixes = (f".{self._language}", "") if self._is_plain_language(mount) else (f".{self._language}",)
            for start in (stem, f"{stem}/index"):
                for suffix in suffixes:
                    for ending in _ENDINGS:
                        if os.path.isfile(f"{self._root}/{start}{suffix}{ending}"):
                            yield f"{start}{suffix}{ending}"

    def _is_plain_language(self, mount: Mount) -> bool:
        return (mount.language or self._tree.default_language) == self._language

    def _folder_exists(self, base: str) -> bool:
        return any(
            os.path.isdir(f"{self._root}/{mount.source}/{base[len(mount.target) :].strip('/')}")
            for mount in self._tree.mounts
            if base.startswith(mount.target)
        )

    def _by_name(self, target: str) -> str | None:
        """The only page of that name, wherever it is."""
        name = target.strip("/")
        parsed = self._tree.name(name)
        wanted = normal(parsed.base if parsed else name)
        file = self._index()[0].get(wanted)
        return self._url_of(file) if file else None

    def _index(self) -> tuple[dict[str, str], dict[str, str]]:
        if self._indexed is None:
            self._indexed = self._collect()
        return self._indexed

    def _collect(self) -> tuple[dict[str, str], dict[str, str]]:
        """Each page's name to its file, empty where two share it; and each page's path to its file."""
        names: dict[str, str] = {}
        paths: dict[str, str] = {}
        for folder, _, files in os.walk(self._root):
            relative = os.path.relpath(folder, self._root)
            relative = "" if relative == "." else relative
            if self._tree.mount_of(relative) is None:
                continue
            for file in files:
                if file.rpartition(".")[2].lower() not in MARKDOWN or len(names) > _NAMES_LIMIT:
                    continue
                path = f"{relative}/{file}".lstrip("/")
                parsed = self._tree.parse(path)
                if parsed is None or parsed[1].name.is_branch:
                    continue
                mount, content = parsed
                language = content.name.language or mount.language or self._tree.default_language
                if language == self._language:
                    key = normal(content.basename)
                    names[key] = "" if key in names else path
                    paths.setdefault(content.page_path.lower(), path)
        return names, paths
