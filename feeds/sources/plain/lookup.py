"""Finding what front matter says by the names that generator and owner give to its keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from feeds.frontmatter import Node, Scalar
from feeds.model import Author
from feeds.sources.fields import read_author
from feeds.sources.site import FieldNames

_DEFAULT = FieldNames()
_LIMIT = 200


def names_of(own: FieldNames, generator: FieldNames, *, small: bool = False) -> FieldNames:
    """Return the generator's names with those that the owner set in their place; `small` puts them in small letters."""
    chosen = {}
    for field in fields(FieldNames):
        written: tuple[str, ...] = getattr(own, field.name)
        names = written if written != getattr(_DEFAULT, field.name) else getattr(generator, field.name)
        chosen[field.name] = tuple(map(str.lower, names)) if small else names
    return replace(own, **chosen)


def find(values: Mapping[str, Node], names: Sequence[str]) -> tuple[str, Node] | None:
    """Return the first of the keys that says something, with what it says; a dot leads into a map."""
    for name in names:
        node = values.get(name)
        if node is None and "." in name:
            node = _within(values, name)
        if node is not None and not (isinstance(node, Scalar) and (node.null or not node.text.strip())):
            return name, node
    return None


def find_text(values: Mapping[str, Node], names: Sequence[str]) -> str | None:
    """Return the first text under one of the keys."""
    for name in names:
        found = find(values, (name,))
        if found is not None and isinstance(found[1], Scalar):
            return found[1].text
    return None


def _within(values: Mapping[str, Node], name: str) -> Node | None:
    node: Node | None = dict(values)
    for part in name.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node


def texts(node: Node | None, cut: str) -> list[str]:
    """Return the texts of a list, or of one text that the first mark of `cut` in it parts; maps are no terms."""
    if isinstance(node, Scalar):
        if node.null:
            return []
        mark = next((mark for mark in cut if mark in node.text), None)
        return [part.strip() for part in node.text.split(mark)] if mark is not None else [node.text.strip()]
    if isinstance(node, list):
        return [item.text.strip() for item in node if isinstance(item, Scalar) and not item.null]
    return []


def authors(node: Node | None, cut: str) -> tuple[Author, ...]:
    """Read one author or a list of them; one text may name several, parted by a mark of `cut`."""
    return tuple(dict.fromkeys(_each_author(node, cut)))


def _each_author(node: Node | None, cut: str) -> Iterator[Author]:
    if isinstance(node, Scalar) and cut:
        nodes: list[Node] = [Scalar(text, False) for text in texts(node, cut) if text]
    else:
        nodes = node if isinstance(node, list) else [node] if node is not None else []
    for one in nodes[:_LIMIT]:
        author = read_author(one)
        if author is not None:
            yield author
