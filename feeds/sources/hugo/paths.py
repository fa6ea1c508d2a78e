"""The paths of a Hugo site's content: which language a file is in, and which page it stands for."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from feeds.sources.hugo.globs import glob_matches
from feeds.sources.hugo.urls import normal

MARKDOWN = frozenset({"md", "mdown", "markdown"})
HTML = frozenset({"html", "htm"})
ORG = frozenset({"org"})
FOREIGN = frozenset({"adoc", "ad", "asciidoc", "rst", "pandoc", "pdc"})
CONTENT = MARKDOWN | HTML | ORG | FOREIGN
_WRAPPER = re.compile(r"_language_(.+)_", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A folder of the site that holds content."""

    source: str  # relative to the root, without slashes around it; empty for the root
    target: str  # below the content's root: empty, or `/sub`
    language: str | None  # None: the default one, unless the file's name says another
    files: tuple[str, ...] = ()  # patterns; one with `! ` before it keeps files out

    def content_path(self, path: str) -> str | None:
        """Return where a path of the site stands in the content, with a slash before it, or None."""
        if not self.source:
            return f"{self.target}/{path}"
        if path == self.source:
            return self.target or "/"
        return self.target + path[len(self.source) :] if path.startswith(f"{self.source}/") else None

    def takes(self, content_path: str) -> bool:
        """Whether the patterns let a file in, and every folder above it."""
        if not self.files:
            return True
        below = content_path[len(self.target) :]
        folders = [below[:index] for index, character in enumerate(below) if character == "/" and index]
        return self._lets_in(below, is_folder=False) and all(self._lets_in(each, is_folder=True) for each in folders)

    def _lets_in(self, below: str, *, is_folder: bool) -> bool:
        some_wanted = False
        for written in self.files:
            pattern = "/" + written.removeprefix("! ").removeprefix("/")
            if written.startswith("! "):
                if glob_matches(pattern, below):
                    return False
                continue
            some_wanted = True
            above = [pattern[:index] for index, character in enumerate(pattern) if character == "/" and index]
            if glob_matches(pattern, below) or (is_folder and any(glob_matches(each, below) for each in above)):
                return True
        return not some_wanted


@dataclass(frozen=True, slots=True)
class ContentName:
    """A file's name, taken apart."""

    base: str  # without its language and extension, as Hugo compares it: in lower case, with hyphens
    written: str  # likewise, as written; a language in capitals is a part of it
    extension: str
    language: str | None  # what the name says
    disabled: bool = False  # it says a language that the site does not build

    @property
    def is_leaf(self) -> bool:
        return self.base == "index"

    @property
    def is_branch(self) -> bool:
        return self.base == "_index"


@dataclass(frozen=True, slots=True)
class ContentPath:
    """A content file, as Hugo names it."""

    folder: str  # as written, from the content's root: empty, or with a slash before it
    name: ContentName

    @property
    def is_bundle(self) -> bool:
        return self.name.is_leaf or self.name.is_branch

    @property
    def page_path(self) -> str:
        """The path of the page, as Hugo compares it, with a slash before it."""
        folder = normal(self.folder)
        return (folder if self.is_bundle else f"{folder}/{self.name.base}") or "/"

    @property
    def container(self) -> str:
        """The folder that the page stands in: for a bundle, the one above its own."""
        return self.folder.rpartition("/")[0] if self.is_bundle else self.folder

    @property
    def basename(self) -> str:
        """The name of the page, as written: a bundle's folder, else the file's without language and extension."""
        return self.folder.rpartition("/")[2] if self.is_bundle else self.name.written

    @property
    def normal_basename(self) -> str:
        """The name of the page, as Hugo compares it."""
        return normal(self.folder.rpartition("/")[2]) if self.is_bundle else self.name.base

    @property
    def section(self) -> str:
        """The first folder, as written; empty for what stands in the content's root."""
        first, _, rest = self.folder[1:].partition("/")
        return "" if self.name.is_leaf and not rest else first


def parse_name(name: str, languages: Collection[str], disabled: Collection[str]) -> ContentName | None:
    """Take a file's name apart; None for what is no content. Languages are known in lower case."""
    if "." not in name or name.rpartition(".")[2].lower() not in CONTENT:
        return None
    compared = normal(name)
    base, language, is_disabled = _parts(compared, languages, disabled)
    written = base if compared == name else _parts(name, languages, disabled)[0]
    return ContentName(base, written, compared.rpartition(".")[2], language, is_disabled)


def _parts(name: str, languages: Collection[str], disabled: Collection[str]) -> tuple[str, str | None, bool]:
    """The name without what it says of language and kind, that language, and whether it is one that is not built."""
    parts = name.split(".")
    end = len(parts) - 1
    language: str | None = None
    is_disabled = False
    for index in range(len(parts) - 2, -1, -1):
        said = parts[index]
        is_wrapped = len(said) > 2 and said[0] == said[-1] == "_"
        wrapped = _WRAPPER.fullmatch(said) if is_wrapped else None
        key = wrapped[1].lower() if wrapped else said
        is_language = (wrapped is not None or (language is None and len(parts) > 2)) and (
            key in languages or key in disabled
        )
        if is_language:
            language = key
            is_disabled = is_disabled or key not in languages
        # What stands at the very beginning is the file's name as well.
        if (is_language or is_wrapped) and index:
            end = index
    return ".".join(parts[:end]), language, is_disabled
