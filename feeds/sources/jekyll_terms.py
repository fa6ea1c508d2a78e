"""Categories and tags of a post, as Jekyll 4.3 gathers them from front matter (document.rb, utils.rb).

Two differences, on purpose: a value that YAML reads as a number, a date or a truth value stays the text that was
written (`no`, `1.10`, `0777`), where Jekyll ignores it or shows what Ruby makes of it; null and empty terms are none.
A map is no term either.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from core.text import one_line
from feeds.frontmatter import Node, Scalar

_WORD = re.compile(r"[^\0\t\n\v\f\r ]+")  # Ruby splits at these; not at the ideographic space


def category_texts(values: Mapping[str, Node], folders: Sequence[str]) -> list[str]:
    """Folders first, then `categories` (a string is split at white space), then `category` (a string is one)."""
    texts = [*folders, *_plural(values.get("categories")), *_singular(values.get("category"))]
    return list(dict.fromkeys(texts)) if len(texts) > 1 else texts


def tag_texts(values: Mapping[str, Node]) -> list[str]:
    """`tag` (a string is one), else `tags` (a string is split at white space)."""
    texts = _singular(values.get("tag")) or _plural(values.get("tags"))
    return list(dict.fromkeys(texts)) if len(texts) > 1 else texts


def tidy(text: str, limit: int) -> str:
    """Return `core.text.one_line` of the text, by a short way if there is nothing to do."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
        return text
    return one_line(text, limit)


def tidy_terms(texts: Iterable[str], *, count: int, length: int) -> tuple[tuple[str, ...], str | None]:
    """Return at most `count` different clean terms of at most `length` characters, and what had to be cut."""
    terms: dict[str, None] = {}
    shortened = dropped = 0
    for text in texts:
        term = tidy(text, length)
        if not term or term in terms:
            continue
        if len(terms) >= count:
            dropped += 1
            continue
        shortened += len(term) == length and len(text) > length
        terms[term] = None
    if not shortened and not dropped:
        return tuple(terms), None
    notes = [f"{dropped} past the first {count} are left out"] if dropped else []
    notes += [f"{shortened} cut to {length} characters"] if shortened else []
    return tuple(terms), " and ".join(notes)


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
