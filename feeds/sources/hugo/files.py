"""A Hugo site for the folder source: where its posts are, and what each file is."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, Protocol

from core.digest import digest
from feeds.model import Body, Quarantined, Reading
from feeds.sources.fields import UnreadableError, decode
from feeds.sources.hugo.config import HugoConfig
from feeds.sources.hugo.front import FrontMatterError, read_front
from feeds.sources.hugo.paths import CONTENT, HTML, ORG, ContentPath
from feeds.sources.hugo.reading import PageReader
from feeds.sources.hugo.tree import ContentTree
from feeds.sources.inside import read_inside
from feeds.yaml_text import Node

_ADAPTER = "_content.gotmpl"
_LONGEST_IGNORED = 500  # characters of a path that is looked at for `ignoreFiles`, so that no pattern takes long
_LARGEST_LINKED = 5_000_000  # bytes of a page that a link leads to
_ENDINGS = tuple(f".{extension}" for extension in sorted(CONTENT))


class ContentRenderer(Protocol):
    """Makes HTML of the text below the front matter."""

    def render(
        self,
        text: str,
        *,
        path: str,
        page: Mapping[str, Node],
        first_line: int,
        markup: Literal["markdown", "html"],
    ) -> Body:
        """Render a page's text; `first_line` is the line of the file on which it begins."""


class HugoFiles:
    """The files of one Hugo site. `outside` are folders of ours, relative to the root, that are no part of it."""

    def __init__(
        self,
        config: HugoConfig,
        tree: ContentTree,
        readers: Mapping[str, PageReader],
        renderer: Callable[[str], ContentRenderer],
        *,
        root: str,
        outside: Sequence[str],
        fingerprint: str,
    ) -> None:
        self._config = config
        self._tree = tree
        self._readers = readers
        self._renderer = renderer
        self._renderers: dict[str, ContentRenderer] = {}
        self._root = root
        self._outside = frozenset(outside)
        self._fingerprint = fingerprint
        self._sources = tuple(mount.source for mount in config.mounts)

    @property
    def fingerprint(self) -> str:
        """What every reading depends on."""
        return self._fingerprint

    def is_post_path(self, path: str) -> bool:
        """Tell whether Hugo would make a page of its own of a file."""
        folder, _, name = path.rpartition("/")
        if name == _ADAPTER:
            return self._tree.mount_of(folder) is not None
        if name[0] in ".#" or not name.lower().endswith(_ENDINGS):
            return False
        if self._config.ignored and self._is_ignored(path):
            return False
        parsed = self._tree.parse(path)
        if parsed is None:
            return False
        said = parsed[1].name
        if said.disabled or said.is_branch or (not said.is_leaf and self._tree.is_leaf(folder)):
            return False
        # The walk does not enter what lies below a bundle, but a single path may be asked for.
        return not self._tree.is_shadowed(folder, said) and not self._tree.is_within_leaf(folder)

    def enters(self, path: str) -> bool:
        """Tell whether Hugo would look for posts below a folder."""
        name = path.rpartition("/")[2]
        if path in self._outside or name[0] in ".#" or name[-1] == "~":
            return False
        if path in self._sources or any(source.startswith(f"{path}/") for source in self._sources):
            self._tree.refresh(path)
            return True
        if self._tree.mount_of(path) is None or (self._config.ignored and self._is_ignored(path)):
            return False
        self._tree.refresh(path)
        return not self._tree.is_leaf(path.rpartition("/")[0])

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Tell what a file is."""
        if path.rpartition("/")[2] == _ADAPTER:
            reason = "Feedbell does not run content adapters: the pages that this one makes are not read"
            return Quarantined(path=path, code="content-adapter", reason=reason, content_hash=digest(raw))
        found = self._find(path)
        if found is None:
            reason = "Hugo makes no page of it: it lies outside the content, or in a bundle"
            return Quarantined(path=path, code="no-page", reason=reason, content_hash=digest(raw))
        reader, content = found
        return reader.read(path, content, raw, modified, now)

    def body(self, path: str, raw: bytes) -> Body:
        """Return a post's text as Hugo makes it. Raises UnicodeDecodeError for bytes that `read` quarantines."""
        raw.decode()
        found = self._find(path)
        try:
            front = read_front(decode(raw))
            page = found[0].page(path, found[1], raw) if found else None
        except (FrontMatterError, UnreadableError):
            return Body(html="", text="")
        text = front.body.replace("\r\n", "\n") if "\r" in front.body else front.body
        extension = path.rpartition(".")[2].lower()
        if extension in ORG:
            # Imported here, as few sites have such posts.
            from feeds.body import plain_paragraphs

            return Body(html=plain_paragraphs(text), text=text)
        language = found[0].language_key if found else self._config.default.key
        renderer = self._renderers.get(language)
        if renderer is None:
            renderer = self._renderers[language] = self._renderer(language)
        markup: Literal["markdown", "html"] = "html" if extension in HTML else "markdown"
        values = page.values if page else front.values
        body = renderer.render(text, path=path, page=values, first_line=front.body_line, markup=markup)
        enclosures = found[0].enclosures(page) if found and page else ()
        return replace(body, enclosures=enclosures) if enclosures else body

    def url_of(self, path: str) -> str | None:
        """Return the path of a page's address from the site's base; None for a file that is no page."""
        found = self._find(path)
        if found is None or not self.is_post_path(path):
            return None
        raw = read_inside(os.path.realpath(self._root), path, _LARGEST_LINKED)
        if raw is None:
            return None
        try:
            modified = datetime.fromtimestamp(os.stat(os.path.join(self._root, path)).st_mtime, UTC)
            return found[0].url(found[0].page(path, found[1], raw), modified)
        except (OSError, UnreadableError):
            return None

    def _find(self, path: str) -> tuple[PageReader, ContentPath] | None:
        parsed = self._tree.parse(path)
        if parsed is None:
            return None
        mount, content = parsed
        reader = self._readers.get(content.name.language or mount.language or self._config.default.key)
        return None if reader is None else (reader, content)

    def _is_ignored(self, path: str) -> bool:
        full = f"{self._root}/{path}"
        return len(full) <= _LONGEST_IGNORED and any(pattern.search(full) for pattern in self._config.ignored)
