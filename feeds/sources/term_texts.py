"""What a site says of its categories and tags itself: on pages of theirs, or in data files."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from feeds.frontmatter import Fault, Node, Scalar
from feeds.model import Taxonomy, TermText
from feeds.sources.fields import line_of
from feeds.sources.inside import read_inside

PAGE_LIMIT = 200_000  # bytes of one page or data file
_PAGES_LIMIT = 2_000  # of one folder
_LABELS = ("title", "label", "name")
_KEYS = ("slug", "id", "key", "category", "tag", "name", "title")

Texts = dict[tuple[Taxonomy, str], TermText]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTexts:
    """What was found, and the files and folders that say it, relative to the site's root."""

    texts: Mapping[tuple[Taxonomy, str], TermText] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def text_in(values: Mapping[str, Node], labels: Iterable[str] = _LABELS) -> TermText | None:
    """Read a map's name for people and description; None if it has neither."""
    label = next((text for key in labels if (text := line_of(values, key))), "")
    description = line_of(values, "description") or ""
    return TermText(label=label, description=description) if label or description else None


def texts_of_listing(node: Node | Fault | None) -> Iterator[tuple[str, TermText]]:
    """Read a data file: a list of maps that each name their term, or a map from terms to maps or to names."""
    if isinstance(node, list):
        for item in node:
            found = text_in(item) if isinstance(item, dict) else None
            if found is not None and isinstance(item, dict):
                yield from ((term, found) for key in _KEYS if (term := line_of(item, key)))
    elif isinstance(node, dict):
        for term, item in node.items():
            if isinstance(item, dict):
                found = text_in(item)
                if found is not None:
                    yield term, found
            elif isinstance(item, Scalar) and (label := line_of(node, term)):
                yield term, TermText(label=label)


def files_in(root: str, folder: str, endings: tuple[str, ...]) -> list[str]:
    """Return the files with these endings right in a folder of the site, relative to its root."""
    try:
        names = sorted(os.listdir(os.path.join(root, folder)))[:_PAGES_LIMIT]
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith(endings)]


def read_text(root: str, path: str) -> str | None:
    """Return a file's text; None if it is none that we could use."""
    raw = read_inside(root, path, PAGE_LIMIT)
    try:
        return raw.decode("utf-8-sig") if raw is not None else None
    except UnicodeDecodeError:
        return None
