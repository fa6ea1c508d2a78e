"""Values of Hugo's configuration and front matter, converted as Go's `cast` converts them."""

from collections.abc import Mapping

from feeds.yaml_text import Node, Scalar

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def is_true(node: Node | None) -> bool:
    """Whether a value counts as true: `yes` and `on` do not, they are text."""
    if not isinstance(node, Scalar):
        return False
    return node.text in _TRUE or (node.plain and node.text.lstrip("+-").isdecimal() and node.text.strip("+-0") != "")


def is_bool(node: Node | None) -> bool:
    """Whether a value says true or false at all."""
    return isinstance(node, Scalar) and (node.text in _TRUE or node.text in _FALSE)


def text_of(node: Node | None) -> str:
    """Return a value's text as it was written; empty for nothing, a list or a map."""
    return node.text if isinstance(node, Scalar) and not node.null else ""


def texts_of(node: Node | None) -> list[str]:
    """Return the texts of a list, or of a single value; empty ones and maps are left out."""
    if isinstance(node, Scalar):
        return [node.text] if node.text and not node.null else []
    if isinstance(node, list):
        return [item.text for item in node if isinstance(item, Scalar) and item.text and not item.null]
    return []


def table_of(node: Node | None) -> Mapping[str, Node]:
    """Return a map; an empty one for anything else."""
    return node if isinstance(node, dict) else {}


def number_of(node: Node | None, default: int) -> int:
    """Return a whole number; the default for anything else."""
    text = text_of(node)
    return int(text) if text.lstrip("-").isdecimal() and text.isascii() and len(text) < 10 else default
