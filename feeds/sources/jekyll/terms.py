"""Categories and tags of a post, as Jekyll 4.3 gathers them from front matter (document.rb, utils.rb).

Two differences, on purpose: a value that YAML reads as a number, a date or a truth value stays the text that was
written (`no`, `1.10`, `0777`), where Jekyll ignores it or shows what Ruby makes of it; null and empty terms are none.
A map is no term either. Addresses are Jekyll's all the same: `address_texts` gives what Ruby makes of the categories.
"""

import re
from collections.abc import Mapping, Sequence

from feeds.frontmatter import Node, Scalar
from feeds.sources.jekyll.liquid.psych import ruby_value

_WORD = re.compile(r"[^\0\t\n\v\f\r ]+")  # Ruby splits at these; not at the ideographic space


def category_texts(values: Mapping[str, Node], folders: Sequence[str]) -> list[str]:
    """Folders first, then `categories` (a string is split at white space), then `category` (a string is one)."""
    texts = [*folders, *_plural(values.get("categories")), *_singular(values.get("category"))]
    return list(dict.fromkeys(texts)) if len(texts) > 1 else texts


def address_texts(values: Mapping[str, Node], folders: Sequence[str], texts: Sequence[str]) -> Sequence[str]:
    """Return the categories as they stand in Jekyll's addresses; `texts` are those of `category_texts`."""
    plural, singular = values.get("categories"), values.get("category")
    if not (_may_be_typed(plural) or _may_be_typed(singular)):
        return texts
    found = _plural(plural) if isinstance(plural, Scalar) and isinstance(ruby_value(plural), str) else []
    typed = [] if isinstance(plural, Scalar) else _typed(plural)
    if not (isinstance(singular, Scalar) and ruby_value(singular) is False):
        typed += _typed(singular)
    return list(dict.fromkeys((*folders, *found, *map(_ruby_text, typed))))


def _may_be_typed(node: Node | None) -> bool:
    """Whether YAML may read something in a node as anything but text; cheap, and sometimes wrong."""
    if isinstance(node, Scalar):
        return node.plain and not (node.text[:1].isalpha() and len(node.text) > 5)
    return isinstance(node, list) and any(map(_may_be_typed, node))


def _typed(node: Node | None) -> list[object]:
    if node is None:
        return []
    nodes: Sequence[Node] = node if isinstance(node, list) else [node]
    found = [value for one in nodes for value in (_typed(one) if isinstance(one, list) else [ruby_value(one)])]
    return [value for value in found if value is not None and not isinstance(value, dict)]


def _ruby_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def tag_texts(values: Mapping[str, Node]) -> list[str]:
    """`tag` (a string is one), else `tags` (a string is split at white space)."""
    texts = _singular(values.get("tag")) or _plural(values.get("tags"))
    return list(dict.fromkeys(texts)) if len(texts) > 1 else texts


def _plural(node: Node | None) -> list[str]:
    if not isinstance(node, Scalar):
        return _flat(node)
    text = node.text
    if node.null:
        return []
    return [text] if text.isprintable() and " " not in text and text else _WORD.findall(text)


def _singular(node: Node | None) -> list[str]:
    if not isinstance(node, Scalar):
        return _flat(node)
    return [] if node.null or not node.text.strip() else [node.text]


def _flat(node: Node | None) -> list[str]:
    texts: list[str] = []
    waiting: list[Node] = [node] if node is not None else []
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        elif isinstance(item, Scalar) and not item.null and item.text.strip():
            texts.append(item.text)
    return texts
