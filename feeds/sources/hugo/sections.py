"""The sections of one language: what they hand down, and what they are called in addresses."""

from collections.abc import Mapping, Sequence

from feeds.sources.hugo.cascade import Cascade, handed_down, read_cascades
from feeds.sources.hugo.config import HugoLanguage
from feeds.sources.hugo.paths import ContentPath
from feeds.sources.hugo.tree import ContentTree
from feeds.sources.hugo.urls import normal
from feeds.sources.hugo.values import text_of
from feeds.yaml_text import Node

_CACHE_LIMIT = 50_000  # folders


class Sections:
    """Folders of the content are as written, with a slash before them; the content's root is empty."""

    def __init__(self, tree: ContentTree, language: HugoLanguage) -> None:
        self._tree = tree
        self._language = language
        self._cascades: dict[str, tuple[Cascade, ...]] = {}
        self._paths: dict[str, str] = {}

    def cascades(self, folder: str) -> tuple[Cascade, ...]:
        """Return what the sections from this folder upwards hand down, the nearest first, then the site."""
        known = self._cascades.get(folder)
        if known is None:
            branch = self._tree.branches(folder).get(self._language.key)
            own = read_cascades(branch.values.get("cascade")) if branch else ()
            above = self.cascades(folder.rpartition("/")[0]) if folder else self._language.cascades
            if len(self._cascades) >= _CACHE_LIMIT:
                self._cascades.clear()
            known = self._cascades[folder] = (*own, *above)
        return known

    def path(self, folder: str) -> str:
        """Return a folder as it stands in addresses: each section with a slug has that in the place of its name."""
        known = self._paths.get(folder)
        if known is None:
            above, _, name = folder.rpartition("/")
            if folder:
                slug = text_of(self._values(folder).get("slug")).strip("-")
                known = f"{self.path(above)}/{slug or (normal(name) if self._language.style.lower else name)}"
            else:
                known = ""
            if len(self._paths) >= _CACHE_LIMIT:
                self._paths.clear()
            self._paths[folder] = known
        return known

    def of(self, content: ContentPath) -> str:
        """Return the path of the section that a page stands in, as `:sections` has it."""
        return normal(self._tree.section_of(content)) or "/"

    def names(self, content: ContentPath) -> Sequence[str]:
        """Return the slug, else the title, of each section down to a page; else its folder's name."""
        folder = self._tree.section_of(content)
        names: list[str] = []
        while folder:
            if self._tree.is_section(folder):
                values = self._values(folder)
                slug = text_of(values.get("slug")).strip("-")
                names.append(slug or text_of(values.get("title")) or folder.rpartition("/")[2])
            folder = folder.rpartition("/")[0]
        return names[::-1]

    def url(self, folder: str) -> str:
        """Return what a section's page says of its own address; empty for nothing."""
        return text_of(self._values(folder).get("url"))

    def _values(self, folder: str) -> Mapping[str, Node]:
        branch = self._tree.branches(folder).get(self._language.key)
        # The first level is a section even without a file, and takes what is handed down.
        if branch is None and folder.count("/") != 1:
            return {}
        own = branch.values if branch else {}
        return handed_down(own, self.cascades(folder), normal(folder), self._language.key, kind="section")
