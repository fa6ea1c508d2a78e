"""The authors that a site keeps below `_data`, as jekyll-feed looks them up (feed.xml)."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from feeds.frontmatter import Fault, Node, Scalar
from feeds.model import Author
from feeds.sources.fields import read_author, text_of
from feeds.sources.jekyll.config import JekyllConfig
from feeds.structured import read_json
from feeds.yaml_text import read_yaml

# In Jekyll's order: a later file replaces what an earlier one said. A table (CSV) is a list, which has no names.
_ENDINGS = ("yaml", "yml", "json")
_SIZE_LIMIT = 1_000_000
_FILES_LIMIT = 2_000
_AUTHORS_LIMIT = 50  # of one post


def read_authors(root: Path, config: JekyllConfig) -> dict[str, Author]:
    """Return the authors by the names that posts use for them."""
    folder = root / (text_of(config.values, "data_dir") or "_data").strip("/")
    if not folder.resolve().is_relative_to(root.resolve()):
        return {}
    known: dict[str, Author] = {}
    for ending in _ENDINGS:
        node = _read(folder / f"authors.{ending}")
        if node is not None:
            known = dict(_entries(node))
    if (folder / "authors").is_dir():
        known = dict(_entries(_read_folder(folder / "authors")))
    return known


def authors_of(values: Mapping[str, Node], known: Mapping[str, Author]) -> tuple[Author, ...]:
    """Return a post's authors: `author`, else `authors`; a name may be that of a known author."""
    node = values.get("author")
    if node is None or node in ([], {}) or (isinstance(node, Scalar) and (node.null or not node.text)):
        node = values.get("authors")
    if node is None:
        return ()
    nodes = node if isinstance(node, list) else [node]
    found = (_author(item, known) for item in nodes[:_AUTHORS_LIMIT])
    return tuple(dict.fromkeys(author for author in found if author is not None))


def _author(node: Node, known: Mapping[str, Author]) -> Author | None:
    if known and isinstance(node, Scalar) and node.text in known:
        return known[node.text]
    return read_author(node)


def _entries(node: Mapping[str, Node]) -> Iterator[tuple[str, Author]]:
    for name, entry in node.items():
        author = read_author(entry)
        if author is None and isinstance(entry, dict):
            # jekyll-feed shows the map itself; the name in the posts says more.
            author = read_author({**entry, "name": Scalar(name, False)})
        if author is not None:
            yield name, author


def _read_folder(folder: Path) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for name in sorted(os.listdir(folder))[:_FILES_LIMIT]:
        stem, dot, ending = name.rpartition(".")
        node = _read(folder / name) if dot and ending in _ENDINGS else None
        if node is not None:
            entries[stem] = node
    return entries


def _read(path: Path) -> dict[str, Node] | None:
    """Return the map in a data file; None if there is no such file or it says nothing that we could use."""
    try:
        # A link may lead out of the site, and a file may be no file.
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _SIZE_LIMIT:
            return None
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    read = read_json if path.suffix == ".json" else read_yaml
    node = read(text, size_limit=_SIZE_LIMIT)
    return node if isinstance(node, dict) and not isinstance(node, Fault) else None
