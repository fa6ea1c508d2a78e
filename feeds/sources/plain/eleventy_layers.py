"""What lies under a post's front matter in Eleventy: the data files of its folders and its own."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.errors import ConfigurationError
from feeds.frontmatter import Fault, Node, Scalar
from feeds.sources.plain.files import text_of_file
from feeds.sources.plain.scripts import node_of_key, returned_template, without_comments
from feeds.structured import read_json

_ENDINGS = (".json", ".11tydata.json", ".11tydata.js", ".11tydata.cjs", ".11tydata.mjs")
_KEYS = (
    *("title", "tags", "permalink", "draft", "published", "lang", "language", "locale", "author", "authors", "date"),
    *("description", "summary", "excerpt", "image", "categories", "category", "updated", "pagination"),
    *("eleventyExcludeFromCollections", "templateEngineOverride"),
)
_OVERRIDE = "override:"
_MOST_FOLDERS = 10_000
_WATCHED = 100
_LARGEST = 100_000


class Layers:
    """The data files of one site, read once; keyed by folder, and by path without ending for a post's own."""

    def __init__(
        self, found: Mapping[str, Mapping[str, Node]], files: tuple[str, ...], folders: tuple[str, ...]
    ) -> None:
        self._found = found
        self.files = files  # those that were read
        self.folders = folders  # all that the walk entered

    def under(self, path: str) -> Mapping[str, Node]:
        """Return what lies under a file's front matter: that of its folders, the deepest above, and its own on top."""
        if not self._found:
            return {}
        values: Mapping[str, Node] = {}
        parts = path.split("/")
        for depth in range(len(parts)):
            layer = self._found.get("/".join(parts[:depth]) + "/")
            values = merged(values, layer) if layer else values
        own = self._found.get(path.rpartition(".")[0])
        return merged(values, own) if own else values

    def __repr__(self) -> str:
        return f"Layers({dict(self._found)!r})"


def merged(lower: Mapping[str, Node], upper: Mapping[str, Node]) -> Mapping[str, Node]:
    """Lay one layer on another: tags add up, all else is replaced; `override:tags` replaces them as well."""
    own = {key.removeprefix(_OVERRIDE): node for key, node in upper.items() if key.startswith(_OVERRIDE)}
    if not lower and not own:
        return upper
    values = {**lower, **upper, **own}
    if "tags" in lower and "tags" in upper and "tags" not in own:
        values["tags"] = [*_listed(lower["tags"]), *_listed(upper["tags"])]
    return values


def _listed(node: Node) -> list[Node]:
    if isinstance(node, list):
        return node
    return [] if isinstance(node, Scalar) and node.null else [node]


def read_layers(root: Path, folder: str, left_out: frozenset[str]) -> Layers:
    """Read the data files of the folders below the input folder. Raises ConfigurationError for broken JSON."""
    found: dict[str, Mapping[str, Node]] = {}
    files: list[str] = []
    folders: list[str] = []
    for path, names in _walk(root, folder, left_out):
        folders.append(path)
        own = path.rpartition("/")[2]
        stems = {own} if path else {own, os.path.basename(os.path.realpath(root))}
        posts = {name.rpartition(".")[0] for name in names if name.endswith((".md", ".html", ".markdown"))}
        for name in sorted(names):
            ending = next((ending for ending in reversed(_ENDINGS) if name.endswith(ending)), None)
            if ending is None:
                continue
            stem = name.removesuffix(ending)
            inner = f"{path}/{name}" if path else name
            if stem in stems or stem == "":
                key = f"{path}/"
            elif stem in posts:
                key = inner.removesuffix(ending)
            else:
                continue
            values = _read(root, inner)
            if key.endswith("/") or values:
                files.append(inner)
                found[key] = merged(found.get(key, {}), values)
        if posts and len(folders) <= _WATCHED:
            # A data file that comes later must be noticed as well.
            files += [f"{path}/{own}{ending}" for ending in _ENDINGS[:3] if path]
    files = list(dict.fromkeys(files))
    return Layers(found, tuple(files), tuple(folders))


def _walk(root: Path, folder: str, left_out: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    for count, (place, folders, names) in enumerate(os.walk(root / folder)):
        if count >= _MOST_FOLDERS:
            return
        inner = os.path.relpath(place, root).replace(os.sep, "/")
        inner = "" if inner == "." else inner
        below = f"{inner}/" if inner else ""
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name != "node_modules" and f"{below}{name}" not in left_out
        )
        yield inner, names


def _read(root: Path, name: str) -> Mapping[str, Node]:
    text = text_of_file(root, name, _LARGEST) or ""
    if not name.endswith(".json"):
        script = without_comments(text)
        found: dict[str, Node] = {key: node for key in _KEYS if (node := node_of_key(script, key)) is not None}
        if "permalink" not in found and "permalink" in script:
            # What is not simple becomes what cannot be read, so that each post says so.
            found["permalink"] = Scalar(returned_template(script, "permalink") or "{% JavaScript %}", False)
        return found
    values = read_json(text, size_limit=_LARGEST) if text.strip() else {}
    if isinstance(values, Fault):
        where = f", line {values.line}" if values.line is not None else ""
        raise ConfigurationError(f"{name}{where}: {values.reason}. Mend that line; Eleventy needs it as well.")
    return {key: node for key, node in values.items() if key in _KEYS}
