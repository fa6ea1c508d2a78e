"""Lists of words in a site's configuration."""

from feeds.yaml_text import Node, Scalar


def texts(node: Node | None) -> tuple[str, ...]:
    """Return a value, or the values of a list, as they are written; empty ones and maps are left out."""
    items = node if isinstance(node, list) else [node]
    return tuple(item.text for item in items if isinstance(item, Scalar) and item.text and not item.null)
