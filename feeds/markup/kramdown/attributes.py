"""Attribute lists, `{: .class #id key="value" reference}`."""

import re

from feeds.markup.kramdown.nodes import SPACES, AttributeList

_W = "[A-Za-z0-9_]"
NAME = rf"{_W}[A-Za-z0-9_-]*"
# A closing brace may be escaped.
INSIDE = r"(?:\\\}|[^}])"
_S = r"[ \t\r\n\f\v]"
_ITEM = re.compile(
    rf"(?:\A|{_S})(?:({NAME})=(?:\"((?:\\\}}|\\\"|[^}}\"])*?)\"|'((?:\\\}}|\\'|[^}}'])*?)')"
    rf"|({NAME})|((?:#[A-Za-z][A-Za-z0-9_:-]*|\.[^ \t\r\n\f\v.#]+)+))(?={_S}|\Z)"
)
_ID_OR_CLASS = re.compile(r"#([A-Za-z][A-Za-z0-9_:-]*)|\.([^ \t\r\n\f\v.#]+)")
_MOST_REFERENCES = 20
_ESCAPED = re.compile(r"\\([}\"'])")


def read_attribute_list(text: str, into: AttributeList) -> None:
    """Add what the text between the braces says."""
    if text.strip(SPACES) in ("", ":"):
        return
    for key, double, single, reference, marks in _ITEM.findall(text):
        if reference:
            into.references.append(reference)
        elif key:
            into.attributes[key] = _ESCAPED.sub(r"\1", double or single)
        else:
            for name, css in _ID_OR_CLASS.findall(marks):
                if css:
                    _add_class(into.attributes, css)
                else:
                    into.attributes["id"] = name


def merge(into: AttributeList, other: AttributeList) -> None:
    """Add another list to one; classes add up, other attributes are replaced."""
    into.references += other.references
    _update(into.attributes, other.attributes)


def apply(attributes: dict[str, str], given: AttributeList | None, named: dict[str, AttributeList]) -> None:
    """Set a node's attributes from its list and from the lists that it refers to."""
    if given is not None:
        _apply(attributes, given, named, set())


def _apply(attributes: dict[str, str], given: AttributeList, named: dict[str, AttributeList], seen: set[str]) -> None:
    # A list may refer to itself, or to many that refer to many: each counts once, and a long chain ends.
    for reference in given.references:
        if reference in named and reference not in seen and len(seen) < _MOST_REFERENCES:
            seen.add(reference)
            _apply(attributes, named[reference], named, seen)
    _update(attributes, given.attributes)


def _update(attributes: dict[str, str], other: dict[str, str]) -> None:
    for key, value in other.items():
        if key == "class":
            _add_class(attributes, value)
        else:
            attributes[key] = value


def _add_class(attributes: dict[str, str], css: str) -> None:
    attributes["class"] = f"{attributes.get('class', '')} {css}".lstrip()
